"""Copy that was written ahead: what a generator serves at once."""

from __future__ import annotations

from typing import Final

from streams.records.base import Count, Id, Ms, Name, Names, Record, Share, Text
from streams.records.requests import CopyText

JUDGED: Final = "judged"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
"""Status of an entry, the last two by a person."""


class CopySource(Record):
    """Words of the copy that stand in its brief or row, and as what: title | noun | brand | price | saving |
    fact | cta | text. Of `text`, a sentence of the row's own: its characters in the row's text without
    markup, from `start` to before `end`."""

    kind: Name
    text: Text
    start: Count | None = None
    end: Count | None = None


class CopyBasis(Record):
    """What an entry stands on: digests of what copy may take from the row and from the campaign and of the
    rule packs, name and version of the model. When one is another, the entry is retired."""

    row: Name
    campaign: Name
    rules: Name
    model: Name


class CopyRecipe(Record):
    """How it was made: the best of `drafts`, in the how-manieth `round` of trying, by a judge and its bar."""

    drafts: Count
    round: Count
    judge: Name
    bar: Share


class CopyEntry(Record):
    """One copy of the pool, under the key `campaign|item|slot|locale|style|number`. status: judged |
    approved | rejected, the last two by a person. `copy_id` = "cp_" + 16 hex digits."""

    campaign_id: Id
    item_id: Id
    slot: Name
    locale: Name
    style: Name
    number: Count
    copy_id: Id
    copy: CopyText
    status: Name
    written: Ms
    expires: Ms
    model: Name  # NAME/VERSION
    model_hash: Name  # as creatives name it
    basis: CopyBasis
    recipe: CopyRecipe
    score: Share  # the judge's
    review: Names = []  # codes of what review found and let pass
    sources: list[CopySource] = []
    by: Name | None = None  # who approved or rejected it
    decided: Ms | None = None

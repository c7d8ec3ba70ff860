"""What an entry of the pool stands on, as digests: what copy may take from the row and from the campaign, the
rule packs, the model. An entry whose digests are not those of now is neither served nor kept."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from xxhash import xxh3_64_hexdigest

from agents.creatives.briefs import brief_without_user
from models.brief.brief import Brief
from models.campaigns import Campaign
from models.item import Item
from models.meaning.weights import WEIGHTS_FILE
from streams import records as r
from streams.records.copies import APPROVED
from streams.wire.ids import hash64

_WORDS: Final = ("models.rules", "models.attributes", "models.judge", "models.text", "models.text.said")
_CHECKS: Final = "models.judge.checks"
_NO_ITEM: Final = Item("", "", "", "")
_NO_CAMPAIGN: Final = Campaign("", 0, "", "")


class Bases:
    """What entries would stand on if they were written now. Digests are kept until row or campaign change."""

    def __init__(self, rules: str | None = None) -> None:
        self._rules = rules_digest() if rules is None else rules
        self._rows: dict[str, tuple[Item, str]] = {}
        self._campaigns: dict[str, tuple[Campaign, str]] = {}

    def of(self, campaign: Campaign, item: Item, model: str) -> r.CopyBasis:
        """Of one campaign and item, for a model of that name and version."""
        return r.CopyBasis(self._row(item), self._campaign(campaign), self._rules, model)

    def _row(self, item: Item) -> str:
        known = self._rows.get(item.item_id)
        if known is None or known[0] is not item:
            known = item, _digest(brief_without_user("", _NO_CAMPAIGN, item, "native", "en"))
            self._rows[item.item_id] = known
        return known[1]

    def _campaign(self, campaign: Campaign) -> str:
        known = self._campaigns.get(campaign.campaign_id)
        if known is None or known[0] is not campaign:
            known = campaign, _digest(brief_without_user("", campaign, _NO_ITEM, "native", "en"))
            self._campaigns[campaign.campaign_id] = known
        return known[1]


def _digest(brief: Brief) -> str:
    """Of all that a brief says: what a later build puts into briefs is in it without a change here, and a
    field that says nothing changes nothing."""
    said = ((each.name, getattr(brief, each.name), each.default) for each in fields(brief))
    words = "|".join(f"{name}={value!r}" for name, value, default in said if value != default)
    return xxh3_64_hexdigest(words.encode())


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """Of what decides about copy besides its brief, as this program has it."""
    return xxh3_64_hexdigest(b"".join(each.read_bytes() for each in deciding_files()))


def deciding_files() -> list[Traversable]:
    """The rule packs, the words for attributes, of the judge and for what steers, the judge's checks, and
    what review and the judge have learnt."""
    rooms = [(room, ".toml") for room in _WORDS]
    named = [
        entry
        for room, ending in (*rooms, (_CHECKS, ".py"))
        for entry in sorted(files(room).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(ending)
    ]
    return [*named, *(files(room) / WEIGHTS_FILE for room in ("models.meaning", "models.judge"))]


def mark_of(basis: r.CopyBasis, status: str) -> int:
    """A basis in 64 bits. Copy that a person approved stands whichever model is in force: the approval is of
    its words."""
    model = "" if status == APPROVED else basis.model
    return hash64("|".join((basis.row, basis.campaign, basis.rules, model)))

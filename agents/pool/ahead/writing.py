"""From a place that has room to entries of the pool: several drafts, judged, the best kept. Pure but for the
model."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from agents.creatives.briefs import brief_without_user
from agents.creatives.publication import expires_ms
from agents.pool.ahead.sources import sources_of
from agents.pool.ahead.wanting import Wanted
from agents.pool.basis import Bases
from agents.pool.judge import Judge
from agents.writing.drafts import DraftWriter
from models.brief.brief import Brief, Copy
from models.choice.drafting import RulesOf
from models.choice.headlines import headline_hash
from models.choice.ranking import worth
from models.copywriter.generate import WrittenCopy
from models.review.judging import accepted, review
from models.text.variety import new_share, said_pairs
from streams import records as r
from streams.loud_end import line_of
from streams.mapping.copies import copy_key
from streams.metrics.pool import POOL_FILLED
from streams.records.copies import JUDGED
from streams.topics import DAY_MS
from streams.wire.ids import copy_id

log = logging.getLogger(__name__)

LIFE_MS = 30 * DAY_MS
"""How long copy may be served unless what it stands on changes before."""


@dataclass(frozen=True)
class PoolModel:
    """What writes, as entries name it."""

    copywriter: DraftWriter
    name: str


@dataclass(frozen=True)
class WritingRecipe:
    """How copy is written ahead. `drafts` of each place in one call."""

    drafts: int
    judge: Judge
    rules_of: RulesOf
    bases: Bases


@dataclass(frozen=True)
class FilledPlace:
    """What became of one place: its entries, best first, and whether the model had the time for it."""

    wanted: Wanted
    entries: tuple[r.CopyEntry, ...]
    done: bool = True


def write_ahead(
    model: PoolModel,
    wanted: Sequence[Wanted],
    recipe: WritingRecipe,
    remaining_ms: Callable[[], float],
    now_ms: int,
) -> list[FilledPlace]:
    """One call of the model. Nothing is kept that review refuses, that the judge puts below the bar, or whose
    headline another entry of the item has. A place whose drafts cannot be judged fails no other."""
    briefs = [_brief(each) for each in wanted]
    taken = {brief: set(each.headlines) for brief, each in zip(briefs, wanted, strict=True)}
    codes: dict[tuple[Brief, Copy], list[str]] = defaultdict(list)

    def accept(brief: Brief, copy: Copy) -> bool:
        findings = review(copy, brief, recipe.rules_of(brief.markets))
        codes[brief, copy] = [each.code for each in findings]
        return accepted(findings) and headline_hash(copy.headline) not in taken[brief]

    drafts = model.copywriter.write(
        briefs, remaining_ms, accept, recipe.drafts, [each.said for each in wanted]
    )
    said: dict[str, SaidOfItem] = defaultdict(SaidOfItem)  # by item
    made = []
    for each, brief, draft in zip(wanted, briefs, drafts, strict=True):
        others = said[each.item.item_id]
        others.pairs |= each.said
        try:
            kept = _kept(draft, brief, others, recipe.judge, len(each.numbers))
            entries = tuple(
                _entry(each, number, copy, score, codes[brief, copy], brief, model, recipe, now_ms)
                for number, (score, copy) in zip(each.numbers, kept, strict=False)
            )
        except Exception as error:  # of what one row says, whatever it is
            log.warning("copy for %s is not judged: %s", "|".join(each.place), line_of(error))
            kept, entries = [], ()
        _count(draft, kept)
        made.append(FilledPlace(each, entries, draft.why_none != "deadline"))
    return made


def _brief(wanted: Wanted) -> Brief:
    """No user is in it; the place and the round draw the model's random numbers."""
    place = wanted.place
    request_id = f"{'|'.join(place)}#{wanted.round}"
    brief = brief_without_user(request_id, wanted.campaign, wanted.item, place.slot, place.locale)
    return replace(brief, style=place.style)


@dataclass
class SaidOfItem:
    """What the item's entries say: their headlines of this call, and neighbouring words."""

    headlines: set[int] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)


def _kept(
    draft: WrittenCopy, brief: Brief, said: SaidOfItem, judge: Judge, most: int
) -> list[tuple[float, Copy]]:
    """Above the bar with their scores: one after another the copy that is worth most beside what the item's
    others say; no headline twice. `said` grows."""
    copies = (draft.candidates or (draft.copy,)) if draft.copy is not None else ()
    judged = [(judge.score(brief, copy), copy) for copy in copies if copy is not None]
    left = {
        copy: (score, said_pairs(copy.headline, copy.description))
        for score, copy in judged
        if score >= judge.bar
    }
    kept: list[tuple[float, Copy]] = []
    while left and len(kept) < most:
        chosen = max(
            left,
            key=lambda copy: (worth(1.0, left[copy][0], new_share(left[copy][1], said.pairs)), left[copy][0]),
        )
        score, pairs = left.pop(chosen)
        headline = headline_hash(chosen.headline)
        if headline not in said.headlines:
            said.headlines.add(headline)
            said.pairs |= pairs
            kept.append((score, chosen))
    return kept


def _count(draft: WrittenCopy, kept: Sequence[object]) -> None:
    if kept:
        POOL_FILLED.labels("kept").inc(len(kept))
    elif draft.copy is not None:
        POOL_FILLED.labels("below_bar").inc()
    elif draft.why_none != "deadline":
        POOL_FILLED.labels("nothing").inc()


def _entry(
    wanted: Wanted,
    number: int,
    copy: Copy,
    score: float,
    codes: Sequence[str],
    brief: Brief,
    model: PoolModel,
    recipe: WritingRecipe,
    now_ms: int,
) -> r.CopyEntry:
    place, campaign, item = wanted.place, wanted.campaign, wanted.item
    key = copy_key(*place, number)
    return r.CopyEntry(
        *place,
        number,
        copy_id(key, copy.headline, copy.description, copy.cta),
        r.CopyText(
            copy.headline, copy.description, copy.cta, copy.brand or campaign.brand, list(copy.scenes)
        ),
        JUDGED,
        now_ms,
        expires_ms(campaign, item, now_ms, LIFE_MS),
        model.name,
        model.copywriter.model_hash,
        recipe.bases.of(campaign, item, model.name),
        r.CopyRecipe(recipe.drafts, wanted.round, recipe.judge.name, recipe.judge.bar),
        round(min(1.0, max(0.0, score)), 4),
        list(dict.fromkeys(codes)),
        sources_of(copy, brief),
    )

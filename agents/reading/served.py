"""Copy as users got it: what the topics hold of creatives, each with what its writer was told."""

from __future__ import annotations

import random
from typing import Final

from agents.creatives.briefs import brief_of
from agents.creatives.declarations import Declarations
from agents.creatives.reference import GENERATOR_FOLLOWS, GeneratorReference
from models.brief.brief import Brief, Copy
from models.campaigns import Campaign
from models.choice.matching import Matcher
from models.choice.selection import style_of
from models.reading.sheet import Piece
from models.review.template import fill_template
from streams import records as r
from streams.broker.follow import Follower
from streams.broker.reading import read_records
from streams.loud_end import RefusedError
from streams.mapping.authorship import written_by_model
from streams.settings import Settings
from streams.topics import CREATIVE, REQUEST

TEMPLATE: Final = "template"
AGAIN: Final = "model again"
"""Source of copy that an interest had before and that came back with it."""


class Served:
    """Copies of models that users got, each once, and the templates that could have stood in their place."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._requests: dict[str, r.CreativeRequest] = {}
        self.pieces: dict[tuple[str, str, str, str], Piece] = {}  # by campaign, slot, headline, description

    def take(self, record: r.Record | None) -> None:
        """A request, or the creative that answers it."""
        if isinstance(record, r.CreativeRequest):
            self._requests[record.request_id] = record
        elif isinstance(record, r.Creative) and record.replaces_version is None:
            brief = self._brief(record)
            if brief is not None:
                source = _source_of(record)
                copy = Copy(
                    record.copy.headline,
                    record.copy.description,
                    record.copy.cta,
                    record.advertiser.name,
                    tuple(record.copy.scenes),
                )
                at = (record.campaign_id, record.slot, copy.headline, copy.description)
                self.pieces.setdefault(at, Piece(source, brief, copy))

    def _brief(self, creative: r.Creative) -> Brief | None:
        """What the writer of a personal creative was told; None of another, or where that is not known any
        more."""
        request = self._requests.get(creative.request_id or "")
        campaign = self._matcher.campaigns.get(creative.campaign_id)
        row = self._matcher.catalog.index.get(creative.item_id or "")
        if creative.audience.type != "user" or request is None or campaign is None or row is None:
            return None
        style = style_of(creative.experiment.arm) if creative.experiment else ""
        return brief_of(request, campaign, self._matcher.catalog, row, creative.slot, style)

    def by_model(self, limit: int, seed: int) -> list[Piece]:
        """At most `limit` copies of models, by chance."""
        made = [each for each in self.pieces.values() if each.source != TEMPLATE]
        return random.Random(seed).sample(made, min(limit, len(made)))  # noqa: S311 - a choice, no secret

    def in_its_place(self, piece: Piece, turn: int) -> Copy:
        """What an approved template says for the same brief; `turn`: which of them."""
        return _filled(self._matcher.campaigns[piece.brief.campaign_id], piece.brief, turn)

    def templates(self, limit: int, seed: int) -> list[Piece]:
        """At most `limit` copies of templates for briefs that models wrote for, by chance, each text once."""
        made: dict[tuple[str, str], Piece] = {}
        for turn in (0, 1):
            for each in self.by_model(len(self.pieces), seed):
                copy = self.in_its_place(each, turn)
                made.setdefault((copy.headline, copy.description), Piece(TEMPLATE, each.brief, copy))
        found = list(made.values())
        return random.Random(seed + 1).sample(found, min(limit, len(found)))  # noqa: S311 - a choice


def _source_of(creative: r.Creative) -> str:
    if not written_by_model(creative):
        return TEMPLATE
    return f"model {creative.source}" if creative.source else AGAIN


def _filled(campaign: Campaign, brief: Brief, turn: int) -> Copy:
    offered = campaign.drawn_templates(brief.slot, brief.locale)
    if not offered:
        raise RefusedError(
            f"campaign {campaign.campaign_id} has no template for {brief.slot} any more: read what it serves "
            "before the campaign is changed"
        )
    template = offered[turn % len(offered)]
    return fill_template(template.headline, template.description, template.cta, brief)


async def read_served(settings: Settings) -> Served:
    """What the topics hold now. Raises RefusedError without a broker, topics or a catalogue."""
    reference = GeneratorReference(Declarations.of(settings))
    follower = Follower(settings, GENERATOR_FOLLOWS, reference.on_record)
    await follower.start()
    try:
        matcher = reference.snapshot().matcher
    finally:
        await follower.stop()
    if matcher is None:
        raise RefusedError("no catalogue yet: make one with `shiftcast index --load FILE.jsonl`")
    served = Served(matcher)
    for spec in (REQUEST, CREATIVE):  # requests first: a creative is told by its own
        async for _, _, record in read_records(settings, [spec]):
            served.take(record)
    return served

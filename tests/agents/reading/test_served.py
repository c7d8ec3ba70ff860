"""Copy as users got it: what the topics hold becomes pieces to be read."""

from __future__ import annotations

import dataclasses

import pytest

from agents.reading.pairs import served_pairs_of
from agents.reading.served import AGAIN, TEMPLATE, Served
from models.choice.matching import Matcher
from streams import records as r
from streams.loud_end import RefusedError
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS, catalog, request

CONTEXT = r.RequestContext(slots=["native"], hour=20, weekday=4, country="GBR")

SPOKEN = r.Provenance("x", ai_tool=r.AiTool("espeak-ng"), human_oversight="edited")


def creative(n: int, headline: str, source: str | None = "live", **more: object) -> r.Creative:
    tool = r.AiTool("copy-lm") if source != TEMPLATE else None
    fields: dict[str, object] = {
        "creative_id": f"cr_{n}", "template_id": "t-native", "campaign_id": "c1", "item_id": "i1",
        "advertiser": r.Advertiser("Stridewell"), "audience": r.Audience("user", "u:u1"),
        "slot": "native", "lang": "en", "version": 1, "created": NOW_MS, "expires": NOW_MS + 1,
        "copy": r.CopyText(headline, "Dry feet.", "Shop now"), "link": r.Link("https://x.example"),
        "audit": r.Audit(3), "provenance": r.Provenance("x", ai_tool=tool),
        "reason": r.CreativeReason("interest_shift"), "request_id": f"rq_{1:016x}",
        "source": source if source in ("pool", "live") else None,
        "experiment": r.CreativeExperiment("question.t-native", 0.1, "p1"),
    }  # fmt: skip
    return r.Creative(**(fields | more))  # type: ignore[arg-type]


def served(*records: r.Record) -> Served:
    made = Served(Matcher(catalog(), [CAMPAIGN]))
    for each in (request(context=CONTEXT), *records):
        made.take(each)
    return made


def test_a_piece_says_who_wrote_it_and_what_its_writer_was_told() -> None:
    found = served(
        creative(1, "Boots?", "pool"), creative(2, "Boots!"), creative(3, "Boots:", "reused"),
        creative(4, "Find boots", TEMPLATE), creative(5, "Hear boots", None, provenance=SPOKEN),
    )  # fmt: skip
    pieces = list(found.pieces.values())
    assert [each.source for each in pieces] == ["model pool", "model live", AGAIN, TEMPLATE, TEMPLATE]
    brief = pieces[0].brief
    assert (brief.title, brief.style, brief.brand) == ("Granite trail boots", "question", "Stridewell")
    assert (brief.place, brief.interest) == ("GB", ("footwear",))
    assert {each.source for each in found.by_model(9, 1)} == {"model pool", "model live", AGAIN}


def test_the_same_copy_is_read_once_and_what_was_for_everybody_or_is_not_known_any_more_not_at_all() -> None:
    found = served(
        creative(1, "Boots?"),
        creative(2, "Boots?"),
        creative(3, "All", audience=r.Audience("default", "d")),
        creative(4, "Lost", request_id="rq_9"),
        creative(5, "Gone", item_id="i9"),
        creative(1, "Boots again", replaces_version=1),
    )
    assert [each.copy.headline for each in found.pieces.values()] == ["Boots?"]


def test_templates_stand_in_for_the_same_briefs() -> None:
    found = served(creative(1, "Boots?"))
    (template,) = found.templates(5, 1)
    assert (template.source, template.copy.headline) == (TEMPLATE, "Boots")
    assert template.brief == found.by_model(1, 1)[0].brief
    (pair,) = served_pairs_of(found, 60, [], 1)
    assert (pair.one.headline, pair.other.headline) == ("Boots?", "Boots")


def test_a_campaign_whose_templates_are_gone_says_so() -> None:
    bare = dataclasses.replace(CAMPAIGN, templates=())
    found = Served(Matcher(catalog(), [bare]))
    found.take(request(context=CONTEXT))
    found.take(creative(1, "Boots?"))
    with pytest.raises(RefusedError, match="c1 has no template for native any more"):
        found.templates(1, 1)

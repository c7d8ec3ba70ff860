"""What a campaign must say beside its copy: what a rule forbids keeps every creative with it from leaving."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.creatives.briefs import brief_without_user
from models.brief.brief import Copy
from models.review.judging import review
from models.rules import load_rules
from streams import records as r
from streams.mapping.campaigns import campaign_of
from tests.agents.creatives.generation_fixtures import BOOT, CAMPAIGN

CURES = "Cures cancer. Money back!"


@pytest.mark.parametrize(
    ("legal", "locale", "refused"),
    [
        ((("en", CURES),), "en", True),
        ((("en", CURES),), "de", True),
        ((("de", "Nur hier."), ("en", CURES)), "de", False),
        ((("en", "Only while stocks last, until 1 May. 18+"),), "en", False),
        (
            (("en", "Free returns. Gamble responsibly: shop.example/terms, 0800 123 456"),),
            "en",
            False,
        ),
        ((("de", "Heilt Krebs."),), "de", True),
        ((), "en", False),
    ],
)
def test_what_a_rule_forbids_is_a_finding_of_every_copy(
    legal: tuple[tuple[str, str], ...], locale: str, refused: bool
) -> None:
    campaign = replace(CAMPAIGN, legal=legal)
    brief = brief_without_user("rq", campaign, BOOT, "native", locale)
    found = review(Copy("a", "b", "c"), brief, load_rules(()))
    assert bool([each for each in found if each.field == "legal"]) is refused
    assert all(each.severity == "block" for each in found if each.field == "legal")


def test_a_legal_text_comes_in_on_one_line() -> None:
    told = r.Campaign("c1", 1, "active", r.Advertiser("A"), legal={"en": " Here\u202e only.\r\n\x00 Now. "})
    assert campaign_of(told).legal == (("en", "Here only. Now."),)

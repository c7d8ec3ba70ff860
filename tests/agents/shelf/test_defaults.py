"""A slot is blank only where none of its approved templates may stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.shelf.blanks import find_blanks
from agents.shelf.defaults import settled_shelf
from agents.shelf.sharing import BestItems, Shared
from models.campaigns import Campaign, Template
from models.choice.matching import Matcher
from models.revocations import MadeOf
from models.rules import load_rules
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS, catalog

SHORT = Template("short", "native", "en", "{brand}: find your {noun}", "{title}.", "Shop now", 3)
GOOD = [SHORT, replace(SHORT, template_id="priced", description="{title} for {price}.")]
BAD = [replace(each, template_id=f"bad-{n}", headline="50% off today") for n, each in enumerate(GOOD)]
OF_ANOTHER_LOCALE = replace(SHORT, template_id="de", locale="de")


def with_templates(*templates: Template, version: int = 1) -> Campaign:
    return replace(CAMPAIGN, version=version, templates=templates, slots=(), drawn_template_ids=())


def settled(
    campaign: Campaign, is_refused: Callable[[MadeOf], bool] = lambda _: False
) -> tuple[Shared, list[str]]:
    """The default, and what is told as blank."""
    matcher = Matcher(catalog(), [campaign])
    best = BestItems(matcher, NOW_MS).of(campaign.campaign_id)
    shelf = settled_shelf(matcher.catalog, campaign, best, NOW_MS, is_refused, load_rules)
    blanks = find_blanks(campaign, shelf, best, NOW_MS)
    [default] = [each for each in shelf.planned if each.audience.type == "default"]
    return default, [str(each) for each in blanks]


def test_a_template_that_review_refuses_gives_way_to_the_others_in_equal_shares() -> None:
    drawn = set()
    for version in range(40):
        default, blanks = settled(with_templates(*BAD, *GOOD, version=version))
        drawn.add(default.template.template_id)
        assert default.chance == 1 / 2 and not blanks
    assert drawn == {"short", "priced"}


def test_a_default_that_a_person_denied_is_made_with_another_template_under_another_id() -> None:
    first, _ = settled(with_templates(*GOOD))
    second, blanks = settled(with_templates(*GOOD), lambda made: made.creative_id == first.creative_id)
    assert second.template != first.template and second.creative_id != first.creative_id
    assert second.chance == 1 and not blanks


def test_where_none_may_stand_the_slot_is_told_once_and_no_other_locale_is_taken() -> None:
    for version in range(4):
        campaign = with_templates(*BAD, OF_ANOTHER_LOCALE, version=version)
        default, [blank] = settled(replace(campaign, locales=("en",)))
        assert default.template.template_id in blank and "other templates may" in blank
        assert "UNSUPPORTED_PRICE" in blank

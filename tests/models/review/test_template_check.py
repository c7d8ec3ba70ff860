from __future__ import annotations

from dataclasses import replace

import pytest

from models.campaigns import Campaign, Template
from models.review.template_check import check_templates

GOOD = Template("t1", "native", "en", "Find your {noun}", "{title} for {price}.", "Shop now", audit=3)
CAMPAIGN = Campaign("c1", 1, "active", "Northfold", facts=("Free returns within 30 days",), templates=(GOOD,))


def found(template: Template, **campaign: object) -> list[tuple[str, str]]:
    checked = check_templates(replace(CAMPAIGN, templates=(template,), **campaign))  # type: ignore[arg-type]
    assert all((each.template_id, each.slot) == ("t1", "native") and each.allowed for each in checked)
    return [(each.field, each.rule) for each in checked]


def test_a_template_says_itself_that_a_person_approved_it() -> None:
    assert Template("t1", "native", "en", "h", "d", "c").audit == 1
    assert found(GOOD) == found(replace(GOOD, audit=2)) == []
    for status in (1, 4, 5, 6, 500):
        assert found(replace(GOOD, audit=status)) == [("audit", "TEMPLATE_NOT_APPROVED")]
        assert not replace(GOOD, audit=status).usable


def test_a_placeholder_that_does_not_exist_is_refused() -> None:
    wrong = replace(GOOD, headline="Find {thing}", cta="Buy {sku}")
    assert found(wrong) == [("headline", "UNKNOWN_PLACEHOLDER"), ("cta", "UNKNOWN_PLACEHOLDER")]
    assert not wrong.usable
    campaign = replace(CAMPAIGN, templates=(wrong, replace(GOOD, template_id="t2")))
    assert [each.template_id for each in campaign.templates_for("native", "en")] == ["t2"]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("50% off today.", "UNSUPPORTED_PRICE"),
        ("Yours for $5.", "UNSUPPORTED_PRICE"),
        ("In 14 colours.", "UNSUPPORTED_NUMBER"),
        ("Free shipping today.", "OFFER"),
        ("It cures back pain.", "HEALTH_CLAIM"),
        ("No foreigners.", "DISCRIMINATION"),
        ("Your money back, doubled: get rich.", "CERTAIN_PROFIT"),
    ],
)
def test_what_a_template_states_stands_in_the_brief(said: str, rule: str) -> None:
    assert ("description", rule) in found(replace(GOOD, description=said))


def test_wording_a_person_approved_and_facts_of_the_brief_pass() -> None:
    assert found(replace(GOOD, description="The best {noun}. Free returns within 30 days.")) == []
    assert ("description", "EU_REFERENCE_PRICE") in found(replace(GOOD, description="Was $30."), geo=("DEU",))
    assert "EU_REFERENCE_PRICE" not in {code for _, code in found(replace(GOOD, description="Was $30."))}


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Find %title%", "%title%"),
        ("Find %%TITLE%%", "%%TITLE%%"),
        ("Find $title", "$title"),
        ("Find ${title}", "${title}"),
        ("%s for you", "%s"),
        ("For you: %1$s.", "%1$s"),
        ("For %(name)s", "%(name)s"),
        ("{thing}", "{thing}"),
        ("From $20, 50% off, 20 %.", ""),
        ("{title} at {price}, US$ 5, Ke$ha", ""),
        ("100% cotton, 5%-10% less", ""),
    ],
)
def test_placeholders_of_other_systems_go_out_in_no_template(text: str, unknown: str) -> None:
    template = Template("t", "native", "en", text, "A lamp.", "Shop now", audit=3)
    assert template.unknown_placeholders == ((unknown,) if unknown else ())
    assert template.usable is not bool(unknown)

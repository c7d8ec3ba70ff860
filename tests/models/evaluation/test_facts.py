"""The independent reader of finished copy: what has a source passes, what has none is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.brief.brief import Brief, Copy
from models.evaluation.facts import unsupported
from models.evaluation.quality import german_words

EN = Brief(
    "rq", "c", "native", "Northfold", "Oak Desk 120 cm", "desk", price_minor=129_900, salesprice_minor=99_900,
    facts=("Free returns within 30 days",), ctas=("Shop now",), interest=("coffee & tea",),
)  # fmt: skip
DE = Brief(
    "rq",
    "c",
    "native",
    "Nordfalt",
    "Eichenregal Hoch",
    "Eichenregal",
    locale="de-DE",
    price_minor=129_900,
    currency="EUR",
    place="DE",
)
ZH = Brief(
    "rq",
    "c",
    "native",
    "青禾里",
    "手工铜制火锅",
    "铜火锅",
    locale="zh-CN",
    price_minor=45_900,
    currency="CNY",
    place="CN",
)


def kinds(
    brief: Brief, headline: str, description: str = "", cta: str = "", brands: tuple[str, ...] = ()
) -> list[str]:
    known = german_words() if brief.locale.startswith("de") else frozenset()
    return [each.kind for each in unsupported(Copy(headline, description, cta), brief, brands, known)]


@pytest.mark.parametrize(
    ("brief", "text"),
    [
        (EN, "Oak Desk 120 cm for $999"), (EN, "Was $1,299, now $999.00"),
        (EN, "Save 23% on a desk by Northfold"),
        (EN, "Free returns within 30 days. I like Mondays."), (EN, "Ready? Set. Desk: Calm mornings"),
        (EN, "999 dollars, one desk"),
        (DE, "Eichenregal für 1.299 €"),
        (DE, "Das Eichenregal Hoch von Nordfalt: 1.299,00 €. Raum für Garten und Musik."),
        (ZH, "铜火锅，只要¥459"), (ZH, "459元，一起用铜火锅"), (ZH, "青禾里，给每一天"),
        (replace(ZH, title="XJ-2208备用滤芯"), "青禾里的XJ-2208备用滤芯"),
    ],
)  # fmt: skip
def test_what_brief_or_row_say_has_a_source(brief: Brief, text: str) -> None:
    assert kinds(brief, text) == []


@pytest.mark.parametrize(
    ("brief", "text", "kind"),
    [
        (EN, "A desk for $998", "price"), (EN, "A desk for €999", "price"), (EN, "only 99 USD", "price"),
        (EN, "12 dollars", "price"),
        (EN, "Save 24% today", "number"), (EN, "5 drawers", "number"), (EN, "Fits two monitors", "number"),
        (EN, "now １５０ cm", "number"),
        (EN, "The desk by Ikea", "brand"), (EN, "A desk for your iPad", "brand"),
        (EN, "Your MacBook fits", "brand"),
        (DE, "Eichenregal für 1.298 €", "price"), (DE, "Nur 30 Tage", "number"),
        (DE, "In zwei Minuten da", "number"),
        (DE, "Schön wie von Ikea", "brand"), (DE, "Für dein iPad", "brand"),
        (ZH, "铜火锅¥458", "price"), (ZH, "只要458元", "price"), (ZH, "买2送1", "number"),
        (ZH, "打七折", "number"),
        (ZH, "比Apple好", "brand"),
    ],
)  # fmt: skip
def test_what_nobody_said_is_named(brief: Brief, text: str, kind: str) -> None:
    assert kind in kinds(brief, text)


def test_another_advertisers_brand_is_an_error_even_in_lower_case() -> None:
    assert kinds(EN, "a desk by tern lane", brands=("Tern Lane", "Northfold")) == ["brand"]
    assert kinds(EN, "a desk by northfold", brands=("Tern Lane", "Northfold")) == []
    assert kinds(ZH, "云岫出品", brands=("云岫", "青禾里")) == ["brand"]


def test_every_field_is_read() -> None:
    assert kinds(EN, "Desk", "A desk.", "Call 555") == ["number"]
    assert kinds(EN, "Desk", "A desk for 7.", "Shop now") == ["number"]

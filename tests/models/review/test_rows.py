"""Sentences about rows, written before the rules for them: numbers in words, offers said of another thing,
attributes that stand nowhere, copy about something else, and honest copy. One half was open while the rules
were made, the other was counted again and again: one writer made both, and the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from models.brief.brief import Brief, Copy
from models.corpus.authored import AuthoredAd, AuthoredItem, AuthoredLine, briefs_of
from models.review.judging import accepted, review
from models.rules import load_rules

HERE = Path(__file__).parent / "rows"
ADS = Path(__file__).parents[3] / "models" / "corpus" / "ads"
CALLS = {"en": "See more", "de": "Mehr sehen", "zh": "查看"}
FORM = {"LENGTH", "UNFINISHED", "GIMMICK", "EMPTY"}


class Row(msgspec.Struct):
    """An item, what its campaign states, and copy of both kinds: what for, headline, description."""

    locale: str
    item: AuthoredItem
    facts: list[str]
    passes: list[tuple[str, str, str]] = msgspec.field(name="pass")
    block: list[tuple[str, str, str]]


class Said(NamedTuple):
    """One copy with what it is an example of."""

    kind: str
    brief: Brief
    copy: Copy

    @property
    def codes(self) -> set[str]:
        findings = review(self.copy, self.brief, load_rules())
        return {each.code for each in findings if each.severity != "warn"}


def said(name: str, wanted: str) -> Iterator[Said]:
    for line in (HERE / f"{name}.jsonl").read_bytes().splitlines():
        row = msgspec.json.decode(line, type=Row)
        for kind, headline, text in row.passes if wanted == "pass" else row.block:
            call = CALLS[row.locale]
            ad = AuthoredAd("landscape_1200x628", "direct", "calm", "clicks", "", "", headline, text, call)
            ((brief, copy),) = briefs_of(AuthoredLine(row.item, [ad], row.locale, row.facts), "c")
            yield Said(kind, brief, copy)


@pytest.mark.parametrize("half", ["tuning", "unseen"])
def test_what_the_row_does_not_say_is_refused(half: str) -> None:
    passed = [each for each in said(half, "block") if not each.codes - FORM]
    print(len(passed), "of 50 pass")
    assert len(passed) <= 4, [(each.kind, each.copy) for each in passed]


@pytest.mark.parametrize("half", ["tuning", "unseen"])
def test_what_the_row_says_passes_however_it_is_put(half: str) -> None:
    refused = [each for each in said(half, "pass") if each.codes]
    print(len(refused), "of 50 are refused")
    assert len(refused) <= 5, [(each.kind, each.copy, each.codes) for each in refused]


@pytest.mark.parametrize(("fitted", "pass_"), [(True, 0.94), (False, 0.92)])
def test_most_ads_that_people_wrote_and_judged_pass(fitted: bool, pass_: float) -> None:
    """Nothing was fitted to every fourth line, though rules were mended with what they refused in view."""
    judged = []
    for path in sorted(ADS.glob("*-*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines()):
            if (number % 4 != 3) == fitted:
                for brief, copy in briefs_of(msgspec.json.decode(line, type=AuthoredLine), path.stem):
                    judged.append(accepted(review(copy, brief, load_rules(brief.markets))))
    print(f"{1 - sum(judged) / len(judged):.3f} of {len(judged)} refused")
    assert len(judged) > 1_000
    assert sum(judged) >= pass_ * len(judged)


PACK = Brief(
    "rq", "c", "native", "Northfold", "Canvas Daypack 20 L", "daypack", facts=("Gift wrapping is free",),
    text="Moss canvas with two side pockets and straps of bridle leather. Holds 20 litres. Navy lining.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("The daypack has two pockets on its sides.", ""),
        ("The daypack has three pockets on its sides.", "NUMBER_WORD"),
        ("Twenty litres fit into the daypack.", ""),
        ("We wrap the daypack free as a gift.", ""),
        ("Gift wrapping for the daypack is free.", ""),
        ("The pack is free. Take the daypack.", "OFFER"),
        ("The daypack is free.", "OFFER"),
        ("A daypack, free for you.", "OFFER"),
        ("Take a free daypack home.", "OFFER"),
        ("The daypack comes with a free bottle.", "OFFER UNSUPPORTED_ATTRIBUTE"),
        ("A canvas daypack with a blue lining.", ""),  # navy is a blue
        ("A red daypack in canvas.", "UNSUPPORTED_ATTRIBUTE"),
        ("A canvas daypack with a hood.", "UNSUPPORTED_ATTRIBUTE"),
        ("Hang your hood up, take the daypack.", ""),
        ("Your daypack in the golden hour.", ""),
        ("No hurry. The daypack waits.", ""),
        ("The best part of the daypack is the lining.", ""),
        ("This daypack is hard to kill.", ""),
        ("The best daypack on the trail.", "SUPERLATIVE"),
        ("Hurry to your daypack.", "URGENCY"),
        ("The daypack has 20 pockets.", "NUMBER_OF_ANOTHER"),
        ("The daypack holds two litres.", "NUMBER_OF_ANOTHER"),
        ("Returns of the daypack within 20 days.", "NUMBER_OF_ANOTHER"),
        ("Two lids on the daypack.", "UNSUPPORTED_ATTRIBUTE"),
        ("A daypack with a chest strap.", "UNSUPPORTED_ATTRIBUTE"),
        ("A daypack with a map holder.", "UNSUPPORTED_ATTRIBUTE"),
        ("A daypack for skiing.", "UNSUPPORTED_ATTRIBUTE"),
        ("A daypack for the beach.", "UNSUPPORTED_ATTRIBUTE"),
        ("A striped daypack.", "UNSUPPORTED_ATTRIBUTE"),
        ("The daypack has a matte finish.", "UNSUPPORTED_ATTRIBUTE UNSUPPORTED_ATTRIBUTE"),
        ("A daypack for toddlers.", "UNSUPPORTED_ATTRIBUTE"),
        ("The daypack has a padded back.", "UNSUPPORTED_ATTRIBUTE"),
        ("The daypack fits a laptop.", "UNSUPPORTED_ATTRIBUTE"),
        ("The daypack with a navy lining.", ""),
        ("A daypack with a smile.", ""),
    ],
)
def test_a_row_supports_what_it_says_of_the_same_thing(description: str, code: str) -> None:
    copy = Copy("Moss canvas for the day", description, "See more")
    codes = {each.code for each in review(copy, PACK, load_rules()) if each.severity != "warn"}
    assert codes == set(code.split())


def test_copy_is_about_its_item() -> None:
    for headline, description in (
        ("Sleep a little longer", "Soft pillows for slow mornings."),
        ("Warm bread at eight", "Crusty loaves from the stone oven."),
    ):
        findings = review(Copy(headline, description, "See more"), PACK, load_rules())
        assert "OFF_ITEM" in {each.code for each in findings}
        assert not accepted(findings)


def test_an_offer_keeps_its_condition() -> None:
    brief = replace(PACK, facts=("Free shipping from $40",), price_minor=2500)
    for text, fits in (
        ("Shipping of the daypack is free from $40.", True),
        ("Shipping of the daypack is free.", False),
    ):
        findings = review(Copy("Moss canvas", text, "See more"), brief, load_rules())
        assert accepted(findings) is fits
    dear = replace(brief, price_minor=9900)
    assert accepted(review(Copy("Moss canvas", "Shipping is free.", "See more"), dear, load_rules()))

"""TC strings in our words, and when one must consent."""

from __future__ import annotations

import pytest

from models.event.consent import ALL_PURPOSES
from models.event.layout import Purpose
from models.event.tc_grants import tc_grants
from models.privacy_strings.asked import tc_string_asked
from tests.models.privacy_strings.test_tcf import PUBLISHED, tc_string


@pytest.mark.parametrize(
    ("purposes", "granted"),
    [
        (set(), 0),
        ({3}, Purpose.PROFILE),
        ({4}, Purpose.PERSONALISE),
        ({1, 2, 7}, Purpose.MEASURE),
        ({10}, Purpose.TRAIN),
        (set(range(1, 25)), ALL_PURPOSES),
    ],
)
def test_each_purpose_of_ours_needs_its_own_of_the_iab(purposes: set[int], granted: int) -> None:
    text = tc_string(purposes, {700}, updated_ms=500)
    assert tc_grants(text, 0) == tc_grants(text, 700) == (granted, 500)
    assert tc_grants(text, 3) == (0, 500), "whoever is not named is granted nothing"


def test_what_may_not_be_relied_on_says_nothing() -> None:
    assert tc_grants(PUBLISHED[0], 0) is None and tc_grants("", 0) is None


@pytest.mark.parametrize(
    ("text", "gdpr", "sections", "applying", "asked"),
    [
        ("", None, {}, set(), None),
        ("", 0, {}, set(), None),
        ("", 1, {}, set(), ""),
        ("C", None, {}, set(), "C"),
        ("C", 0, {}, set(), None),
        ("C", 0, {}, {2}, "C"),
        ("", None, {2: "D"}, set(), "D"),
        ("", None, {2: "D"}, {7}, "D"),
        ("C", None, {2: "D"}, {2}, "C"),
        ("", None, {7: "D"}, {2}, ""),
    ],
)
def test_which_string_must_consent(
    text: str, gdpr: int | None, sections: dict[int, str], applying: set[int], asked: str | None
) -> None:
    assert tc_string_asked(text, gdpr, sections, applying) == asked

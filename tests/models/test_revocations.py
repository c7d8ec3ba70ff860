"""What a revocation touches: by campaign, item, template, creative; before a moment or lastingly; the
switch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.revocations import NOT_MADE, MadeOf, Revocation, Revocations

MADE = MadeOf(
    "c1",
    "i1",
    "t1",
    "cr_1",
    1_000,
    origin_id="cr_0",
    by_model=True,
    copy_id="cp_1",
    pictures=("ph_1", "ph_2"),
)


def said(*revocations: Revocation) -> Revocations:
    found = Revocations()
    for each in revocations:
        found.take(each)
    return found


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        ("campaign", "c1"),
        ("item", "i1"),
        ("template", "t1"),
        ("template", "c1|t1"),
        ("creative", "cr_1"),
        ("creative", "cr_0"),
        ("copy", "cp_1"),
        ("picture", "ph_1"),
        ("picture", "ph_2"),
    ],
)
def test_each_thing_that_a_creative_stands_on_revokes_it(kind: str, id: str) -> None:
    lasting = said(Revocation(kind, id, "denied", 900, lasting=True))
    assert lasting.why(MADE) == "denied" and lasting.why(replace(MADE, created_ms=NOT_MADE)) == "denied"
    until = said(Revocation(kind, id, "repriced", 1_000))
    assert until.why(MADE) == "repriced", "made at that very moment"
    assert until.why(replace(MADE, created_ms=1_001)) is None
    assert said(Revocation(kind, id + "x", "denied", 9_000, lasting=True)).why(MADE) is None


def test_the_newest_word_counts_and_none_is_none() -> None:
    found = said(
        Revocation("item", "i1", "sold_out", 900, lasting=True), Revocation("item", "i1", "resumed", 950)
    )
    assert found.why(MADE) is None, "made after it was back"
    assert found.why(replace(MADE, created_ms=940)) == "resumed"
    found.drop("item", "i1")
    assert found.why(replace(MADE, created_ms=1)) is None


@pytest.mark.parametrize("id", ["*", "c1"])
def test_the_switch_leaves_templates_or_defaults_alone(id: str) -> None:
    template, default = replace(MADE, by_model=False), replace(MADE, by_model=False, is_default=True)

    def shown(mode: str) -> list[bool]:
        found = said(Revocation("switch", id, "switched", 1, mode=mode))
        return [found.why(each) is None for each in (MADE, template, default)]

    assert shown("normal") == [True, True, True]
    assert shown("templates_only") == [False, True, True]
    assert shown("defaults_only") == [False, False, True]


def test_the_stricter_of_two_switches_counts() -> None:
    found = said(
        Revocation("switch", "*", "switched", 1, mode="templates_only"),
        Revocation("switch", "c1", "switched", 1, mode="defaults_only"),
        Revocation("switch", "c2", "switched", 1, mode="normal"),
    )
    assert [found.mode(id) for id in ("c1", "c2", "c3")] == [
        "defaults_only",
        "templates_only",
        "templates_only",
    ]


def test_changes_are_counted_so_that_who_looks_for_them_looks_once() -> None:
    found = said(Revocation("item", "i1", "repriced", 5))
    found.take(Revocation("item", "i1", "repriced", 5))
    found.take(Revocation("nothing", "we know", "denied", 5, lasting=True))
    assert (found.changes, found.grown) == (1, 1)
    found.drop("item", "i1")
    found.drop("item", "i1")
    found.drop("nothing", "we know")
    assert (found.changes, found.grown) == (2, 1), "less is revoked: nothing new to look for"

"""`show-user` reads the rows of every build before it, and says so in one line where it cannot."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agents.commands.telling.show_user import KeptOfUser, tell_user
from agents.commands.telling.told_lines import told_lines
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.catalogue import reference_of
from tests.golden.golden_rows import golden
from tests.stories.profile_story import USER

NOW_MS = 1_795_500_000_000


def kept_of(version: int) -> KeptOfUser:
    """What the changelog holds of a user whose rows of exposures and profile are of one version."""
    rows = {
        kind.encode(): row.stored
        for kind, each in (("c", 1), ("p", min(version, 2)), ("x", version), ("r", version))
        for row in golden(kind, each)
        if row.key == kind.encode() + USER.encode()
    }
    names = {int.from_bytes(row.key[1:], "big"): row.stored for row in golden("n", 1)}
    return KeptOfUser(2, rows, names)


def told_of(version: int) -> dict[str, Any]:
    catalog = reference_of(Settings()).snapshot().catalog
    assert catalog is not None
    return tell_user(USER, kept_of(version), catalog, NOW_MS)


def test_what_was_done_and_shown_is_told_in_words_and_times_as_people_read_them() -> None:
    told = told_of(3)
    lines = list(told_lines(told))
    said = "\n".join(f"{name}: {words}" for name, words in lines)
    assert "None" not in said and "True" not in said and not re.search(r"\d{13}", said)
    assert "consent: profile: yes" in said and "consent: erased at: -" in said
    assert re.search(r"newest event: 2026-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", said)
    assert re.search(r"campaign shown: c\d \d+ times, last 2026-", said)
    assert re.search(r"click: \S+Z campaign c2", said) and re.search(
        r"reaction: \S+Z report, campaign ", said
    )
    assert "12.34 EUR, campaign c2" in said and "-2.00 EUR, campaign c2" in said
    assert re.search(r"kept copy for text: .+ \(c1, guitars3\)", said)
    assert all(told[name] for name in ("impressions", "clicks", "reactions", "conversions", "campaigns"))


def test_a_link_is_told_with_whom_and_whether_it_counts_and_nothing_of_the_partner() -> None:
    (row,) = [row for row in golden("i", 1) if row.key == b"i" + USER.encode()]
    catalog = reference_of(Settings()).snapshot().catalog
    assert catalog is not None
    told = tell_user(USER, KeptOfUser(2, {b"i": row.stored}, {}), catalog, NOW_MS)
    assert told["link"] == {"partner": "partner", "stated_ts": row.says[1], "counts": True}
    said = dict(told_lines(told))
    assert said["link: partner"] == "partner" and said["link: counts"] == "yes"
    assert "shoes" not in str(told)


def test_what_is_not_there_is_unknown_or_never() -> None:
    told = {
        "consent": {"stated": False, "stated_ts": 0, "erased_ts": 0},
        "profile": {"price_tier": 0, "spending_minor": None, "interests": [], "hours": [0] * 24},
        "clicks": [{"ts": 1_795_500_000_007, "campaign_id": None}],
        "creatives": [],
    }
    assert dict(told_lines(told)) == {
        "consent: stated": "no",
        "consent: stated at": "-",
        "consent: erased at": "-",
        "price tier": "unknown",
        "spending": "unknown",
        "interests": "-",
        "hours": "unknown",
        "click": "2026-11-24T06:00:00.007Z campaign unknown",
    }


@pytest.mark.parametrize("version", [1, 2, 3])
def test_rows_of_every_version_are_told(version: int) -> None:
    catalog = reference_of(Settings()).snapshot().catalog
    assert catalog is not None
    told, rows = told_of(version), kept_of(version).rows
    assert told["consent"]["profile"] and told["profile"]["counts"]["click"] == 45
    assert told["exposures"] == {
        "shown": 24,
        "acts": 5 if version < 3 else 4,  # from then on clicks that name nothing are not kept
        "sales": 4,
        "live": 5,
    }
    rows[b"x"] = bytes([9]) + rows[b"x"][1:]
    with pytest.raises(RefusedError, match="partition 2 holds a row of kind x: exposures row of version 9"):
        tell_user(USER, KeptOfUser(2, rows), catalog, NOW_MS)

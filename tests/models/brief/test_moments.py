from __future__ import annotations

import pytest

from models.brief.brief import Brief
from models.brief.moments import at_its_moment


@pytest.mark.parametrize(
    ("locale", "text", "daypart", "weekday", "told"),
    [
        ("en", "Muesli for a slow breakfast.", "morning", "monday", ("morning", "")),
        ("en", "Muesli for a slow breakfast.", "evening", "sunday", ("", "")),
        ("en", "A bag for the commute.", "morning", "friday", ("morning", "friday")),
        ("en", "A bag for the commute.", "night", "saturday", ("", "")),
        ("en", "A rug of wool.", "morning", "monday", ("", "")),
        ("de", "Decke für das Picknick am Wochenende.", "afternoon", "sunday", ("afternoon", "sunday")),
        ("zh", "适合周末露营的帐篷。", "night", "saturday", ("", "saturday")),
        ("fr", "Un sac pour le week-end.", "morning", "saturday", ("", "")),
    ],
)
def test_a_moment_is_told_where_the_row_speaks_of_it(
    locale: str, text: str, daypart: str, weekday: str, told: tuple[str, str]
) -> None:
    brief = Brief(
        "r", "c", "native", "", "x", "y", locale=locale, text=text, daypart=daypart, weekday=weekday
    )
    at = at_its_moment(brief)
    assert (at.daypart, at.weekday) == told

"""How much is kept of one user."""

from __future__ import annotations

from tests.bench.stream.row_bytes import row_bytes, told_bytes

MOST = 7 * 1024
LINK = 1024


def test_a_full_user_of_all_kinds_is_at_most_seven_kibibytes_and_a_link_one_more() -> None:
    found = row_bytes()
    assert set(found) == set("cpxrmvi")
    assert sum(found.values()) - found["i"] <= MOST and found["i"] <= LINK, told_bytes(found)

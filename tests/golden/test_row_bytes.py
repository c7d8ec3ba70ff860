"""How much is kept of one user."""

from __future__ import annotations

from tests.bench.row_bytes import row_bytes, told_bytes

MOST = 7 * 1024


def test_a_full_user_of_all_kinds_is_at_most_seven_kibibytes() -> None:
    found = row_bytes()
    assert set(found) == set("cpxrmv")
    assert sum(found.values()) <= MOST, told_bytes(found)

"""What `shiftcast check` says of links that one pseudonym alone states."""

from __future__ import annotations

from agents.checks.links import PATIENCE_MS, link_findings
from agents.linking.waiting import Statement, waiting_of
from streams.topics import HOUR_MS

NOW_MS = 1_795_291_200_000
OLD, NEW = NOW_MS - 5 * HOUR_MS, NOW_MS - PATIENCE_MS + 1
BOTH = {"phone": Statement("laptop", OLD), "laptop": Statement("phone", NEW)}


def test_a_link_waits_until_the_partner_names_that_very_user() -> None:
    chain = BOTH | {"tablet": Statement("laptop", NEW), "car": Statement("nobody", OLD)}
    assert list(waiting_of(chain)) == ["car", "tablet"] and waiting_of(BOTH) == {}


def test_those_that_wait_for_long_are_counted_with_the_commands_and_named_nowhere() -> None:
    statements = BOTH | {"tablet": Statement("laptop", OLD), "car": Statement("nobody", NEW)}
    (found,) = link_findings(statements, NOW_MS)
    assert found.level == "warning" and "1 of 4" in found.text and "5 h" in found.text
    assert "shiftcast link --waiting" in found.repair and "shiftcast link USER --withdraw" in found.repair
    assert not any(user in found.text + found.repair for user in statements)


def test_what_is_under_way_is_no_warning_and_without_statements_nothing_is_said() -> None:
    (found,) = link_findings(BOTH | {"car": Statement("nobody", NEW)}, NOW_MS)
    assert found.level == "ok"
    assert link_findings({}, NOW_MS) == []

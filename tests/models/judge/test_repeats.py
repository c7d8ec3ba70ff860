"""What is said twice between a description and its call to action."""

from __future__ import annotations

import pytest

from models.brief.brief import Brief, Copy
from models.judge import judge
from models.judge.checks.repeats import said_before


@pytest.mark.parametrize(
    ("cta", "description", "twice"),
    [
        ("Find out more", "Discover the falconry morning. Find out more.", True),
        ("Find out more", "Find out what is new. There is more.", False),
        ("Discover", "Discover the falconry morning.", False),
        ("Online kaufen", "Du kannst es online kaufen.", True),
        ("查看详情", "紫砂壶，可查看详情。", True),
        ("查看详情", "紫砂壶，详情在页面上。", False),
    ],
)
def test_a_description_does_not_say_what_the_call_to_action_says(
    cta: str, description: str, twice: bool
) -> None:
    assert said_before(cta, description) is twice


def test_the_judge_runs_no_such_copy() -> None:
    brief = Brief("r", "c", "native", "Brackenday", "Half-Day Falconry", "falconry morning")
    said = judge(brief, Copy("A falconry morning", "The Half-Day Falconry. Find out more.", "Find out more"))
    assert said.score == 0 and [each.field for each in said.findings] == ["cta"]

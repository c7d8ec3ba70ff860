"""What pointers stand for."""

from __future__ import annotations

from dataclasses import replace

from models.brief.brief import Brief
from models.brief.slots import slot_texts

FACTS = ("From Devon", "Spare parts")
BRIEF = Brief("r", "c", "native", "Pell Yard", "Cane Banneton", "banneton", facts=FACTS)


def test_requests_state_one_thing_or_another_that_the_campaign_offers_and_all_that_it_requires() -> None:
    stated = {slot_texts(replace(BRIEF, request_id=f"r{n}"))["fact"] for n in range(20)}
    assert stated == set(FACTS)
    required = replace(BRIEF, must_use=("Free returns.", "Two years"))
    assert {slot_texts(replace(required, request_id=f"r{n}"))["fact"] for n in range(20)} == {
        "Free returns. Two years"
    }
    assert "fact" not in slot_texts(replace(BRIEF, facts=()))

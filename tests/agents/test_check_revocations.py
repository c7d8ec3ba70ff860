"""What is switched off or revoked by a person is named, with the command that takes it back."""

from __future__ import annotations

from agents.checks.revocations import revocation_findings
from models.revocations import Revocation, Revocations
from tests.agents.creatives.generation_fixtures import NOW_MS


def test_switches_and_a_persons_revocations_are_warnings_and_the_workers_own_are_counted() -> None:
    said = Revocations()
    for each in (
        Revocation("switch", "*", "switched", NOW_MS, mode="templates_only", by="ada"),
        Revocation("switch", "c1", "switched", NOW_MS, mode="defaults_only", by="ada"),
        Revocation("switch", "c2", "switched", NOW_MS, mode="normal", by="ada"),
        Revocation("item", "i1", "by_hand", NOW_MS, lasting=True, by="bob"),
        Revocation("item", "i2", "resumed", NOW_MS, by="bob"),
        Revocation("campaign", "c1", "paused", NOW_MS, lasting=True),
        Revocation("copy", "cp_1", "rejected", NOW_MS, lasting=True, by="bob"),
    ):
        said.take(each)
    found = [(each.level, each.subject, each.repair) for each in revocation_findings(said)]
    assert found == [
        ("warning", "switch", "shiftcast switch normal"),
        ("warning", "switch", "shiftcast switch normal --campaign c1"),
        ("warning", "revoked", "shiftcast revoke item i1 --lift"),
        ("warning", "revoked", "shiftcast copy approve cp_1"),
        ("ok", "revocations", ""),
    ]
    texts = [each.text for each in revocation_findings(said)]
    assert "templates only for all campaigns" in texts[0] and "by ada" in texts[0]
    assert texts[-1] == "3 in force"

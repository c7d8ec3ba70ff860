"""What is switched off or revoked by a person: right as long as it is meant."""

from __future__ import annotations

from datetime import UTC, datetime

from agents.checks.finding import CheckFinding
from models.revocations import EVERYTHING, SWITCH, Revocation, Revocations


def revocation_findings(said: Revocations) -> list[CheckFinding]:
    """A warning per switch that is on and per thing that a person revoked; one line for the rest."""
    found = [_switch(each) for each in said.switches()]
    found += [_by_hand(each) for each in said if each.kind != SWITCH and each.lasting and each.by]
    lasting = sum(each.lasting for each in said)
    return [*found, CheckFinding("ok", "revocations", f"{lasting} in force")]


def _switch(said: Revocation) -> CheckFinding:
    of = "all campaigns" if said.id == EVERYTHING else f"campaign {said.id}"
    one = "" if said.id == EVERYTHING else f" --campaign {said.id}"
    text = f"{said.mode.replace('_', ' ')} for {of} since {_when(said)}, by {said.by or 'nobody named'}"
    return CheckFinding("warning", "switch", text, f"shiftcast switch normal{one}")


def _by_hand(said: Revocation) -> CheckFinding:
    text = f"{said.kind} {said.id} since {_when(said)}, by {said.by} ({said.reason})"
    back = f"copy approve {said.id}" if said.kind == "copy" else f"revoke {said.kind} {said.id} --lift"
    return CheckFinding("warning", "revoked", text, f"shiftcast {back}")


def _when(said: Revocation) -> str:
    return datetime.fromtimestamp(said.since_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")

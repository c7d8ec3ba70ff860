"""What comes in: whether events say what they should, and whether interests are those that were calibrated
on."""

from __future__ import annotations

from agents.checks.finding import CheckFinding
from agents.inputs.board import InputBoard
from models.inputs.verdict import InputState
from streams.artifacts.reader import ArtifactReader
from streams.broker.reading import read_records
from streams.settings import Settings
from streams.topics import INPUT


async def read_inputs(settings: Settings, artifacts: ArtifactReader, now_ms: int) -> InputState | None:
    """What the lanes told last; None without a catalogue."""
    board = InputBoard()
    async for _, raw, record in read_records(settings, [INPUT]):
        board.on_record(INPUT, raw.key.decode(), record, raw.headers, raw.timestamp)
    catalog = artifacts.catalog
    return None if catalog is None else board.state(catalog.version, artifacts.detector, now_ms)


def input_findings(state: InputState | None) -> list[CheckFinding]:
    """A warning for each alarm; else one line with what is known."""
    if state is None:
        return []
    if state.alarms:
        return [CheckFinding("warning", "inputs", each.text, each.repair) for each in state.alarms]
    said = [f"{share:.1%} {what.replace('_', ' ')}" for what, share in state.shares.items()]
    said += [f"{of} {index:.2f} from what was calibrated on" for of, index in state.drift.items()]
    return [
        CheckFinding("ok", "inputs", ", ".join(said) or "too few events in the last hours to judge them by")
    ]

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorboardX", reason="curves need the train extra: pip install 'shiftcast[train]'")


def test_points_are_written_as_events(tmp_path: Path) -> None:
    from tensorboardX.proto.event_pb2 import Event

    from models.training.curves import FOLDER, Curves

    curves = Curves(tmp_path)
    curves.add("loss", 3, 0.5)
    curves.close()
    (path,) = (tmp_path / FOLDER).iterdir()
    data, found = path.read_bytes(), []
    while data:
        size = int.from_bytes(data[:8], "little")
        found.append(Event.FromString(data[12 : 12 + size]))
        data = data[16 + size :]
    assert [
        (each.step, each.summary.value[0].tag, each.summary.value[0].simple_value) for each in found[1:]
    ] == [(3, "loss", 0.5)]

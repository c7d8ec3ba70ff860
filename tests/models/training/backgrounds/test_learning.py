"""A network learns scenes, and its graph tells what it tells."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra `train`)")

from models.training.backgrounds.exporting import write_graph  # noqa: E402
from models.training.backgrounds.learning import batch_of, flow_loss  # noqa: E402
from models.training.backgrounds.network import MapNetwork, NetworkSize  # noqa: E402
from models.training.loop import Training, TrainingPlan  # noqa: E402

TINY = NetworkSize(16, 16, 1, 1, 2)


def test_the_loss_falls_on_a_few_scenes() -> None:
    torch.manual_seed(1)
    network, batch = MapNetwork(TINY), batch_of(1, 0, 4)
    first = flow_loss(network, batch, half=False).item()
    outcome = Training(network, TrainingPlan(60, 5e-3)).run(lambda _: flow_loss(network, batch, half=False))
    assert flow_loss(network, batch, half=False).item() < 0.5 * first and outcome.steps == 60


def test_a_step_is_always_the_same_and_some_are_told_nothing() -> None:
    one, again, other = (batch_of(1, step, 64) for step in (3, 3, 4))
    assert torch.equal(one.maps, again.maps) and torch.equal(one.noise, again.noise)
    assert one.maps.shape != other.maps.shape or not torch.equal(one.maps, other.maps)
    untold = one.codes.sum(1) == 0
    assert 0 < untold.sum() < 24 and (one.words[untold] == 0).all()


def test_the_graph_tells_what_the_network_tells_at_any_shape(tmp_path: Path) -> None:
    import onnxruntime

    torch.manual_seed(1)
    network = MapNetwork(TINY)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    off = write_graph(network, tmp_path / "maps.onnx")
    assert 0 < off < 0.02
    session = onnxruntime.InferenceSession(tmp_path / "maps.onnx")
    batch = batch_of(2, 1, 2)
    given = {"noisy": batch.noise, "time": batch.times, "code": batch.codes, "words": batch.words}
    [told] = session.run(None, {name: value.numpy() for name, value in given.items()})
    with torch.no_grad():
        expected = network(*given.values())
    assert abs(told - expected.numpy()).max() < 0.02 * expected.std().item()

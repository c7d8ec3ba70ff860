"""The recipe of the background model: one run makes a folder that paints; a killed one goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra `train`)")

from models.background.background_model import BackgroundModel  # noqa: E402
from models.background.conditions import Condition, words_map  # noqa: E402
from models.background.folder import GRAPH, kind_of  # noqa: E402
from models.export.verify import ParityError  # noqa: E402
from models.model_folder.graph_file import ModelFileError  # noqa: E402
from models.model_folder.manifest import MANIFEST  # noqa: E402
from models.recipes import background  # noqa: E402
from models.recipes.background import BackgroundRecipe, train_background  # noqa: E402
from models.scene.palette import palette_of  # noqa: E402
from models.training.backgrounds.network import NetworkSize  # noqa: E402
from models.training.loop import UNFINISHED  # noqa: E402

TINY = BackgroundRecipe(steps=4, batch=2, walk_steps=2, size=NetworkSize(16, 16, 1, 1, 2))
PALETTE = palette_of("Acme", (), "deep")
BOXES = [(20.0, 20.0, 200.0, 120.0)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "tiny"
    heard: list[float] = []
    manifest = train_background(out, "tiny", "1", TINY, lambda step, _: heard.append(step))
    assert heard == [1, 2, 3, 4] and manifest.recipe["held_out_loss"] > 0 and manifest.parity < 0.05
    return out


def test_it_paints_the_same_for_the_same_seed_and_as_it_is_told(made: Path) -> None:
    assert kind_of(made) == "background" and not (made / UNFINISHED).exists()
    assert "no photographs" in (made / "README.md").read_text("utf-8")
    model = BackgroundModel.load(made, "cpu", 1)

    def painted(mood: str, seed: int, deep: bool = True) -> bytes:
        return model.painted((300, 250), PALETTE, deep, BOXES, mood, seed).tobytes()

    assert painted("silk", 1) == painted("silk", 1)
    assert len({painted("silk", 1), painted("silk", 2), painted("hills", 1), painted("silk", 1, False)}) == 4


def test_threads_move_pixels_by_one_rounding_at_most(made: Path) -> None:
    one, two = (
        np.asarray(
            BackgroundModel.load(made, "cpu", threads).painted((300, 250), PALETTE, True, BOXES, "silk", 1),
            np.int16,
        )
        for threads in (1, 2)
    )
    assert np.abs(one - two).max() <= 1


def test_it_walks_from_the_noise_that_it_is_given(made: Path) -> None:
    model = BackgroundModel.load(made, "cpu", 1)
    condition = Condition("paper", False, words_map(BOXES, (300, 250)))
    noise = np.zeros((1, 3, *condition.words.shape), np.float32)
    found = model.walked(condition, noise)
    assert found.shape == noise.shape[1:] and (found == model.walked(condition, noise)).all()
    assert (found != model.walked(condition, noise + 1)).any()


def test_a_killed_run_goes_on_and_ends_as_an_unbroken_one(made: Path, tmp_path: Path) -> None:
    def killed(step: int, _: float) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_background(tmp_path / "out", "tiny", "1", TINY, killed)
    assert not (tmp_path / "out" / MANIFEST).exists()
    train_background(tmp_path / "out", "tiny", "1", TINY)
    assert (tmp_path / "out" / GRAPH).read_bytes() == (made / GRAPH).read_bytes()


def test_a_damaged_folder_is_refused_in_one_line(made: Path, tmp_path: Path) -> None:
    for name in (MANIFEST, GRAPH):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    (tmp_path / GRAPH).write_bytes(b"other")
    with pytest.raises(ModelFileError, match=r"its sha256 differs.*restore the file"):
        BackgroundModel.load(tmp_path, "cpu", 1)
    (tmp_path / MANIFEST).write_bytes(b"{}")
    with pytest.raises(ModelFileError, match=r"no manifest of a background model.*train-background"):
        BackgroundModel.load(tmp_path, "cpu", 1)


def test_a_graph_that_tells_otherwise_is_not_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "write_graph", lambda *_: float("nan"))
    with pytest.raises(ParityError, match=r"nan deviations off the network"):
        train_background(tmp_path / "out", "tiny", "1", TINY)
    assert not (tmp_path / "out" / MANIFEST).exists()

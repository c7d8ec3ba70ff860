"""A language model learns from ads, goes on after a kill as if nothing had been, and what it learnt can be
added when the model is converted."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.corpus.authored import AuthoredAd, AuthoredItem, AuthoredLine
from models.corpus.held_out import is_held_out
from models.gguf.adapter import read_adapter, taught
from models.gguf.reading import read_gguf
from models.recipes.teaching import NAME, Teaching, teach
from models.training.loop import Loss, Training
from models.training.supervised import DataError
from tests.models.gguf.small_files import LAYERS, write_gguf

WISH = Teaching(epochs=3, items=4, rank=2, frozen=LAYERS - 1, learning_rate=5e-3)


def line(number: int) -> AuthoredLine:
    words = ("warm", "light", "wool", "blue")
    item = AuthoredItem(f"Mug {number}", "mug", f"Brand {number}", [f"kind {number}"], text="It is warm.")
    ads = [
        AuthoredAd(
            "native", "direct", "calm", "clicks", "", "", f"A {word} mug", f"The mug is {word}.", "See"
        )
        for word in words[: 1 + number % 4]
    ]
    return AuthoredLine(item, ads)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "ads.jsonl"
    path.write_bytes(b"\n".join(msgspec.json.encode(line(number)) for number in range(40)))
    return path


class KilledError(RuntimeError):
    """A process that ends in the middle."""


def test_a_killed_run_goes_on_and_ends_as_an_unbroken_one(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = write_gguf(tmp_path / "small.gguf")
    whole = teach(base, [data], tmp_path / "whole", WISH)

    def kill(step: int, steps: int, loss: float) -> None:
        if step == 22:
            raise KilledError

    with pytest.raises(KilledError):
        teach(base, [data], tmp_path / "broken", WISH, report=kill)
    steps: list[int] = []
    one = Training._one

    def counted(self: Training, loss: Loss) -> None:
        steps.append(self.step)
        one(self, loss)

    monkeypatch.setattr(Training, "_one", counted)
    again = teach(base, [data], tmp_path / "broken", WISH)
    assert steps[0] == 20
    left = [
        {key: value for key, value in card["recipe"].items() if key != "cpu_s"} for card in (whole, again)
    ]
    assert left[0] == left[1]
    made = [read_adapter(tmp_path / which / NAME).weights for which in ("whole", "broken")]
    assert made[0].keys() == made[1].keys()
    assert all(np.array_equal(made[0][name].out, made[1][name].out) for name in made[0])


def test_what_it_learnt_makes_ads_likelier_and_lies_in_the_upper_layers(tmp_path: Path, data: Path) -> None:
    base = write_gguf(tmp_path / "small.gguf")
    card = teach(base, [data], tmp_path / "out", WISH)
    recipe = card["recipe"]
    assert recipe["held_out_loss"] < recipe["held_out_before"]
    held = [number for number in range(40) if is_held_out(line(number).item)]
    assert recipe["held_out_items"] == len(held)
    assert recipe["items"] == 40 - len(held)
    adapter, model = read_adapter(tmp_path / "out" / NAME), read_gguf(base)
    assert len(adapter.weights) == 7
    assert all(name.startswith(f"model.layers.{LAYERS - 1}.") for name in adapter.weights)
    known, found = model.weights(), taught(model, adapter).weights()
    assert {name for name in known if not np.array_equal(known[name], found[name])} == set(adapter.weights)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["adapter.json", NAME]


def test_data_without_ads_of_the_language_is_refused_by_name(tmp_path: Path, data: Path) -> None:
    with pytest.raises(DataError, match="give --data with more ads"):
        teach(write_gguf(tmp_path / "small.gguf"), [data], tmp_path / "out", WISH, locale="sv")

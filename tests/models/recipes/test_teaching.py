"""A language model learns from ads, goes on after a kill as if nothing had been, and what it learnt can be
added when the model is converted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from models.corpus.authored import AuthoredAd, AuthoredItem, AuthoredLine
from models.corpus.held_out import is_held_out
from models.gguf.adapter import TaughtAdapter, read_adapter, taught
from models.gguf.reading import read_gguf
from models.recipes import teaching
from models.recipes.teaching import NAME, Teaching, teach
from models.training.examples.batches import Encoded, pack
from models.training.item_rows import AdIds
from models.training.loop import Loss, Training
from models.training.losses import copy_log_probs
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
    assert (recipe["items"], recipe["trained_items"]) == (WISH.items, 40 - len(held))
    adapter, model = read_adapter(tmp_path / "out" / NAME), read_gguf(base)
    assert len(adapter.weights) == 7
    assert all(name.startswith(f"model.layers.{LAYERS - 1}.") for name in adapter.weights)
    known, found = model.weights(), taught(model, adapter).weights()
    assert {name for name in known if not np.array_equal(known[name], found[name])} == set(adapter.weights)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["adapter.json", NAME]


def test_what_readers_took_becomes_likelier_than_what_they_refused(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = write_gguf(tmp_path / "small.gguf")
    words = [msgspec.structs.replace(line(number), ads=line(3).ads[:2]) for number in range(40)]
    monkeypatch.setattr(teaching, "preferred", lambda: iter(words))
    found = {}
    for steps in (0, 30):
        out = tmp_path / f"out-{steps}"
        card = teach(base, [data], out, replace(WISH, pair_steps=steps))
        found[steps] = _margin(base, read_adapter(out / NAME), words)
    assert card["recipe"]["pairs"] == sum(not is_held_out(each.item) for each in words)
    assert card["recipe"]["kind"] == "LoRA, supervised, then preferences"
    assert found[30] > found[0] + 0.5
    assert not (out / "pairs").exists()


def _margin(base: Path, adapter: TaughtAdapter, lines: list[AuthoredLine]) -> float:
    """By how much the first ad of an item is likelier than the second, mean over items."""
    network = AutoModelForCausalLM.from_pretrained(base.parent, gguf_file=base.name, dtype=torch.float32)
    weights = taught(read_gguf(base), adapter).weights()
    network.load_state_dict({name: torch.tensor(each) for name, each in weights.items()}, strict=False)
    ids = AdIds(Tokenizer.from_str(read_gguf(base).tokenizer.decode()))
    rows = [ids.row(each) for each in lines]
    sides = [[Encoded(row.shared + row.ads[at].prompt, row.ads[at].copy) for row in rows] for at in (0, 1)]
    with torch.no_grad():
        liked, passed = (copy_log_probs(network, pack(side, 0)) for side in sides)
    return float((liked - passed).mean())


def test_data_without_ads_of_the_language_is_refused_by_name(tmp_path: Path, data: Path) -> None:
    with pytest.raises(DataError, match="give --data with more ads"):
        teach(write_gguf(tmp_path / "small.gguf"), [data], tmp_path / "out", WISH, locale="sv")

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig

from models.copywriter.registry import builtin_folder
from models.export.verify import ParityError
from models.model_folder.adapters import Bank, read_bank
from models.model_folder.session import open_folder
from models.recipes import refreshing
from models.recipes.inherited import inherited
from models.recipes.refreshing import Refresh, refresh
from models.training.loop import TrainingPlan
from models.training.publish import LEXICON, Publication, publish_checkpoint
from tests.models.export.checkpoints import VOCABULARY, checkpoint
from tests.models.export.traced_once import traced_once
from tests.models.training.checkpoints import text_checkpoint

ADAPTERS = ("northfold", "tern-lane")


@pytest.fixture(scope="module", autouse=True)
def _traced_once() -> Iterator[None]:
    with traced_once():
        yield


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=64, intermediate_size=96, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=2048, bos_token_id=1, eos_token_id=2, pad_token_id=0,
        tie_word_embeddings=True,
    )  # fmt: skip
    return checkpoint(tmp_path_factory.mktemp("source"), config, steps=40)


def adapter(source: Path, out: Path, rank: int, modules: list[str]) -> Path:
    network = get_peft_model(
        AutoModelForCausalLM.from_pretrained(source),
        LoraConfig(r=rank, target_modules=modules, task_type="CAUSAL_LM"),
    )
    generator = torch.Generator().manual_seed(rank)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if "lora_B" in name:
                weight.copy_(torch.randn(weight.shape, generator=generator) * 0.05)
    network.save_pretrained(out)
    return out


@pytest.fixture(scope="module")
def current(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("current")
    folders = [
        adapter(source, root / "a", 1, ["q_proj", "v_proj"]),
        adapter(source, root / "b", 2, ["o_proj", "up_proj", "down_proj"]),
    ]
    what = Publication(
        "acme", "3", ("fp32",), ("de", "en"), licence="MIT", bank=Bank(3, 2),
        adapters=dict(zip(ADAPTERS, folders, strict=True)), longest=1024,
    )  # fmt: skip
    publish_checkpoint(source, root / "3", what)
    return root / "3"


def refreshed(source: Path, current: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The candidate of a refresh whose tuning changes nothing and which nothing is measured of."""

    def tune(checkpoint: Path, out: Path, *_: object) -> dict[str, Any]:
        shutil.copytree(checkpoint, out)
        return {}

    monkeypatch.setattr(refreshing, "tune", tune)
    monkeypatch.setattr(refreshing, "quality", lambda *_: {"copies": 1})
    monkeypatch.setattr(refreshing, "reasons_against", lambda *_: [])
    what = Refresh(source, current, Path("log.jsonl"), "acme", "4", TrainingPlan(1, 1e-3))
    return Path(refresh(what, [], [], 2, work)["folder"])


def test_a_refreshed_model_is_what_the_current_one_is(
    source: Path, current: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = open_folder(current), open_folder(refreshed(source, current, tmp_path, monkeypatch))
    assert (new.manifest["name"], new.manifest["version"], new.manifest["parent"]) == ("acme", "4", "acme/3")
    for key in ("licence", "locales", "adapters", "variants", "writing", "spec"):
        assert new.manifest[key] == old.manifest[key], key
    (old_rows, old_bank), (new_rows, new_bank) = read_bank(old), read_bank(new)
    assert old_rows == new_rows == {name: row for row, name in enumerate(ADAPTERS, start=1)}
    assert all(np.array_equal(old_bank[name], new_bank[name]) for name in old_bank)
    assert all(any(values[row].any() for values in new_bank.values()) for row in old_rows.values())
    assert json.loads((new.folder / "manifest.json").read_text())["quality"] == {"copies": 1}


def test_a_model_of_another_kind_inherits_neither_licence_nor_length(current: Path, tmp_path: Path) -> None:
    other = text_checkpoint(tmp_path / "gpt2")
    old = inherited(current, other, tmp_path / "adapters")
    assert (old.parent, old.licence, old.longest, old.locales) == ("acme/3", None, 4096, ("de", "en"))


def test_words_that_earlier_logs_allowed_stay_allowed(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(builtin_folder(), tmp_path / "current"))
    manifest = json.loads((folder / "manifest.json").read_text())
    text = (folder / LEXICON).read_text() + "zanzibar\n"
    (folder / LEXICON).write_text(text)
    manifest["files"][LEXICON] = sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    old = inherited(folder, text_checkpoint(tmp_path / "gpt2"), tmp_path / "adapters")
    assert "zanzibar" in old.words
    assert old.precisions == ("w8", "fp16")


@pytest.mark.parametrize(
    ("precisions", "then"), [(("w8", "fp16"), [("w8", "fp16"), ("fp32", "fp16")]), (("fp32",), [("fp32",)])]
)
def test_what_eight_bits_do_not_say_exactly_is_written_exactly(
    precisions: tuple[str, ...],
    then: list[tuple[str, ...]],
    source: Path,
    current: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, ...]] = []

    def publish_checkpoint(checkpoint: Path, out: Path, what: Publication) -> None:
        asked.append(what.precisions)
        raise ParityError("w8 differs")

    folder = Path(shutil.copytree(current, tmp_path / "current"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["variants"] = {
        str(number): {"precision": precision} for number, precision in enumerate(precisions)
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(refreshing, "publish_checkpoint", publish_checkpoint)
    with pytest.raises(ParityError):
        refreshed(source, folder, tmp_path / "work", monkeypatch)
    assert asked == then

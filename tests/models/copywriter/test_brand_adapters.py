"""Adapters of several brands in one model: each brief is written with its brand's own, in any batch, without
a session of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import LlamaConfig

from models.brief.brief import Brief
from models.copywriter.generate import Copywriter, adapter_name
from models.export.exporting import export_model
from models.export.order import ExportOrder, Gate
from models.export.source import load_source
from models.model_folder.adapters import Bank, fill_bank, to_bytes
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import open_folder
from tests.models.export.checkpoints import LINES, VOCABULARY, checkpoint, tokenizer

BANK = Bank(adapters=2, rank=2)
BRIEF = Brief("rq_1", "c", "native", "Northfold", "Plain Mug", "mug", ctas=("Shop now",))
BRANDS = ("Northfold", "Tern & Lane", "Nobody")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model with room for two adapters and none in it."""
    root = tmp_path_factory.mktemp("adapters")
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=64, intermediate_size=96, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=2048, bos_token_id=1, eos_token_id=2, pad_token_id=0,
        tie_word_embeddings=True,
    )  # fmt: skip
    source = load_source(checkpoint(root / "checkpoint", config, steps=40), None, "MIT")
    gate = Gate([1], [tokenizer().encode(line).ids[:6] for line in LINES])
    export_model(source, root / "base", ExportOrder("acme", "1", ("fp32",), bank=BANK, fused_only=True), gate)
    return root / "base"


def with_adapters(
    base: Path, out: Path, version: str, seed: int, names: Sequence[str] = ("northfold", "tern-lane")
) -> Path:
    """The model with an adapter per name, as an exported folder has them."""
    shutil.copytree(base, out)
    manifest = json.loads((out / "manifest.json").read_text())
    rng, spec = np.random.default_rng(seed), open_folder(base).spec
    (out / "adapters").mkdir()
    files = {}
    for name in names:
        values = {
            key: rng.normal(0, 0.3, slot.shape[1:]).astype(np.float32)
            for key, slot in fill_bank(spec, BANK, []).items()
        }
        files[name] = f"adapters/{name}.npz"
        (out / files[name]).write_bytes(to_bytes(values))
        manifest["files"][files[name]] = hashlib.sha256((out / files[name]).read_bytes()).hexdigest()
    manifest["adapters"]["files"], manifest["version"] = files, version
    (out / "manifest.json").write_text(json.dumps(manifest))
    return out


def written(copywriter: Copywriter, briefs: Sequence[Brief]) -> list[Any]:
    """What the decoder wrote for each brief, whatever became of it."""
    heard: list[Any] = []
    decode = copywriter.engine.decode

    def listening(prompts: Any, *rest: Any) -> Any:
        found = decode(prompts, *rest)
        heard.extend(
            (prompt.adapter, [sequence.ids for sequence in sequences])
            for prompt, sequences in zip(prompts, found, strict=True)
        )
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copywriter.engine, "decode", listening)
        copywriter.write(briefs, lambda: 1e9)
    return heard[: len(briefs)]


def briefs() -> list[Brief]:
    return [replace(BRIEF, request_id=f"rq_{number}", brand=BRANDS[number % 3]) for number in range(9)]


def test_names_of_adapters_are_brands_made_plain() -> None:
    assert [adapter_name(each) for each in ("Quill & Ash", "NORTHFOLD", "青禾里", (
        "  Seefeld & "
        "Moor!"
    ), "")] == [
        "quill-ash", "northfold", "青禾里", "seefeld-moor", "",
    ]  # fmt: skip


def test_each_brief_has_its_brands_adapter_and_is_written_the_same_alone(base: Path, tmp_path: Path) -> None:
    copywriter = Copywriter.load(with_adapters(base, tmp_path / "1", "1", seed=1))
    together = written(copywriter, briefs())
    assert [adapter for adapter, _ in together] == [1, 2, 0] * 3
    for brief, found in zip(briefs(), together, strict=True):
        assert written(copywriter, [brief]) == [found]
    plain = written(Copywriter.load(base), briefs())
    same = [ids == bare for (_, ids), (_, bare) in zip(together, plain, strict=True)]
    assert same[2::3] == [True] * 3, "no adapter changes nothing"
    assert same.count(True) < 9


def test_a_version_with_other_adapters_shares_the_sessions_and_neither_disturbs_the_other(
    base: Path, tmp_path: Path
) -> None:
    first = Copywriter.load(with_adapters(base, tmp_path / "1", "1", seed=1))
    before = written(first, briefs())
    second = first.sharing(with_adapters(base, tmp_path / "2", "2", seed=2, names=("tern-lane",)))
    assert second is not None
    assert second.engine is first.engine
    assert second.version == "2"
    assert len({first.model_hash, second.model_hash, Copywriter.load(base).model_hash}) == 3
    other = written(second, briefs())
    assert other != before
    assert [adapter for adapter, _ in other] == [0, 1, 0] * 3
    assert written(first, briefs()) == before, "a batch of the old one after one of the new"
    assert written(Copywriter.load(tmp_path / "2"), briefs()) == other, "shared or loaded anew, the same"
    bare = second.sharing(base)
    assert bare is not None
    assert written(bare, briefs()) == written(Copywriter.load(base), briefs()), (
        "without adapters the bank is empty again"
    )


def test_other_graphs_share_nothing_and_damaged_adapters_are_refused(base: Path, tmp_path: Path) -> None:
    first = Copywriter.load(base)
    changed = with_adapters(base, tmp_path / "1", "1", seed=1)
    manifest = json.loads((changed / "manifest.json").read_text())
    (changed / "manifest.json").write_text(json.dumps({**manifest, "temperature": 0.1}))
    assert first.sharing(changed) is None
    damaged = with_adapters(base, tmp_path / "2", "2", seed=2)
    (damaged / "adapters" / "northfold.npz").write_bytes(b"no arrays")
    with pytest.raises(ModelFileError, match=r"northfold\.npz"):
        first.sharing(damaged)

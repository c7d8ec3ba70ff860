from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.numpy import load_file, save_file

from models.export import verify
from models.export.asked_model import truth_of
from models.export.config import UnsupportedModelError
from models.export.exporting import export_model
from models.export.order import ExportOrder, Gate
from models.export.peft_adapter import read_peft
from models.export.source import load_source
from models.model_folder.adapters import Bank, fill_bank, read_bank, shapes
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import open_folder, open_session
from tests.models.export.checkpoints import CONFIGS, checkpoint

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
GATE = Gate([1, 40], [[50, 51, 52], [60], [70, 71]])


def write_adapter(base: Path, folder: Path, rank: int, targets: list[str], seed: int, **more: Any) -> Path:
    """A random adapter as peft saves it."""
    model = load_source(base, None).model
    torch.manual_seed(seed)
    tuned = get_peft_model(
        model, LoraConfig(r=rank, lora_alpha=3 * rank, target_modules=targets, task_type="CAUSAL_LM", **more)
    )
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_" in name:
                weight.normal_(0, 0.2)
    tuned.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path], Path]:
    """A checkpoint, two adapters of different rank and reach, and the folder exported with both."""
    root = tmp_path_factory.mktemp("adapters")
    base = checkpoint(root / "base", CONFIGS["qwen2"](), steps=40)
    adapters = {
        "acme": write_adapter(base, root / "acme", 4, ALL, 1),
        "northfold": write_adapter(base, root / "northfold", 2, ["q_proj", "v_proj"], 2, use_rslora=True),
    }
    out = root / "out"
    export_model(
        load_source(base, None),
        out,
        ExportOrder("b", "1", ("fp32",), bank=Bank(3, 4), adapters=adapters),
        GATE,
    )
    return base, adapters, out


def test_each_row_of_the_bank_computes_what_the_merged_model_computes(
    made: tuple[Path, dict[str, Path], Path],
) -> None:
    """The gate compares both graphs with transformers and the adapter merged; here: that it did, and that the
    adapters differ."""
    base, _, out = made
    figures = json.loads((out / "manifest.json").read_text())["parity"]["graphs"]
    wanted = {
        f"{phase} with adapter {name}" for phase in ("decode", "extend") for name in ("acme", "northfold")
    }
    assert wanted < set(figures)
    assert all(
        figures[name]["max_relative_error"] <= 1e-4 and figures[name]["top1_agreement"] == 1.0
        for name in wanted
    )
    source = load_source(base, None)
    known = truth_of(source.model, GATE.prefix, GATE.suffixes, source.spec.eos)
    rows, bank = read_bank(open_folder(out))
    assert rows == {"acme": 1, "northfold": 2}
    for phase, run in (("decode", verify.run_decode), ("extend", verify.run_extend)):
        session = open_session((out / f"{phase}.fp32.onnx").read_bytes(), "cpu", 1)
        plain, _ = run(session, source.spec, known, None, 0)
        assert (run(session, source.spec, known, bank, 0)[0] == plain).all()  # row 0 is the model itself
        assert not np.allclose(run(session, source.spec, known, bank, 1)[0], plain)
        assert not np.allclose(
            run(session, source.spec, known, bank, 1)[0], run(session, source.spec, known, bank, 2)[0]
        )
        assert (run(session, source.spec, known, bank, 3)[0] == plain).all()  # room that nobody uses


def test_a_damaged_adapter_is_not_loaded(made: tuple[Path, dict[str, Path], Path], tmp_path: Path) -> None:
    folder = shutil.copytree(made[2], tmp_path / "copy")
    data = bytearray((folder / "adapters" / "acme.npz").read_bytes())
    data[100] ^= 1
    (folder / "adapters" / "acme.npz").write_bytes(bytes(data))
    with pytest.raises(ModelFileError, match="sha256"):
        read_bank(open_folder(folder))


def test_a_model_without_adapters_has_an_empty_bank(
    made: tuple[Path, dict[str, Path], Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(made[2], tmp_path / "copy")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "adapters": None}))
    assert read_bank(open_folder(folder)) == ({}, {})


def test_what_does_not_fit_the_bank_is_refused_by_name(
    made: tuple[Path, dict[str, Path], Path], tmp_path: Path
) -> None:
    base, adapters, _ = made
    spec = load_source(base, None).spec
    with pytest.raises(UnsupportedModelError, match="--rank 4"):
        read_peft(adapters["acme"], spec, 2)
    with pytest.raises(UnsupportedModelError, match="adapter_config"):
        read_peft(tmp_path, spec, 4)
    with pytest.raises(UnsupportedModelError, match="use_dora"):
        read_peft(write_adapter(base, tmp_path / "dora", 2, ["q_proj"], 3, use_dora=True), spec, 4)
    head = shutil.copytree(adapters["acme"], tmp_path / "head")
    weights = load_file(head / "adapter_model.safetensors")
    save_file(
        {**weights, "base_model.model.lm_head.lora_A.weight": np.ones((4, 64), np.float32)},
        head / "adapter_model.safetensors",
    )
    with pytest.raises(UnsupportedModelError, match=r"lm_head.*does not adapt"):
        read_peft(head, spec, 4)
    with pytest.raises(UnsupportedModelError, match=r"self_attn\.q_proj has other sizes"):
        read_peft(adapters["acme"], replace(spec, heads=8), 4)
    (head / "adapter_model.safetensors").write_bytes(b"cut")
    with pytest.raises(UnsupportedModelError, match=r"no adapter_model\.safetensors that can be read"):
        read_peft(head, spec, 4)
    with pytest.raises(ValueError, match="--adapters 2"):
        ExportOrder("x", "1", bank=Bank(1, 4), adapters=adapters)
    with pytest.raises(ValueError, match="--precision fp16"):
        ExportOrder("x", "1", ("bf16",), bank=Bank(1, 4))
    with pytest.raises(ValueError, match="at least 1"):
        Bank(0, 4)


def test_filling_a_bank_checks_names_shapes_and_room(made: tuple[Path, dict[str, Path], Path]) -> None:
    spec, bank = load_source(made[0], None).spec, Bank(1, 2)
    name, shape = next(iter(shapes(spec, bank)))
    one = {name: np.ones(shape[1:], np.float32)}
    filled = fill_bank(spec, bank, [one])
    assert filled[name][0].sum() == 0
    assert (filled[name][1] == 1).all()
    assert set(filled) == {entry for entry, _ in shapes(spec, bank)}
    with pytest.raises(ValueError, match="--adapters 2"):
        fill_bank(spec, bank, [one, one])
    with pytest.raises(ValueError, match="does not fit"):
        fill_bank(spec, bank, [{name: np.ones((2, 2), np.float32)}])
    with pytest.raises(ValueError, match="does not fit"):
        fill_bank(spec, bank, [{"lora.9.qkv.a": np.ones(shape[1:], np.float32)}])


def test_a_bank_needs_the_fused_graph(tmp_path: Path) -> None:
    base = checkpoint(tmp_path / "gpt2", CONFIGS["gpt2"](), steps=0)
    with pytest.raises(UnsupportedModelError, match="merge the adapter"):
        export_model(load_source(base, None), tmp_path / "out", ExportOrder("g", "1", bank=Bank(1, 2)), GATE)
    assert not (tmp_path / "out").exists()

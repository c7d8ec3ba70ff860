"""Small checkpoints of every architecture through the exporter: what is written, and that it computes what
transformers computes."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from safetensors.numpy import load_file, save_file
from transformers import GraniteConfig

from models.export import verify
from models.export.asked_model import truth_of
from models.export.config import UnsupportedModelError
from models.export.exporting import export_model
from models.export.folder import FolderError
from models.export.order import ExportOrder, Gate
from models.export.quantise import quantise
from models.export.source import SourceCheckpoint, load_source
from models.model_folder.graph_file import check_self_contained
from models.model_folder.session import open_folder, open_session
from tests.models.export.checkpoints import CONFIGS, LINES, checkpoint, tokenizer


def gate() -> Gate:
    """Beginnings of the lines that the checkpoints know."""
    ids = [tokenizer().encode(line).ids for line in LINES]
    return Gate([1], [row[: 2 + 3 * index] for index, row in enumerate(ids)])


_SIZES = (
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "max_position_embeddings",
    "bos_token_id", "eos_token_id", "pad_token_id",
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, SourceCheckpoint, Path]]:
    """Checkpoint, loaded source and exported folder (fp32) of each architecture, made when it is first asked
    for."""
    return _Made(tmp_path_factory.mktemp("export"))


class _Made(dict[str, tuple[Path, SourceCheckpoint, Path]]):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def __missing__(self, architecture: str) -> tuple[Path, SourceCheckpoint, Path]:
        folder = checkpoint(self.root / architecture, CONFIGS[architecture]())
        source, out = load_source(folder, "maker/name", "MIT"), self.root / f"{architecture}-out"
        export_model(source, out, ExportOrder(architecture, "1", ("fp32",)), gate())
        self[architecture] = (folder, source, out)
        return self[architecture]


@pytest.mark.parametrize("architecture", CONFIGS)
def test_every_architecture_is_written_whole_and_computes_what_transformers_computes(
    folders: Any, architecture: str
) -> None:
    _, source, out = folders[architecture]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["schema"] == 2
    assert (manifest["parent"], manifest["licence"], manifest["opset"], manifest["architecture"]) == (
        "maker/name",
        "MIT",
        23,
        architecture,
    )
    assert manifest["parameters"] == source.model.num_parameters()
    assert {path.name for path in out.iterdir()} == {*manifest["files"], "manifest.json", "README.md"}
    for name, digest in manifest["files"].items():
        assert sha256((out / name).read_bytes()).hexdigest() == digest
    assert manifest["tokenizer"] == {"file": "tokenizer.json", "sha256": manifest["files"]["tokenizer.json"]}
    fused = architecture != "gpt2"
    assert manifest["variants"] == {
        "cpu": {
            "precision": "fp32",
            "decode": "decode.fp32.onnx" if fused else None,
            "extend": "extend.fp32.onnx",
        }
    }
    assert (manifest["fused_obstacle"] is None) == fused
    figures = manifest["parity"]["graphs"]
    assert set(figures) == ({"decode.fp32.onnx", "extend.fp32.onnx"} if fused else {"extend.fp32.onnx"})
    for found in figures.values():
        assert found["max_relative_error"] <= verify.MAX_ERROR["fp32"]
        assert found["top1_agreement"] == 1.0
    opened = open_folder(out)
    assert opened.spec == source.spec
    for name in manifest["files"]:
        if name.endswith(".onnx"):
            check_self_contained(opened.read(name))
            model = onnx.load_from_string(opened.read(name))
            onnx.checker.check_model(model)
            assert not any(node.doc_string or node.metadata_props for node in model.graph.node)
    assert "/" not in json.dumps(manifest["variants"])
    assert str(out.parent) not in (out / "manifest.json").read_text() + (out / "README.md").read_text()


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
@pytest.mark.parametrize(
    ("rows", "past", "new"), [(1, 0, 1), (1, 0, 9), (3, 0, 4), (4, 5, 3), (2, 9, 1), (5, 1, 2), (1, 7, 6)]
)
@torch.no_grad()
def test_the_extend_graph_takes_any_batch_length_and_past(
    folders: Any, architecture: str, rows: int, past: int, new: int
) -> None:
    _, source, out = folders[architecture]
    session, spec = open_session((out / "extend.fp32.onnx").read_bytes(), "cpu", 1), source.spec
    rng = np.random.default_rng(rows * 100 + past * 10 + new)
    ids, lengths = (
        rng.integers(3, spec.vocabulary, (rows, past + new)),
        rng.integers(past + 1, past + new + 1, rows),
    )
    mask = (np.arange(past + new)[None] < lengths[:, None]).astype(np.int64)
    expected = source.model(torch.tensor(ids), attention_mask=torch.tensor(mask)).logits.numpy()
    cache = source.model(torch.tensor(ids[:, :past]), use_cache=True).past_key_values.layers if past else None
    empty = np.zeros((rows, spec.kv_heads, 0, spec.head_width), np.float32)
    feed = {"input_ids": ids[:, past:], "attention_mask": mask, "last": lengths[:, None] - past - 1}
    feed["position_ids"] = np.broadcast_to(np.arange(past, past + new), (rows, new))
    for layer in range(spec.layers):
        feed[f"past_key_{layer}"] = cache[layer].keys.numpy() if cache else empty
        feed[f"past_value_{layer}"] = cache[layer].values.numpy() if cache else empty
    logits, tops, *present = session.run(None, feed)
    assert logits.shape == tops.shape == (rows, 64)
    assert all(kept.shape == (rows, spec.kv_heads, past + new, spec.head_width) for kept in present)
    for row in range(rows):
        wanted = expected[row, lengths[row] - 1]
        assert np.abs(logits[row] - wanted[tops[row]]).max() <= 1e-4 * np.abs(wanted).max()
        assert tops[row, 0] == wanted.argmax()
        assert (np.diff(logits[row]) <= 0).all()


@pytest.mark.parametrize(("bits", "precision", "share"), [(8, "w8", 0.75), (4, "w4", 0.7)])
@pytest.mark.parametrize("architecture", ["llama", "qwen2", "gpt2"])
def test_fewer_bits_agree_and_shrink_the_file(
    folders: Any, architecture: str, bits: int, precision: str, share: float
) -> None:
    _, source, out = folders[architecture]
    known = truth_of(source.model, [1], gate().suffixes, source.spec.eos)
    for name, run in (("decode", verify.run_decode), ("extend", verify.run_extend)):
        path = out / f"{name}.fp32.onnx"
        if not path.exists():
            continue
        small = quantise(onnx.load_from_string(path.read_bytes()), bits)
        found = verify.figures(
            known, *run(open_session(small.SerializeToString(), "cpu", 1), source.spec, known), precision
        )
        verify.check_parity(name, precision, found)
        assert found.max_relative_error > 1e-5  # it is another graph
        assert small.ByteSize() < share * path.stat().st_size
        head = [node for node in small.graph.node if node.op_type == "MatMulNBits"][-1]
        assert [attribute.i for attribute in head.attribute if attribute.name == "bits"] == [8]
        assert not any(
            node.op_type in ("MatMul", "Gemm") and node.input[1].endswith((".w", ".weight"))
            for node in small.graph.node
        )


def test_both_processors_and_files_beside_the_graphs(folders: Any, tmp_path: Path) -> None:
    folder, _, _ = folders["qwen3"]
    wanted = ExportOrder(
        "q",
        "2",
        ("w8", "fp16"),
        "text",
        ("de",),
        files={"notes/a.txt": b"a"},
        extra={"recipe": {"steps": 3}},
        fused_only=True,
    )
    said: list[str] = []
    manifest = export_model(load_source(folder, None), tmp_path / "q", wanted, gate(), said.append)
    assert manifest["variants"] == {
        "cpu": {"precision": "w8", "decode": "decode.w8.onnx", "extend": None},
        "cuda": {"precision": "fp16", "decode": "decode.fp16.onnx", "extend": None},
    }
    assert (tmp_path / "q" / "notes" / "a.txt").read_bytes() == b"a"
    figures = manifest["parity"]["graphs"]
    assert figures["decode.w8.onnx"]["top1_agreement"] >= 0.99
    assert figures["decode.fp16.onnx"]["max_relative_error"] <= 3e-2
    assert any("decode.w8.onnx" in line for line in said)
    card = (tmp_path / "q" / "README.md").read_text()
    assert card.startswith('---\nlicense: "unknown"\nlanguage: ["de"]\n')
    assert "base_model" not in card
    assert "- steps: 3" in card


def test_a_family_that_scales_its_logits_goes_through_the_reference_graph(tmp_path: Path) -> None:
    """Granite divides its logits: a graph that reads the head alone would be refused by the gate."""
    sizes = {name: value for name, value in CONFIGS["llama"]().to_dict().items() if name in _SIZES}
    folder = checkpoint(
        tmp_path / "granite", GraniteConfig(logits_scaling=3.0, num_key_value_heads=2, **sizes), steps=20
    )
    manifest = export_model(
        load_source(folder, None), tmp_path / "out", ExportOrder("g", "1", ("fp32",)), gate()
    )
    assert "granite" in manifest["fused_obstacle"]
    assert set(manifest["parity"]["graphs"]) == {"extend.fp32.onnx"}


def test_what_is_too_large_for_one_file_is_refused_or_said(
    folders: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, out = folders["llama"]
    monkeypatch.setattr(
        "models.export.graphs.FILE_LIMIT_BYTES", (out / "decode.fp32.onnx").stat().st_size - 10_000
    )
    with pytest.raises(
        UnsupportedModelError, match=r"decode\.fp32\.onnx would have .* choose --precision w8 or w4"
    ):
        export_model(
            load_source(folder, None),
            tmp_path / "a",
            ExportOrder("x", "1", ("fp32",), fused_only=True),
            gate(),
        )
    manifest = export_model(
        load_source(folder, None), tmp_path / "b", ExportOrder("x", "1", ("w8",), fused_only=True), gate()
    )
    figures = manifest["parity"]["graphs"]
    assert "too large for one file" in figures["decode.fp32.onnx"]["not_checked"]
    assert figures["decode.w8.onnx"]["top1_agreement"] >= 0.99
    assert "not checked: too large" in (tmp_path / "b" / "README.md").read_text()


def test_figures_that_do_not_suffice_leave_nothing_behind(
    folders: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, _ = folders["llama"]
    monkeypatch.setitem(verify.MAX_LOSS_INCREASE, "w4", -1.0)
    with pytest.raises(
        verify.ParityError, match=r"decode\.w4\.onnx in w4 against the model: .*nothing was written"
    ):
        export_model(
            load_source(folder, None),
            tmp_path / "out",
            ExportOrder("x", "1", ("w4",), fused_only=True),
            gate(),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_version_is_never_overwritten(folders: Any) -> None:
    _, source, out = folders["llama"]
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(FolderError, match="never overwritten"):
        export_model(source, out, ExportOrder("x", "1"), gate())
    assert (out / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("precisions", "named"),
    [((), "missing"), (("w2",), "w2"), (("w8", "w4"), "at most one"), (("fp16", "bf16"), "at most one")],
)
def test_precisions_that_contradict_each_other_are_refused(precisions: tuple[str, ...], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ExportOrder("x", "1", precisions)


def test_a_folder_that_lacks_something_says_what(folders: Any, tmp_path: Path) -> None:
    folder, _, _ = folders["llama"]
    with pytest.raises(UnsupportedModelError, match=r"no config\.json"):
        load_source(tmp_path, None)
    config = json.loads((folder / "config.json").read_text())
    for name, change, named in (
        ("tokenizer", {}, "no fast tokenizer"),
        ("vocabulary", {"vocab_size": 40}, "do not belong together"),
        ("kind", {"model_type": "no_such_thing"}, "no_such_thing"),
        (
            "shape",
            {"num_key_value_heads": 4},
            r"k_proj\.weight is \[32, 64\] in the weights and \[64, 64\] by config\.json",
        ),
    ):
        broken = tmp_path / name
        broken.mkdir()
        (broken / "config.json").write_text(json.dumps({**config, **change}))
        if name != "tokenizer":
            (broken / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
        if name == "shape":
            (broken / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
        with pytest.raises(UnsupportedModelError, match=named):
            load_source(broken, None)


@pytest.mark.parametrize(
    ("file", "content"), [("config.json", b"[]"), ("tokenizer.json", b"{}"), ("tokenizer.json", b"\xff\xfe")]
)
def test_a_file_that_is_not_what_its_name_says_is_named(
    folders: Any, tmp_path: Path, file: str, content: bytes
) -> None:
    for path in folders["llama"][0].iterdir():
        (tmp_path / path.name).write_bytes(content if path.name == file else path.read_bytes())
    with pytest.raises(
        UnsupportedModelError, match=rf"{file}: no (configuration|tokenizer) that can be read"
    ):
        load_source(tmp_path, None)


def test_weights_that_are_missing_or_damaged_are_not_made_up(folders: Any, tmp_path: Path) -> None:
    folder, _, _ = folders["llama"]
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: value for name, value in weights.items() if "layers.1.mlp" not in name},
        tmp_path / "model.safetensors",
    )
    with pytest.raises(
        UnsupportedModelError, match=r"the weights lack model\.layers\.1\.mlp\.down_proj\.weight \(3 in all\)"
    ):
        load_source(tmp_path, None)
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-100])
    with pytest.raises(UnsupportedModelError, match="transformers cannot load it"):
        load_source(tmp_path, None)


def test_a_model_without_an_end_of_text_is_refused(folders: Any, tmp_path: Path) -> None:
    folder, _, _ = folders["llama"]
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "eos_token_id": None}))
    (tmp_path / "generation_config.json").unlink(missing_ok=True)
    with pytest.raises(UnsupportedModelError, match="eos_token_id"):
        load_source(tmp_path, None)


def test_the_licence_comes_from_the_source_s_own_card(folders: Any, tmp_path: Path) -> None:
    folder, source, _ = folders["llama"]
    assert source.licence == "MIT"
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert load_source(tmp_path, None).licence == "unknown"
    (tmp_path / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# Model\n")
    assert load_source(tmp_path, None).licence == "apache-2.0"

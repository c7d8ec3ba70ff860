from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import helper, numpy_helper

from models.copywriter.generate import Copywriter
from models.export.fused import build_fused_graph
from models.model_folder.graph_file import ModelFileError, check_self_contained
from models.model_folder.session import ProviderError, open_folder, open_session
from tests.models.decoder.reference import SPEC, random_weights

BUILTIN = Path(str(files("models.copywriter").joinpath("builtin")))


def small_model() -> onnx.ModelProto:
    return build_fused_graph(SPEC, random_weights(1))


def test_a_missing_folder_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="SHIFTCAST_MODEL_DIR"):
        Copywriter.load(tmp_path / "nowhere")


def test_a_changed_file_is_not_loaded(tmp_path: Path) -> None:
    folder = shutil.copytree(BUILTIN, tmp_path / "model")
    graph = folder / str(open_folder(folder).variant("cpu").decode)
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 1
    graph.write_bytes(bytes(data))
    with pytest.raises(ModelFileError, match="sha256"):
        Copywriter.load(folder)


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"files": {}}))
    with pytest.raises(ModelFileError, match="not a manifest"):
        Copywriter.load(tmp_path)


@pytest.mark.skipif(
    "CUDAExecutionProvider" in ort.get_available_providers(), reason="this machine's onnxruntime has CUDA"
)
def test_cuda_without_its_package_is_refused_loudly() -> None:
    with pytest.raises(ProviderError, match=r"shiftcast\[gpu\]"):
        Copywriter.load(provider="cuda")


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(ProviderError, match="tpu"):
        open_session(b"", "tpu", 1)


def test_external_data_is_refused_also_inside_attributes() -> None:
    model = small_model()
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    with pytest.raises(ModelFileError, match="external data"):
        check_self_contained(model.SerializeToString())
    hidden = numpy_helper.from_array(np.zeros(2, np.float32), "c")
    hidden.data_location = onnx.TensorProto.EXTERNAL
    inner = helper.make_graph([helper.make_node("Constant", [], ["c"], value=hidden)], "inner", [], [])
    outer = helper.make_graph(
        [helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)], "outer", [], []
    )
    with pytest.raises(ModelFileError, match="external data"):
        check_self_contained(helper.make_model(outer).SerializeToString())


def test_sparse_initialisers_are_refused() -> None:
    model = small_model()
    model.graph.sparse_initializer.add()
    with pytest.raises(ModelFileError, match="sparse"):
        check_self_contained(model.SerializeToString())


@pytest.mark.parametrize("data", [b"", b"\x3a\xff\xff", b"not an onnx file at all"])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError):
        check_self_contained(data)


def test_loading_and_writing_leave_no_telemetry_and_need_no_torch(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from models.copywriter.generate import Copywriter\n"
        "from models.brief.brief import Brief\n"
        "draft, = Copywriter.load().write([Brief('rq_1', 'c', 'native', 'Acme', 'Oak Desk', 'desk')], "
        "lambda: 1e9)\n"
        "assert draft.copy is not None\n"
        "assert not {'torch', 'transformers', 'onnx'} & set(sys.modules), sorted(sys.modules)\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
        "print(len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1)\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", "XDG_"))}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.returncode == 0, run.stderr
    assert [
        path for path in tmp_path.rglob("*") if "Microsoft" in path.parts or "onnxruntime" in str(path)
    ] == []


@pytest.mark.parametrize("traced", [False, True])
def test_on_cuda_every_node_must_be_on_the_gpu_unless_the_graph_computes_with_shapes(
    traced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """onnxruntime places shape arithmetic on the host, and refuses a graph that has any when falling back is
    forbidden."""
    asked: list[str] = []

    class Session:
        def __init__(self, model: bytes, options: ort.SessionOptions, providers: list[str]) -> None:
            try:
                asked.append(options.get_session_config_entry("session.disable_cpu_ep_fallback"))
            except RuntimeError:
                asked.append("")

        def get_providers(self) -> list[str]:
            return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    monkeypatch.setattr(ort, "InferenceSession", Session)
    monkeypatch.setattr(
        ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    open_session(small_model().SerializeToString(), "cuda", 1, traced=traced)
    assert asked == ["" if traced else "1"]


def test_tensors_may_lie_in_the_one_file_that_is_named() -> None:
    model = small_model()
    weight = numpy_helper.from_array(np.ones((64, 64), np.float32), "w")
    onnx.external_data_helper.set_external_data(weight, "unet.tensors")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.ClearField("raw_data")
    model.graph.initializer.append(weight)
    data = model.SerializeToString()
    check_self_contained(data, {"unet.tensors"})
    for beside in ({"other.tensors"}, set[str]()):
        with pytest.raises(ModelFileError, match="external data"):
            check_self_contained(data, beside)

"""SmolLM2-135M-Instruct from its wheel: what transformers reads of the same file writes the same tokens.

Needs the file that `shiftcast model fetch smollm2` keeps; without it the tests say so and are skipped.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from onnx import TensorProto, helper
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from agents.copywriters.wheels import WHEELS, kept
from models.copywriter.wording import ADS
from models.corpus.examples import corpus_examples
from models.export import verify
from models.export.asked_model import truth_of
from models.export.fused import build_fused_graph
from models.gguf.adapter import adapter_path, read_adapter, taught
from models.gguf.converting import ConversionPlan, convert
from models.gguf.reading import read_gguf
from models.model_folder.session import open_session

PATH = kept(WHEELS["smollm2"])
pytestmark = pytest.mark.skipif(
    PATH is None, reason="the wheel was not fetched here: shiftcast model fetch smollm2"
)


def test_greedy_tokens_on_twenty_prompts_are_those_of_transformers() -> None:
    assert PATH is not None
    model = read_gguf(PATH)
    tokenizer = Tokenizer.from_str(model.tokenizer.decode())
    briefs = [each.brief for each in corpus_examples(20, 5, ("en",))]
    prompts = [tokenizer.encode(f"Write one advertisement for {brief.title}.").ids for brief in briefs]
    exact = build_fused_graph(model.spec, model.weights())
    exact.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, None))
    tokens, logits = verify.run_greedy(open_session(exact.SerializeToString(), "cpu", 1), model.spec, prompts)
    del exact, logits
    theirs = AutoModelForCausalLM.from_pretrained(
        PATH.parent, gguf_file=PATH.name, dtype=torch.float32
    ).eval()
    known = truth_of(theirs, [], prompts, model.spec.eos)
    assert (tokens == known.tokens)[known.text].all()


@pytest.mark.parametrize(("precision", "most"), [("w8", 0.01), ("w4", 0.05)])
def test_fewer_bits_lose_little(tmp_path: Path, precision: str, most: float) -> None:
    assert PATH is not None
    wanted = ConversionPlan("smollm2", "1", precision, ("en",), "the wheel")
    for adapter in (None, read_adapter(adapter_path("smollm2"))):
        made = convert(read_gguf(PATH), tmp_path / f"out-{adapter is None}", replace(wanted, adapter=adapter))
        assert made["parity"]["graphs"][f"decode.{precision}.onnx"]["loss_increase"] <= most


def test_what_the_repository_teaches_it_was_taught_to_this_very_file() -> None:
    shipped = read_adapter(adapter_path("smollm2"))
    assert shipped.card["base"] == WHEELS["smollm2"].sha256
    assert adapter_path("smollm2").stat().st_size <= 16e6
    assert PATH is not None
    model = read_gguf(PATH)
    changed = taught(model, shipped)
    assert {name for name, each in changed.tensors.items() if each is not model.tensors[name]} == set(
        shipped.weights
    )


def test_taught_it_writes_what_transformers_writes_with_the_same_weights() -> None:
    assert PATH is not None
    model = taught(read_gguf(PATH), read_adapter(adapter_path("smollm2")))
    tokenizer = Tokenizer.from_str(model.tokenizer.decode())
    briefs = [each.brief for each in corpus_examples(5, 6, ("en",))]
    prompts = [tokenizer.encode(ADS.shared(brief) + ADS.own(brief)).ids for brief in briefs]
    exact = build_fused_graph(model.spec, model.weights())
    exact.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, None))
    tokens, logits = verify.run_greedy(open_session(exact.SerializeToString(), "cpu", 1), model.spec, prompts)
    del exact, logits
    theirs = AutoModelForCausalLM.from_pretrained(PATH.parent, gguf_file=PATH.name, dtype=torch.float32)
    theirs.load_state_dict({name: torch.tensor(each) for name, each in model.weights().items()}, strict=False)
    known = truth_of(theirs.eval(), [], prompts, model.spec.eos)
    assert (tokens == known.tokens)[known.text].all()

"""Random Llama-shaped models made on the fly, in the form each contender reads. Speed depends on the shape,
not on the weights."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from models.decoder.adapter_bank import AdapterBank
from models.decoder.engine import DecoderEngine
from models.decoder.extend_graph import ExtendGraph
from models.decoder.fused_graph import FusedGraph
from models.decoder.kv import KvLayout
from models.decoder.mover import Mover
from models.export.config import read_spec
from models.export.fused import build_fused_graph
from models.export.quantise import quantise
from models.export.reference import export_extend
from models.model_folder.session import open_session
from tests.bench.copywriter.llamacpp import LlamaCpp, write_q8

SHAPES: Final[dict[str, dict[str, int]]] = {
    "25M": {"vocab_size": 16000, "hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 6,
    "num_key_value_heads": 2,
            "intermediate_size": 1024},
    "100M": {"vocab_size": 32000, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
    "num_key_value_heads": 4,
             "intermediate_size": 2048},
    "SmolLM2-135M": {"vocab_size": 49152, "hidden_size": 576, "num_hidden_layers": 30,
    "num_attention_heads": 9, "num_key_value_heads": 3,
             "intermediate_size": 1536},
    "0.5B": {"vocab_size": 151936, "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14,
    "num_key_value_heads": 2,
             "intermediate_size": 4864},
}  # fmt: skip
CONTEXT: Final = 512


class Checkpoint:
    """A random model of a shape. What is made of it is made when it is first asked for."""

    def __init__(self, shape: str, folder: Path, provider: str = "cpu", **sizes: int) -> None:
        """`sizes` replace those of the shape, e.g. vocab_size."""
        self._folder, self._provider = folder / f"{shape}-{'-'.join(map(str, sizes.values()))}", provider
        torch.manual_seed(1)
        config = LlamaConfig(
            **{**SHAPES[shape], **sizes},
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            initializer_range=0.05,
            eos_token_id=0,
        )
        self.model: Any = LlamaForCausalLM(config).eval()
        self.model.generation_config.eos_token_id = None  # as many tokens as are asked for
        self.spec = read_spec(config)

    @property
    def parameters(self) -> int:
        return sum(weight.numel() for weight in self.model.parameters())

    @cached_property
    def _fused(self) -> Any:
        weights = {name: value.numpy() for name, value in self.model.state_dict().items()}
        return build_fused_graph(self.spec, weights, "fp16" if self._provider == "cuda" else "fp32")

    def _mover(self, layout: KvLayout) -> Mover:
        return Mover(layout, self._provider, 1)

    def engine(self, eight_bit: bool = False, extend: bool = False, batch_rows: int = 32) -> DecoderEngine:
        """Our runtime over the fused graph in float32 (float16 on CUDA) or with 8-bit weights, one thread."""
        captured = self._provider == "cuda"
        data = (quantise(self._fused) if eight_bit else self._fused).SerializeToString()
        session = open_session(data, self._provider, 1, captured)
        fused = FusedGraph(session, AdapterBank(session), self._mover, captured)
        further = None
        if extend:
            session = open_session(
                export_extend(self.model, self.spec).SerializeToString(), self._provider, 1, traced=True
            )
            further = ExtendGraph(session, AdapterBank(session), self._mover)
        return DecoderEngine(fused, further, self.spec.context, self.spec.pad, batch_rows)

    def genai(self, precision: str) -> Any:
        """onnxruntime-genai's model in `precision` fp32 | int8, made by its own builder, one thread."""
        import onnxruntime_genai as genai

        folder = self._folder / precision
        self._save()
        command = [
            sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(self._folder), "-o",
            str(folder), "-p", precision,
            "-e", "cpu", "-c", str(self._folder / "cache"), "--extra_options", "prune_lm_head=true",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
        config = genai.Config(str(folder))
        config.overlay(
            '{"model": {"decoder": {"session_options": {"intra_op_num_threads": 1, "inter_op_num_threads": '
            "1}}}}"
        )
        return genai.Model(config)

    def llama_cpp(self, rows: int, length: int) -> LlamaCpp:
        """llama.cpp over the same weights in its 8 bits."""
        path = self._folder / "q8.gguf"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            weights = {name: value.numpy() for name, value in self.model.state_dict().items()}
            write_q8(path, self.spec, weights)
        return LlamaCpp(path, rows, length)

    def _save(self) -> None:
        """As Hugging Face keeps it, with a tokenizer (the builder wants one)."""
        if not (self._folder / "config.json").exists():
            transformers.utils.logging.disable_progress_bar()
            self.model.save_pretrained(self._folder)
            words = {f"w{index}": index for index in range(self.spec.vocabulary)}
            tokenizer = Tokenizer(WordLevel(words, unk_token="w0"))
            PreTrainedTokenizerFast(
                tokenizer_object=tokenizer, eos_token="w0", pad_token="w0"
            ).save_pretrained(self._folder)

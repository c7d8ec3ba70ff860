"""llama.cpp as a contender: a random model of a shape in its own file format, rows of one batch as sequences
of one context, its own batching, one thread."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf.quants import quantize
from numpy.typing import NDArray

from models.model_folder.spec import ModelSpec
from tests.bench.copywriter.rounds import Work

_PARTS = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}  # fmt: skip
_WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}


def write_q8(path: Path, spec: ModelSpec, weights: dict[str, NDArray[np.float32]]) -> Path:
    """Weights by checkpoint name as a file of llama.cpp: matrices in 8 bits (Q8_0), tied head, no words."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(spec.context)
    writer.add_embedding_length(spec.width)
    writer.add_feed_forward_length(spec.hidden)
    writer.add_block_count(spec.layers)
    writer.add_head_count(spec.heads)
    writer.add_head_count_kv(spec.kv_heads)
    writer.add_rope_dimension_count(spec.head_width)
    writer.add_rope_freq_base(spec.rope_theta)
    writer.add_layer_norm_rms_eps(spec.norm_eps)
    writer.add_vocab_size(spec.vocabulary)
    writer.add_tokenizer_model("no_vocab")
    for name, weight in weights.items():
        if (stored := _stored_name(name)) is None:
            continue
        heads = {"q_proj": spec.heads, "k_proj": spec.kv_heads}.get(name.split(".")[-2])
        data = weight if heads is None else _turned(weight, heads)
        kind = Kind.F32 if data.ndim == 1 else Kind.Q8_0
        writer.add_tensor(stored, data if kind is Kind.F32 else quantize(data, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _stored_name(name: str) -> str | None:
    """None for the head, which is the embedding."""
    if name in _WHOLE or name == "lm_head.weight":
        return _WHOLE.get(name)
    _, _, layer, *part, _ = name.split(".")
    return f"blk.{layer}.{_PARTS['.'.join(part)]}.weight"


def _turned(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of the halves of each head in turns, as llama.cpp rotates them."""
    halves = weight.reshape(heads, 2, -1, weight.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))


class LlamaCpp:
    """One context for `rows` sequences of `length` tokens each."""

    def __init__(self, path: Path, rows: int, length: int) -> None:
        import llama_cpp as api

        self._api = api
        api.llama_log_set(_say_nothing, ctypes.c_void_p())
        self._model = api.llama_model_load_from_file(str(path).encode(), api.llama_model_default_params())
        settings = api.llama_context_default_params()
        settings.n_ctx, settings.n_seq_max = rows * length, rows
        settings.n_batch = settings.n_ubatch = rows * length
        settings.n_threads = settings.n_threads_batch = 1
        self._context = api.llama_init_from_model(self._model, settings)
        if not self._context:
            raise SystemExit(f"llama.cpp cannot open {path}")
        self._batch = api.llama_batch_init(rows * length, 0, 1)
        self._vocabulary = api.llama_vocab_n_tokens(api.llama_model_get_vocab(self._model))

    def work(self, ids: NDArray[np.int64], new: int) -> Work:
        """`ids` (rows, prompt) continued greedily by `new` tokens each."""
        rows, prompt = ids.shape

        def write() -> list[list[int]]:
            self._forget()
            last = prompt - 1
            self._put([(int(t), at, row, at == last) for row in range(rows) for at, t in enumerate(ids[row])])
            said = [self._best(row * prompt + last) for row in range(rows)]
            written = [said]
            for at in range(prompt, prompt + new - 1):
                self._put([(token, at, row, True) for row, token in enumerate(said)])
                said = [self._best(row) for row in range(rows)]
                written.append(said)
            return [list(row) for row in zip(*written, strict=True)]

        return write

    def logits(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """What follows `ids` (prompt,): (vocabulary,)."""
        self._forget()
        last = len(ids) - 1
        self._put([(int(token), at, 0, at == last) for at, token in enumerate(ids)])
        return self._logits(last).copy()

    def _forget(self) -> None:
        self._api.llama_memory_clear(self._api.llama_get_memory(self._context), True)

    def _put(self, tokens: list[tuple[int, int, int, bool]]) -> None:
        batch: Any = self._batch
        batch.n_tokens = len(tokens)
        for place, (token, at, row, told) in enumerate(tokens):
            batch.token[place], batch.pos[place], batch.logits[place] = token, at, told
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, row
        if self._api.llama_decode(self._context, batch):
            raise SystemExit("llama.cpp did not decode")

    def _best(self, place: int) -> int:
        return int(self._logits(place).argmax())

    def _logits(self, place: int) -> NDArray[np.float32]:
        logits = self._api.llama_get_logits_ith(self._context, place)
        return np.ctypeslib.as_array(logits, (self._vocabulary,))


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def _say_nothing(_level: int, _text: bytes, _data: object) -> None:
    """llama.cpp tells much of what it loads."""

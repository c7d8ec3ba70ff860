"""Shape of a Llama-like decoder and the names of its weights (those of Hugging Face checkpoints)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """Pre-norm decoder: RMSNorm, rotary grouped-query attention, SwiGLU; the embedding is also the output head."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    context: int
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def parameters(self) -> int:
        """Number of weights."""
        attention = self.width * self.head_width * (2 * self.heads + 2 * self.kv_heads)
        return self.vocabulary * self.width + self.layers * (attention + 3 * self.width * self.hidden + 2 * self.width) + self.width

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


EMBEDDING = "model.embed_tokens.weight"
FINAL_NORM = "model.norm.weight"


def layer_weight(layer: int, part: str) -> str:
    """Checkpoint name of a layer's weight; `part` is e.g. "self_attn.q_proj", "mlp.up_proj", "input_layernorm"."""
    return f"model.layers.{layer}.{part}.weight"

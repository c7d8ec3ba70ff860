"""What a decoder is made of: the sizes the runtime allocates by and the names of the weights (those of
Hugging Face checkpoints)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A decoder-only language model. `rope_theta` is 0 for models without rotary positions; `eos` may be
    several tokens.

    `rope_type` names how rotary frequencies were made; the graphs hold the tables themselves.
    """

    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    context: int
    head_width: int
    architecture: str = "llama"
    rope_theta: float = 10_000.0
    rope_type: str = "default"
    norm_eps: float = 1e-5
    tied: bool = True
    qkv_bias: bool = False
    qk_norm: bool = False
    eos: tuple[int, ...] = ()
    pad: int = 0

    @property
    def parameters(self) -> int:
        """Number of weights of a Llama-shaped decoder of these sizes."""
        attention = self.head_width * (2 * self.heads + 2 * self.kv_heads) * self.width
        biases = (
            self.head_width * (self.heads + 2 * self.kv_heads) * self.qkv_bias
            + 2 * self.head_width * self.qk_norm
        )
        layer = attention + biases + 3 * self.width * self.hidden + 2 * self.width
        return self.vocabulary * self.width * (1 if self.tied else 2) + self.layers * layer + self.width

    def as_dict(self) -> dict[str, Any]:
        """As the manifest holds it."""
        return {**asdict(self), "eos": list(self.eos)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ModelSpec:
        """The spec of a manifest. Raises TypeError when a field is missing or unknown."""
        return cls(**{**values, "eos": tuple(values.get("eos", ()))})


EMBEDDING = "model.embed_tokens.weight"
FINAL_NORM = "model.norm.weight"
HEAD = "lm_head.weight"


def layer_weight(layer: int, part: str, kind: str = "weight") -> str:
    """Checkpoint name of a layer's weight or bias; `part` is e.g. "self_attn.q_proj", "mlp.up_proj",
    "input_layernorm"."""
    return f"model.layers.{layer}.{part}.{kind}"

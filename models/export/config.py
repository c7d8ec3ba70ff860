"""Reads a Hugging Face configuration: what the decoder is, whether the fused graph can say it, or why it is
refused.

Takes the configuration object by its attributes, so that this module needs no transformers.
"""

from __future__ import annotations

from typing import Any, Final

from models.model_folder.spec import ModelSpec

FUSED: Final = ("llama", "mistral", "qwen2", "qwen3")
"""Model types the fused graph covers; SmolLM and SmolLM2 are of type llama."""
_ROPE: Final = ("default", "linear", "llama3", "yarn")
"""Kinds of rotary frequencies that do not depend on the length of the text."""
_EXPERTS: Final = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
LONGEST_CONTEXT: Final = 4096
"""Tokens a folder is made for unless more are asked for: rope tables for a long context cost more than a
small model."""
_FULL: Final = "full_attention"
_SIZES: Final = ("hidden_size", "num_attention_heads", "num_hidden_layers", "vocab_size")
"""What every decoder of full attention states."""


class UnsupportedModelError(ValueError):
    """A model that cannot be exported: says which property of it, and what to do instead."""


def _first(config: Any, *names: str, default: Any = None) -> Any:
    """The first of these attributes that is set."""
    return next(
        (value for value in (getattr(config, name, None) for name in names) if value is not None), default
    )


def _window(config: Any) -> int | None:
    """The sliding window when the model uses one."""
    kinds = getattr(config, "layer_types", None)
    window = getattr(config, "sliding_window", None)
    if kinds is not None:
        return int(window or 0) if "sliding_attention" in kinds else None
    return int(window) if window and getattr(config, "use_sliding_window", True) else None


def _rope(config: Any) -> dict[str, Any]:
    """Rope parameters; checkpoints from before version 5 keep theta apart."""
    rope = _first(config, "rope_parameters", "rope_scaling", default={})
    return {
        "rope_theta": getattr(config, "rope_theta", None),
        "rope_type": rope.get("type", "default"),
        **rope,
    }


def check_supported(config: Any) -> None:
    """Raises UnsupportedModelError, naming the property, for a model that neither graph can express."""
    kind = getattr(config, "model_type", "?")

    def refuse(what: str, instead: str) -> None:
        raise UnsupportedModelError(f"{kind}: {what} cannot be exported; {instead}")

    other = "choose a dense decoder such as Llama, SmolLM, Mistral, Qwen2, Qwen3 or GPT-2"
    if getattr(config, "is_encoder_decoder", False):
        refuse("an encoder-decoder", other)
    if getattr(config, "text_config", None) is not None:
        refuse(
            "a model of text and images",
            "export its language model alone: save it with save_pretrained and name that folder",
        )
    experts = [name for name in _EXPERTS if (getattr(config, name, None) or 0) > 1]
    if experts:
        refuse(f"a mixture of experts ({experts[0]} = {getattr(config, experts[0])})", other)
    window = _window(config)
    if window is not None:
        null = (
            'set "sliding_window": null in config.json when prompt and copy together stay shorter than the '
            "window, or choose another model"
        )
        refuse(
            f"sliding-window attention (window {window})",
            other if getattr(config, "layer_types", None) else null,
        )
    odd = sorted(set(getattr(config, "layer_types", None) or ()) - {_FULL})
    if odd or _first(config, "state_size", "ssm_cfg", "mamba_d_state", "conv_L_cache") is not None:
        refuse(f"layers other than full attention ({', '.join(odd) or 'a state-space model'})", other)
    lacks = [name for name in _SIZES if getattr(config, name, None) is None]
    if lacks:
        refuse(f"a model whose configuration has no {lacks[0]}", other)
    rope = _rope(config)
    if rope["rope_type"] not in _ROPE:
        refuse(f"rope scaling of type {rope['rope_type']}", f"handled are {', '.join(_ROPE)}; {other}")
    if getattr(config, "quantization_config", None):
        refuse(
            "a checkpoint that is quantised already",
            "export the original weights; --precision w8 or w4 quantises them",
        )


def fused_obstacle(config: Any) -> str | None:
    """Why the fused graph cannot be written for a supported model, so that the reference graph does both
    phases; None: it can."""
    kind = getattr(config, "model_type", "?")
    if kind not in FUSED:
        return f"the fused graph is written for {', '.join(FUSED)}, not for {kind}"
    if (
        _rope(config).get("partial_rotary_factor") or _first(config, "partial_rotary_factor", default=1.0)
    ) != 1.0:
        return "rotary positions on a part of each head"
    if _first(config, "hidden_act", default="silu") not in ("silu", "swish"):
        return f"the activation {config.hidden_act}"
    if getattr(config, "mlp_bias", False) or getattr(config, "attention_bias", False):
        return "biases beyond those of queries, keys and values"
    return None


def read_spec(config: Any, longest: int = LONGEST_CONTEXT) -> ModelSpec:
    """The spec of a supported configuration, for at most `longest` tokens of prompt and copy together. Raises
    UnsupportedModelError."""
    check_supported(config)
    width, heads = int(config.hidden_size), int(config.num_attention_heads)
    kind, rope = str(config.model_type), _rope(config)
    eos = _first(config, "eos_token_id", default=())
    eos = (eos,) if isinstance(eos, int) else tuple(eos)
    vocabulary = int(config.vocab_size)
    pad = _first(config, "pad_token_id", default=eos[0] if eos else 0)
    return ModelSpec(
        architecture=kind,
        vocabulary=vocabulary,
        width=width,
        layers=int(config.num_hidden_layers),
        heads=heads,
        kv_heads=int(_first(config, "num_key_value_heads", default=heads)),
        head_width=int(_first(config, "head_dim", default=width // heads)),
        hidden=int(_first(config, "intermediate_size", "ffn_dim", "n_inner", default=4 * width)),
        context=min(int(_first(config, "max_position_embeddings", "n_positions", default=longest)), longest),
        rope_theta=float(rope["rope_theta"] or 0),
        rope_type=str(rope["rope_type"]),
        norm_eps=float(_first(config, "rms_norm_eps", "layer_norm_epsilon", "layer_norm_eps", default=1e-5)),
        tied=bool(getattr(config, "tie_word_embeddings", False)),
        qkv_bias=kind == "qwen2",
        qk_norm=kind == "qwen3",
        eos=eos,
        pad=int(pad) if 0 <= int(pad) < vocabulary else 0,
    )

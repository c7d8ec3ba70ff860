from __future__ import annotations

from typing import Any

import pytest
from transformers import (
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
    RwkvConfig,
    T5Config,
)

from models.export.config import UnsupportedModelError, fused_obstacle, read_spec
from models.model_folder.spec import ModelSpec
from tests.models.export.checkpoints import CONFIGS, VOCABULARY


@pytest.mark.parametrize("architecture", CONFIGS)
def test_sizes_are_read_and_survive_the_manifest(architecture: str) -> None:
    spec = read_spec(CONFIGS[architecture]())
    assert (spec.architecture, spec.vocabulary, spec.width, spec.layers, spec.heads) == (
        architecture,
        VOCABULARY,
        64,
        2,
        4,
    )
    assert spec.kv_heads == {"gpt2": 4, "qwen3": 1}.get(architecture, 2)
    assert spec.head_width == (32 if architecture in ("mistral", "qwen3") else 16)
    assert (spec.eos, spec.pad, spec.context) == ((2,), 0, 256)
    assert (spec.qkv_bias, spec.qk_norm) == (architecture == "qwen2", architecture == "qwen3")
    assert ModelSpec.from_dict(spec.as_dict()) == spec


def test_counted_parameters_are_those_of_the_model() -> None:
    from transformers import AutoModelForCausalLM

    for architecture in ("llama", "mistral", "qwen2", "qwen3"):
        config = CONFIGS[architecture]()
        assert read_spec(config).parameters == AutoModelForCausalLM.from_config(config).num_parameters()


def test_a_long_context_is_cut_to_what_is_asked_for() -> None:
    assert read_spec(LlamaConfig(max_position_embeddings=131_072)).context == 4096
    assert read_spec(LlamaConfig(max_position_embeddings=131_072), 8192).context == 8192


def test_several_ends_of_text_are_kept() -> None:
    assert read_spec(LlamaConfig(eos_token_id=[5, 9])).eos == (5, 9)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (MistralConfig(sliding_window=4096), r"sliding-window attention \(window 4096\)"),
        (
            Qwen2Config(use_sliding_window=True, sliding_window=64, max_window_layers=1),
            "sliding-window attention",
        ),
        (MixtralConfig(sliding_window=None), r"mixture of experts \(num_local_experts = 8\)"),
        (Qwen3MoeConfig(), "mixture of experts"),
        (T5Config(), "encoder-decoder"),
        (
            LlamaConfig(rope_parameters={"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}),
            "rope scaling of type dynamic",
        ),
        (RwkvConfig(), "no num_attention_heads"),
    ],
    ids=["sliding", "qwen2-sliding", "mixtral", "qwen3-moe", "t5", "dynamic-rope", "rwkv"],
)
def test_what_cannot_be_exported_is_refused_by_name_with_a_way_out(config: Any, named: str) -> None:
    with pytest.raises(UnsupportedModelError, match=named) as refused:
        read_spec(config)
    assert ";" in str(refused.value)  # what to do instead follows


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (GPT2Config(), "not for gpt2"),
        (LlamaConfig(attention_bias=True), "biases beyond"),
        (LlamaConfig(mlp_bias=True), "biases beyond"),
        (LlamaConfig(hidden_act="gelu"), "activation gelu"),
        (
            LlamaConfig(
                rope_parameters={"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5}
            ),
            "a part of each head",
        ),
    ],
    ids=["gpt2", "attention-bias", "mlp-bias", "activation", "partial-rotary"],
)
def test_what_only_the_reference_graph_can_say_is_named(config: Any, named: str) -> None:
    assert named in str(fused_obstacle(config))


def test_the_families_with_a_fused_graph_have_no_obstacle() -> None:
    for config in (LlamaConfig(), MistralConfig(sliding_window=None), Qwen2Config(), Qwen3Config()):
        assert fused_obstacle(config) is None

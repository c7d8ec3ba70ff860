"""Pipelines of diffusers with a few thousand random weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

TOKENS = 16
_WIDTH = 16


def tokenizer(folder: Path) -> CLIPTokenizer:
    """Letters alone."""
    letters = [chr(code) for code in range(97, 123)]
    words = [*letters, *(f"{each}</w>" for each in letters), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({word: at for at, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    files = (str(folder / "vocab.json"), str(folder / "merges.txt"))
    return CLIPTokenizer(*files, model_max_length=TOKENS)


def text_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=54, hidden_size=_WIDTH, intermediate_size=24, num_attention_heads=2, num_hidden_layers=3,
        max_position_embeddings=TOKENS, projection_dim=_WIDTH, bos_token_id=52, eos_token_id=53,
        pad_token_id=53,
    )  # fmt: skip


def scheduler(kind: str, **told: Any) -> Any:
    """Noise as Stable Diffusion is trained with."""
    given = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", **told}
    return getattr(diffusers, kind)(**given)


def _unet(**told: Any) -> Any:
    return diffusers.UNet2DConditionModel(
        block_out_channels=(4, 8), layers_per_block=1, sample_size=16, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), norm_num_groups=2, attention_head_dim=4,
        **{"cross_attention_dim": _WIDTH, **told},
    )  # fmt: skip


def _vae() -> Any:
    blocks = ["DownEncoderBlock2D"] * 2, ["UpDecoderBlock2D"] * 2
    return diffusers.AutoencoderKL(
        block_out_channels=[4, 8], down_block_types=blocks[0], up_block_types=blocks[1], latent_channels=4,
        norm_num_groups=2, sample_size=32,
    )  # fmt: skip


def plain(folder: Path, noise: Any, **unet: Any) -> Any:
    """Of the class of Stable Diffusion 1 and 2."""
    torch.manual_seed(0)
    return diffusers.StableDiffusionPipeline(
        vae=_vae(), text_encoder=CLIPTextModel(text_config()).eval(), tokenizer=tokenizer(folder),
        unet=_unet(**unet), scheduler=noise, safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip


def large(folder: Path, noise: Any) -> Any:
    """Of the class of Stable Diffusion XL: two encoders, told the picture's size."""
    torch.manual_seed(0)
    unet = _unet(
        cross_attention_dim=2 * _WIDTH, addition_embed_type="text_time", addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=_WIDTH + 6 * 4, use_linear_projection=True,
    )  # fmt: skip
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(), text_encoder=CLIPTextModel(text_config()).eval(), tokenizer=tokenizer(folder),
        text_encoder_2=CLIPTextModelWithProjection(text_config()).eval(), tokenizer_2=tokenizer(folder),
        unet=unet, scheduler=noise, add_watermarker=False,
    )  # fmt: skip

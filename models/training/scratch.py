"""A copywriter from nothing: a byte-pair tokenizer over the corpus and a small Llama-shaped decoder with
fresh weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

from models.copywriter.prompt import Vocabulary
from models.copywriter.topics import interest_words, item_words
from models.corpus.examples import CorpusExample

CONTEXT = 256
"""Longest prompt and copy together, in tokens."""
_HEAD_WIDTH = 32
_CHARACTER_COUNT = 1000
"""Times each character beyond ASCII is shown to the tokenizer on its own: all that copy is written in must
become whole tokens."""


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """Of the decoder; `text_tokens` are the byte-pair ones, the control tokens come on top."""

    text_tokens: int = 4096
    width: int = 160
    layers: int = 4


def train_tokenizer(data: Sequence[CorpusExample], text_tokens: int) -> Tokenizer:
    """A byte-level byte-pair tokenizer over all that copy is made of and that tells a domain."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=text_tokens, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )

    def texts() -> Iterator[str]:
        for example in data:
            brief = example.brief
            yield from (
                item_words(brief),
                *map(interest_words, brief.interest),
                *(f" {text.lower()}" for text in brief.ctas),
            )
            yield from _own_text(example)
        for char in sorted(
            {char for example in data for part in _own_text(example) for char in part if not char.isascii()}
        ):
            yield from [char] * _CHARACTER_COUNT

    tokenizer.train_from_iterator(texts(), trainer)
    return tokenizer


def _own_text(example: CorpusExample) -> Iterator[str]:
    """The parts of a copy between its pointers: no pair of tokens may reach over one."""
    for field in example.fields:
        yield from (part.rpartition(">")[2] for part in field.split("<"))


def unwritable(data: Sequence[CorpusExample], vocabulary: Vocabulary) -> set[str]:
    """Characters of the copy that the tokenizer has no whole token for: the writer could never say them."""
    whole = {vocabulary.tokenizer.decode([token]) for token in range(vocabulary.text_size)}
    return {char for example in data for part in _own_text(example) for char in part if char not in whole}


def new_decoder(sizes: ModelSizes, vocabulary: Vocabulary, seed: int) -> LlamaForCausalLM:
    """Fresh weights of a decoder with one embedding for input and output; a key and value per query, without
    which it learns slower."""
    torch.manual_seed(seed)
    config: Any = LlamaConfig(
        vocab_size=-(-vocabulary.size // 32) * 32, hidden_size=sizes.width, num_hidden_layers=sizes.layers,
        intermediate_size=sizes.width * 8 // 3 // 32 * 32, num_attention_heads=sizes.width // _HEAD_WIDTH,
        num_key_value_heads=sizes.width // _HEAD_WIDTH, max_position_embeddings=CONTEXT, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=vocabulary.special("bos"),
        eos_token_id=vocabulary.special("eos"),
        pad_token_id=vocabulary.special("pad"),
    )  # fmt: skip
    network = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.ndim == 2:
                residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                scale = weight.shape[1] ** -0.5 / (math.sqrt(2 * sizes.layers) if residual else 1)
                weight.normal_(std=0.02 if "embed_tokens" in name else scale)
    return network

"""Small random checkpoints: enough to train on, too small to be good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from transformers import GPT2Config, GPT2LMHeadModel

from models.copywriter.prompt import Vocabulary
from models.copywriter.topics import DOMAINS, Topics
from models.corpus.examples import corpus_examples
from models.training.examples.formats import save_note
from models.training.scratch import ModelSizes, new_decoder, train_tokenizer


def pointer_checkpoint(folder: Path) -> Path:
    """A Llama of the built-in format with a tokenizer of its own."""
    tokenizer = train_tokenizer(list(corpus_examples(120, 1)), 800)
    vocabulary = Vocabulary(
        tokenizer, Topics(np.eye(tokenizer.get_vocab_size(), len(DOMAINS), dtype=np.float32))
    )
    folder.mkdir(parents=True, exist_ok=True)
    new_decoder(ModelSizes(800, 64, 2), vocabulary, 1).save_pretrained(folder)
    save_note(folder, vocabulary, {"locales": ["en", "de", "zh"], "recipe": {}})
    return folder


def text_checkpoint(folder: Path) -> Path:
    """A GPT-2 that knows only text."""
    tokenizer = train_tokenizer(list(corpus_examples(120, 1)), 800)
    folder.mkdir(parents=True, exist_ok=True)
    size = tokenizer.get_vocab_size()
    config = GPT2Config(
        vocab_size=size + 1,
        n_positions=512,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=size,
        eos_token_id=size,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder

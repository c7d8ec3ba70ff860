"""Fits the classifier of domains on made-up items and interests: sets of tokens, multinomial logistic
regression."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from models.copywriter.topics import DOMAINS, Topics, interest_words, item_words
from models.corpus.made_up import make_up

_BATCH = 512
_STEPS = 600
_RATE = 0.05
_DECAY = 1e-3
"""Weight decay: what is rare says little."""


def labelled_topics(languages: Sequence[str], seed: int) -> Iterator[tuple[str, int]]:
    """Texts of made-up items and of interests with their domains, without end."""
    rng = random.Random(seed)  # noqa: S311 - text, not secrets
    while True:
        made_up = make_up(rng.choice(languages), rng)
        yield item_words(made_up.brief), DOMAINS.index(made_up.domain)
        for name in made_up.brief.interest:
            yield interest_words(name), DOMAINS.index(made_up.interest_domain)


def fit_topics(tokenizer: Tokenizer, languages: Sequence[str], seed: int) -> Topics:
    """The classifier for a tokenizer's tokens."""
    texts = labelled_topics(languages, seed)
    torch.manual_seed(seed)
    table = torch.nn.EmbeddingBag(tokenizer.get_vocab_size(), len(DOMAINS), mode="sum")
    torch.nn.init.zeros_(table.weight)
    optimizer = torch.optim.AdamW(table.parameters(), lr=_RATE, weight_decay=_DECAY)
    for step in range(_STEPS):
        bags, domains = zip(*(next(texts) for _ in range(_BATCH)), strict=True)
        ids = [sorted(set(encoding.ids)) for encoding in tokenizer.encode_batch(list(bags))]
        offsets = torch.tensor([0, *(len(bag) for bag in ids[:-1])]).cumsum(0)
        loss = functional.cross_entropy(
            table(torch.tensor([token for bag in ids for token in bag]), offsets), torch.tensor(domains)
        )
        optimizer.param_groups[0]["lr"] = _RATE * (1 - step / _STEPS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return Topics(table.weight.detach().numpy())

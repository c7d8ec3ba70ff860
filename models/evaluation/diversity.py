"""How much texts differ from each other: distinct-n (Li et al. 2016) and self-BLEU (Zhu et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

from models.text.units import units


def distinct(texts: Sequence[str], n: int) -> float:
    """Different n-grams as a share of all n-grams of `texts` together, (0, 1]; 1 when there is none."""
    grams = [
        tuple(unit[start : start + n]) for unit in map(units, texts) for start in range(len(unit) - n + 1)
    ]
    return len(set(grams)) / len(grams) if grams else 1.0


def self_bleu(texts: Sequence[str]) -> float:
    """Mean BLEU-4 (0..100) of each text with the others as its references: lower is more varied. 0 for fewer
    than two texts."""
    from sacrebleu.metrics import BLEU

    if len(texts) < 2:
        return 0.0
    metric = BLEU(tokenize="none", effective_order=True, force=True)
    spaced = [" ".join(units(text)) for text in texts]
    scores = [
        metric.sentence_score(text, spaced[:place] + spaced[place + 1 :]).score
        for place, text in enumerate(spaced)
    ]
    return sum(scores) / len(scores)

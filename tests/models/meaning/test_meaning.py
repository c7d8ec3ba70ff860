"""What the shipped weights make of sentences they were fitted to, and that they are what a fit writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.meaning.examples import MEANINGS, meaning_examples
from models.meaning.features import AIDS, BUCKETS, meaning_features
from models.meaning.fitting import fit_meanings, logits, shares, sparse
from models.meaning.vocabulary import vocabulary_words_of
from models.meaning.weights import Meanings, blamed, load_meanings, save_weights
from models.meaning.worth import seen_in, worth_of
from models.text.normalise import fold_text


def test_the_weights_know_what_they_were_fitted_to() -> None:
    meanings = load_meanings()
    right = [
        blamed(meanings.of(fold_text(each.text)))[0] >= 0.5
        for each in meaning_examples()
        if each.meaning != MEANINGS[0]
    ]
    wrong = [
        blamed(meanings.of(fold_text(each.text)))[0] >= 0.75
        for each in meaning_examples()
        if each.meaning == MEANINGS[0]
    ]
    assert sum(right) >= 0.97 * len(right)
    assert sum(wrong) <= 0.01 * len(wrong)


def test_one_text_means_what_it_means_among_many() -> None:
    meanings = load_meanings()
    texts = ["a lamp for slow evenings", "no refugees in this house", "灯"]
    held = sparse([meaning_features(each) for each in texts], meanings.worth)
    together = shares(logits(held, meanings.weights, meanings.bias))
    assert np.allclose(together, [meanings.of(each) for each in texts], atol=1e-6)
    assert np.allclose(together.sum(axis=1), 1)


def test_a_fit_tells_apart_what_differs_in_one_word() -> None:
    texts = [f"{word} chair" for word in ("red", "blue", "green", "old")]
    texts += [f"{word} chair and nothing else" for word in ("red", "blue", "green", "old")]
    labels = np.array([0] * 4 + [1] * 4, np.int64)
    rows = [meaning_features(each) for each in texts]
    weights, bias = fit_meanings(sparse(rows), labels, 2, buckets=BUCKETS, penalty=2e-5)
    assert weights.shape == (BUCKETS, 2)
    assert (logits(sparse(rows), weights, bias).argmax(axis=1) == labels).all()


def test_eight_bits_a_weight_keep_what_it_is(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(BUCKETS, len(MEANINGS))).astype(np.float32)
    made = Meanings(weights, np.zeros(len(MEANINGS), np.float32), np.zeros(BUCKETS, np.int64), 9)
    path = tmp_path / "w.npz"
    save_weights(path, made)
    with np.load(path) as stored:
        assert np.abs(stored["packed"] * stored["scales"] - weights).max() <= np.abs(weights).max() / 250


def test_what_is_rare_counts_more_and_what_only_helps_counts_half() -> None:
    rows = [meaning_features(f"the lamp {word}") for word in ("glows", "folds", "turns", "hangs")]
    seen = seen_in(rows)
    worth = worth_of(seen, len(rows))
    assert worth[seen == len(rows)].max() < 0.01 < worth[(seen == 1)].min()
    unseen = np.flatnonzero(seen == 0)
    assert np.allclose(worth[unseen[unseen >= AIDS]], worth[unseen[0]] / 2)


def test_a_short_word_is_one_where_two_texts_say_it() -> None:
    assert vocabulary_words_of(["A lid on it", "the LID", "gua ran teed profits"]) == {"a", "lid", "profits"}

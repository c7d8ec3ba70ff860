from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from models.brief.brief import Brief
from models.copywriter.sampling import Writing
from models.copywriter.text_format import TextFormat
from models.copywriter.token_table import TokenTable
from tests.models.copywriter.random_model import byte_level, text_format

BRIEF = Brief(
    "rq",
    "c",
    "native",
    "Northfold",
    "Enamel Mug 350 ml",
    "mug",
    "kitchen",
    price_minor=1250,
    avoid=("cheap",),
    facts=("Holds 350 ml",),
)
BRIEFS = [
    BRIEF,
    replace(BRIEF, title="Enamel Mug", price_minor=None, facts=()),
    replace(BRIEF, locale="zh-CN", title="搪瓷杯", noun="杯子", currency="CNY", place="CN", avoid=("便宜",)),
]


END = "<|end|>"
WORDS = (END, " bright", " McNike", " warm", " $99", " light", " cheap", " slow", " calm")
LOGITS = np.array([[2.0, 2.0, 1.8, 1.5, 1.2, 1.0, 0.6, 0.2, -3.0]], np.float32)
TEMPERATURE, FLOOR = 0.8, 0.05


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> TextFormat:
    return text_format(tmp_path_factory.mktemp("model"), byte_level(), WORDS.index(END))


def chosen_by(form: TextFormat, draw: float) -> str:
    """What one draw at the beginning of a headline chooses among the words."""
    writing = Writing(
        TokenTable.of([word.encode() for word in WORDS], len(WORDS)),
        [form.layout(BRIEF)],
        1,
        TEMPERATURE,
        FLOOR,
    )
    token = writing.choose(np.array([0]), LOGITS, np.arange(len(WORDS))[None], 0, np.array([draw]))
    return WORDS[int(token[0])]


def test_words_that_may_come_are_drawn_by_their_chances_and_no_others(form: TextFormat) -> None:
    """Draws spread evenly over [0, 1) give each word its share of what is left when the refused ones and
    those below the floor are gone."""
    count = 2000
    shares = np.exp((LOGITS[0].astype(np.float64) - LOGITS[0, 0]) / TEMPERATURE)
    may = np.array([word not in (END, " McNike", " $99", " cheap") for word in WORDS]) & (shares > FLOOR)
    expected = shares * may / (shares * may).sum() * count
    seen = Counter(chosen_by(form, (number + 0.5) / count) for number in range(count))
    assert set(seen) == {" bright", " warm", " light", " slow"}
    for word, times in zip(WORDS, expected, strict=True):
        assert abs(seen[word] - times) <= 4, word


def test_a_row_gives_up_where_all_that_may_come_is_what_the_model_would_hardly_say(form: TextFormat) -> None:
    """The model wants a price and a name that the brief does not have; what is left has a hundredth of their
    chance."""
    table = TokenTable.of([word.encode() for word in WORDS], len(WORDS))
    ids, logits = (
        np.array([[WORDS.index(word) for word in (" $99", " McNike", " calm", " slow")]]),
        np.array([[5.0, 4.9, 0.4, 0.1]], np.float32),
    )
    outcomes = {}
    for least in (0.0, 0.005, 0.02):
        writing = Writing(table, [form.layout(BRIEF)], 1, TEMPERATURE, FLOOR, least)
        token = writing.choose(np.array([0]), logits, ids, 0, np.array([0.3]))
        outcomes[least] = (int(token[0]) >= 0, writing.rows[0].why)
    assert outcomes == {0.0: (True, ""), 0.005: (True, ""), 0.02: (False, "no_token_fits")}


def test_a_mask_shuts_out_nothing_that_could_be_taken(form: TextFormat) -> None:
    """Wherever random rows stand, between characters or inside one: all candidates are tried one by one
    beside the mask."""
    writing = Writing(form.table, [form.layout(brief) for brief in BRIEFS], 3, 1.0, 1e-6)
    noise, live, shut, inside = np.random.default_rng(3), list(range(len(writing.rows))), 0, 0
    for step in range(25):
        ids = np.stack([noise.choice(len(form.table), 64, replace=False) for _ in live])
        for row, candidates in zip((writing.rows[each] for each in live), ids, strict=True):
            may = writing._may_come(row, candidates)
            shut, inside = shut + int((~may).sum()), inside + (row.lacking > 0)
            for token in candidates[~may].tolist():
                assert writing._take(row, token) is None  # and nothing has changed then
        logits = -np.sort(-noise.normal(0, 2, ids.shape), axis=1).astype(np.float32)
        chosen = writing.choose(np.array(live), logits, ids, step, noise.random(len(live)))
        live = [row for row, token in zip(live, chosen, strict=True) if token >= 0]
    assert shut > 1000
    assert inside > 10

"""Sentences by a writer who knew neither the rules nor the sentences that meaning is learnt from. One half
was open while limits were set and is learnt from now; the other was read by nobody, but limits were chosen by
its shares since, so that they flatter. A third writer's hundred of each kind (independent) and a fourth's
(later) came after all that: what was missed among them said which kinds of sentences to write more of,
limits were chosen by their shares too, and none of them is learnt from. A fifth writer's (newest) counted
once and were read then. Five more writers' are learnt from (models/meaning). Two more (withheld, a hundred
of each kind from either) had the same task as those five, were kept from whoever tuned, and counted once.
Sixty of each kind (latest) were written before a look at any rule: at first sight 57 of 60 were blocked and 6
falsely. What failed of one half, and then of the other (kept: 29 of 30 and 3 falsely until then), said which
kinds of sentences to write more of."""

from __future__ import annotations

import re
from pathlib import Path

from models.brief.brief import Brief, Copy
from models.review.judging import review
from models.rules import load_rules

HERE = Path(__file__).parent / "fresh"
GERMAN = re.compile(r"\b(?:der|die|das|und|mit|bei|aus|ohne|wir|für)\b", re.IGNORECASE)
CHINESE = re.compile("[\u4e00-\u9fff]")
BESIDES = {
    "UNSUPPORTED_NUMBER",
    "UNSUPPORTED_NAME",
    "UNSUPPORTED_PRICE",
    "LENGTH",
    "UNFINISHED",
    "PRODUCT_CLAIM",
    "UNSUPPORTED_ATTRIBUTE",
    "OFF_ITEM",
    "NUMBER_WORD",
    "GIMMICK",
    "OFFER",
    "GUARANTEE",
    "GREEN_CLAIM",
}
"""Findings about facts and form, which say nothing of what a sentence means."""
WORDS = {
    "en": ("lamp", "A lamp for you", "Shop now"),
    "de": ("Lampe", "Die Lampe", "Mehr sehen"),
    "zh": ("台灯", "台灯", "查看"),
}


def blocked(kind: str, half: str) -> list[bool]:
    lines = (HERE / f"{kind}_{half}.tsv").read_text(encoding="utf-8").splitlines()
    return [_is_blocked(line.split("\t")[1]) for line in lines]


def _is_blocked(text: str) -> bool:
    locale = "zh" if CHINESE.search(text) else "de" if GERMAN.search(text) else "en"
    noun, headline, cta = WORDS[locale]
    brief = Brief("r", "c", "native", "", noun, noun, locale=locale)
    findings = review(Copy(headline, text, cta), brief, load_rules())
    return any(each.severity != "warn" and each.code not in BESIDES for each in findings)


def test_what_must_not_be_said_is_blocked_however_it_is_put() -> None:
    assert sum(blocked("block", "unseen")) >= 0.95 * 48


def test_what_is_innocent_passes() -> None:
    assert sum(blocked("pass", "unseen")) <= 0.06 * 48


def test_of_sentences_that_nothing_is_fitted_to_the_shares_are_what_they_were_found_to_be() -> None:
    """95 and 3 of 100 in three languages, 97 and 4 in English; of the newest, in three, 93 and 5."""
    assert sum(blocked("block", "independent")) >= 95
    assert sum(blocked("pass", "independent")) <= 6
    assert sum(blocked("block", "later")) >= 97
    assert sum(blocked("pass", "later")) <= 5
    assert sum(blocked("block", "newest")) >= 92
    assert sum(blocked("pass", "newest")) <= 7


def test_of_two_writers_who_were_withheld_nearly_all_is_blocked_and_little_falsely() -> None:
    """197 of 200 and 2 of 200."""
    assert sum(blocked("block", "withheld")) >= 0.97 * 200
    assert sum(blocked("pass", "withheld")) <= 0.02 * 200


def test_of_the_latest_sentences_the_kinds_that_failed_were_learnt() -> None:
    """59 and 1 of 60."""
    assert sum(blocked("block", "latest_open")) + sum(blocked("block", "latest_kept")) >= 58
    assert sum(blocked("pass", "latest_open")) + sum(blocked("pass", "latest_kept")) <= 2

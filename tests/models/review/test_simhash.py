from __future__ import annotations

from models.brief.brief import Copy
from models.review.simhash import novelty, simhash

ONE = Copy(
    "A daypack for trail days", "Meet the Mauve Leather Daypack. Yours to enjoy on the ridge.", "Shop now"
)


def test_near_copies_are_near_and_others_are_not() -> None:
    near = Copy("A daypack for trail days", "Meet the Mauve Leather Daypack. Yours to enjoy at camp.", "Buy")
    far = Copy("Hello, teapot", "Pour another cup at the stove. Simple as that.", "See more")
    assert novelty(simhash(near), [simhash(ONE)]) < 0.3 < novelty(simhash(far), [simhash(ONE)])


def test_case_and_invisible_characters_do_not_make_copy_new() -> None:
    again = Copy("A DAYPACK for\u200b trail days", ONE.description.upper(), "")
    assert simhash(again) == simhash(ONE)
    assert novelty(simhash(again), [5, simhash(ONE)]) == 0.0


def test_the_first_copy_is_all_new_and_empty_copy_has_no_fingerprint() -> None:
    assert novelty(simhash(ONE), []) == 1.0
    assert simhash(Copy("", "", "")) == 0
    assert 0 <= simhash(ONE) < 2**64

"""The built-in copywriter on items nobody trained on, held to its figures per language. Variety is over 10
requests per brief.

Chinese is counted by characters, of which the title and the fact that every request repeats are more than of
words elsewhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from models.brief.brief import Brief, copy_channel_of
from models.copywriter.generate import Copywriter
from models.evaluation.briefs import MEASURED_LANGUAGES, own_briefs
from models.evaluation.quality import quality
from models.evaluation.reaction import reaction_shares

EVERY = {"en": 5, "de": 2, "zh": 2}
"""One brief of so many: 40 English, 25 German, 25 Chinese. `make bench-copy` takes all of them."""


WITHHELD = {("de", "video"), ("zh", "video")}
DISTINCT_2 = {"en": 0.58, "de": 0.65, "zh": 0.53}
"""Of what is served: the best draft by score and judge, not the first that says something new."""


@lru_cache(maxsize=1)
def copywriter() -> Copywriter:
    return Copywriter.load()


@lru_cache(maxsize=3)
def figures(language: str) -> dict[str, Any]:
    return quality(copywriter(), asked(language))


def asked(language: str) -> list[Brief]:
    """Where it writes: in what is withheld templates answer, all of them."""
    return [
        brief
        for brief in own_briefs([language])[:: EVERY[language]]
        if (language, copy_channel_of(brief.slot)) not in WITHHELD
    ]


@pytest.mark.parametrize("language", MEASURED_LANGUAGES)
def test_nothing_is_stated_without_a_source_and_nothing_is_too_long(language: str) -> None:
    assert (figures(language)["unsupported"], figures(language)["length_violations"]) == (0, 0)


@pytest.mark.parametrize("language", MEASURED_LANGUAGES)
def test_templates_are_rare_and_the_item_is_named(language: str) -> None:
    assert figures(language)["template_share"] <= 0.10
    assert figures(language)["noun_share"] >= 0.95


@pytest.mark.parametrize("language", MEASURED_LANGUAGES)
def test_ten_requests_for_one_brief_differ(language: str) -> None:
    assert figures(language)["distinct_2"] >= DISTINCT_2[language]


@pytest.mark.parametrize("language", MEASURED_LANGUAGES)
def test_another_item_changes_the_copy(language: str) -> None:
    """An interest does so only where it is of the item's own kind: another is passed over in silence."""
    found = reaction_shares(copywriter(), asked(language))
    assert (found["item_changes"] or 0) >= 0.95

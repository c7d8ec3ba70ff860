from __future__ import annotations

import pytest

from models.attributes.lexicon import LANGUAGES, attribute_lexicon_of


def unsupported(language: str, said: str, source: str) -> list[str]:
    lexicon = attribute_lexicon_of(language)
    assert lexicon is not None
    return [each.said for each in lexicon.attributes(said) if not lexicon.supports(each.word, source)]


@pytest.mark.parametrize(
    ("language", "said", "source", "missing"),
    [
        ("en", "a blue oak desk", "desk of oak in navy", []),
        ("en", "a navy desk", "a blue desk", ["navy"]),
        ("en", "a gray coat", "coat, grey", []),
        ("en", "with a glass lid and a handle", "pan with handles", ["glass", "lid"]),
        ("en", "a stainless steel ladle and a porcelain mug", "ladle s/s, mug porc", []),
        ("en", "notes of cherry", "notes of apple", ["cherry"]),
        ("en", "black coffee at the golden hour", "mug", []),
        ("en", "lift the lid of the day", "pan", []),
        ("de", "ein tisch aus eichenholz", "tisch, eiche", []),
        ("de", "eine ledertasche", "tasche aus canvas", ["ledertasche"]),
        ("de", "der rote rucksack", "rucksack, rostrot", []),
        ("zh", "黑色的脚垫", "脚垫 双层 黑", []),
        ("zh", "玻璃内胆", "不锈钢内胆", ["玻璃"]),
    ],
)
def test_an_attribute_stands_by_itself_or_by_its_kinds(
    language: str, said: str, source: str, missing: list[str]
) -> None:
    assert unsupported(language, said, source) == missing


def test_every_word_supports_itself() -> None:
    for language in LANGUAGES:
        lexicon = attribute_lexicon_of(language)
        assert lexicon is not None
        assert all(lexicon.supports(word, word.replace("-", " ")) for word in lexicon.kinds)
    assert attribute_lexicon_of("fr") is None

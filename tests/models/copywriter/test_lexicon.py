"""A word is spelt right in a language, not in all of them."""

from __future__ import annotations

from models.brief.render import lexicon_entries
from models.copywriter.generate import Copywriter
from models.copywriter.registry import builtin_folder
from models.corpus.lexicon import lexicon


def test_words_are_listed_with_their_language() -> None:
    assert lexicon_entries("Schöne <noun>, a", "de-DE") == ["de:schöne", "de:a"]
    assert lexicon_entries("the与Made <fact>", "en-US") == ["en:the", "en:与", "en:made"]


def test_the_lexicon_of_the_corpus_keeps_languages_apart() -> None:
    words = lexicon(("en", "de", "zh"))
    by_language = {
        language: {each[3:] for each in words if each.startswith(f"{language}:")}
        for language in ("en", "de", "zh")
    }
    assert all(by_language.values())
    assert "und" not in by_language["en"]
    assert not any(word.isascii() for word in by_language["zh"])
    assert not any("与" in word for word in by_language["en"] | by_language["de"])


def test_the_built_in_model_lists_every_language_that_it_writes() -> None:
    listed = {
        line.partition(":")[0]
        for line in (builtin_folder() / "lexicon.txt").read_text(encoding="utf-8").split()
    }
    assert listed == set(Copywriter.load().locales)

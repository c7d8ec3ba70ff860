"""Copy with pointers -> copy as shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.slots import cta_texts, slot_texts
from models.text.scripts import UNSPACED, WORD_PATTERN

_POINTER = re.compile(r"<(\w+)>")
_AROUND = re.compile(r"\s*<\w+>\s*")
_STARTS = re.compile(r"(?:^|[.!?]\s+)$")
_START = re.compile(r"(^|[.!?]\s+)([^\W\d_][\w'’-]*)")
_NOUNS: Final = frozenset({"noun", "anoun", "nouns"})
_DOTTED_I: Final = frozenset({"tr", "az"})
"""Languages in which the capital of "i" is "İ"."""
_TWO_STOPS = re.compile(r"(?<=[.!?])\.(?=\s|$)|(?<=[。！？])[.。]")
_SPACED = re.compile(rf"(?<=[{UNSPACED}])\s+|\s+(?=[{UNSPACED}])")
_RUN = re.compile(rf"[{UNSPACED}]+")


def render_field(text: str, brief: Brief, passage: str = "") -> str:
    """One field with its pointers filled and its sentences capitalised; brands and titles begin as they
    like. `passage`: what <passage> stands for here, if not what the request draws. Raises KeyError for a
    pointer the brief has no text for."""
    slots, ctas = slot_texts(brief), cta_texts(brief)
    if passage:
        slots = {**slots, "passage": passage}

    def pointed(match: re.Match[str]) -> str:
        name = match.group(1)
        if name.startswith("cta_"):
            return ctas[int(name[4:])]
        opens = name in _NOUNS and _STARTS.search(text[: match.start()])
        return opening(slots[name], brief.locale) if opens else slots[name]

    if text.startswith("<cta_"):
        return _POINTER.sub(pointed, text)  # the campaign's own wording, to the letter
    text = _START.sub(lambda match: match.group(1) + opening(match.group(2), brief.locale), text)
    whole = one_stop(_POINTER.sub(pointed, text))
    return _SPACED.sub("", whole) if unspaced(brief.locale) else whole


def one_stop(text: str) -> str:
    """`text` without the full stops that follow one that a title or fact brought."""
    return _TWO_STOPS.sub("", text)


def opening(words: str, locale: str) -> str:
    """`words` as a sentence begins with them: a first word that has a capital inside ("iPad") keeps its
    letters."""
    first = words.partition(" ")[0]
    if any(map(str.isupper, first[1:])):
        return words
    dotted = words[:1] == "i" and language_of(locale) in _DOTTED_I
    return ("İ" if dotted else words[:1].title()) + words[1:]  # title: a Georgian capital is another script


def own_words(text: str) -> list[str]:
    """Words of a field that the writer chose itself, in lower case: its pointers are left out. Of Chinese,
    pairs of neighbours."""
    words = []
    for word in WORD_PATTERN.findall(_POINTER.sub(" ", text)):
        run = _RUN.fullmatch(word)
        words += [word[at : at + 2] for at in range(max(1, len(word) - 1))] if run else [word.lower()]
    return words


def lexicon_entries(text: str, locale: str) -> list[str]:
    """The own words of a field as a model's lexicon lists them, "de:wort": a word of another language is
    misspelt in this one."""
    return [f"{language_of(locale)}:{word}" for word in own_words(text)]


def line_entry(line: str, locale: str, number: str = "") -> str:
    """A line with pointers as a model's list has it, "de:<noun>gesucht?"; one that agrees with a noun of one
    grammatical number alone, "en.pl:They cost<price>."."""
    language = f"{language_of(locale)}.{number}" if number else language_of(locale)
    return f"{language}:{_AROUND.sub(lambda match: match.group().strip(), line)}"


def unspaced(locale: str) -> bool:
    """Whether a language puts no space around a name inside a sentence, and none between sentences."""
    return language_of(locale) in ("zh", "ja")


def join_scenes(sentences: Sequence[str], locale: str) -> str:
    """Sentences as one text."""
    return ("" if unspaced(locale) else " ").join(sentences)

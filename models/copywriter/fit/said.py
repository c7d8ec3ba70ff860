"""What a part of a copy says that no other part of it may say again."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

from models.brief.brief import Brief, language_of
from models.brief.render import unspaced
from models.brief.said_twice import said_in
from models.brief.slots import slot_texts
from models.text.normalise import fold_text
from models.text.sentences import sentences_of

_IDLE: Final = {
    language: frozenset(words.split())
    for language, words in tomllib.loads(
        (files("models.copywriter.fit") / "idle_words.toml").read_text("utf-8")
    ).items()
}
"""Words that tell nothing: sentences of a row may share them with whatever stands beside them."""
_UNCALLED: Final = frozenset(
    ["the", "and", "for", "you", "our", "now", "und", "der", "die", "das", "für", "jetzt"]
)
_POINTER: Final = re.compile(r"<(\w+)>")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_PAIR: Final = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_FIGURE: Final = re.compile(r"(\d+(?:[.,]\d+)*)[\s-]?([^\W\d_]{0,2})")
_STEM: Final = 6
_FEW: Final = 1
_FEW_HAN: Final = 2
_BRIEFLY: Final = 3
_BRIEFLY_HAN: Final = 8
"""Words, in Chinese characters, of a sentence that does no more than call to action, at most."""
_SELLER: Final = re.compile(
    r"\b(?:our|the) shop\b|\bwe have\b|\bfound\b|\bim shop\b|\bbei uns\b|\bgefunden\b|店里|有！|找到",
    re.I,
)
"""That it is there to be had, in words for who sells it."""
_ALIKE: Final = {
    "stub": re.compile(r"^(?:for|from|by|at|für|von|bei)\s*<\w+>\.", re.I),
    "for": re.compile(r"\b(?:for (?:you|<price>)|für (?:dich|<price>))", re.I),
}
"""Sentences of a description of which two in a row stutter."""


def said_in_pointers(text: str, passage: str, brief: Brief, first: bool, drafted: bool) -> frozenset[str]:
    """What a headline (`first`) or sentence in pointers says, `passage` in place of its pointer. `drafted`:
    in words of the writer, not of row or campaign."""
    language, slots = language_of(brief.locale), slot_texts(brief)
    own = [] if drafted and not passage else [passage or text]
    title = [slots.get("title", "")] if "<title>" in text else []
    said = set[str]()
    for sentence in () if own else sentences_of(text):
        said |= said_in(sentence, language, first) | row_stems_of(sentence, language)
    for row in (*own, *title):
        said |= row_stems_of(row, language)
        said |= {f"{number} {unit}" for number, unit in _FIGURE.findall(fold_text(row))}
    shown = _POINTER.sub(lambda match: slots.get(match.group(1), ""), own[0] if own else text)
    said |= {f"<{slot}>" for slot in ("price", "save", "brand") if _holds(shown, slots.get(slot, ""), brief)}
    for row in own:
        said |= {f"row {word}" for word in row_stems_of(row, language)}
    if "<short>" in text:
        named = row_stems_of(slots["short"], language) - row_stems_of(slots.get("noun", ""), language)
        said |= {f"row {word}" for word in named}
    if "<brand>" in said or _SELLER.search(text):
        said.add("seller")
    if not first and not own:
        said |= {name for name, form in _ALIKE.items() if form.search(text)}
        briefly = len(text) <= _BRIEFLY_HAN if language == "zh" else len(text.split()) <= _BRIEFLY
        said |= called_by(text) if briefly and "<" not in text else set()
    return frozenset(said)


def title_tells(brief: Brief) -> bool:
    """Whether a title says more than noun and a name: in Chinese, three neighbouring characters."""
    return len(_told_by_title(brief)) > (_FEW_HAN if language_of(brief.locale) == "zh" else _FEW)


def title_says_more(brief: Brief) -> bool:
    """Whether a title says anything that its noun does not."""
    return bool(_told_by_title(brief))


def _told_by_title(brief: Brief) -> frozenset[str]:
    language, slots = language_of(brief.locale), slot_texts(brief)
    title, noun = (row_stems_of(slots.get(each, ""), language) for each in ("title", "noun"))
    return title - noun


def is_stub(text: str) -> bool:
    """Whether a sentence in pointers says no more than for how much or from whom."""
    return _ALIKE["stub"].search(text) is not None


def called_by(text: str) -> set[str]:
    """Words that a call to action and a sentence of the writer's that only calls do not both say."""
    bare = _POINTER.sub(" ", text).casefold()
    words = {each for each in _WORD.findall(bare) if each not in _UNCALLED}
    return {f"call {word}" for word in words | set(_PAIR.findall(bare))}


@lru_cache(maxsize=4096)
def row_stems_of(text: str, language: str) -> frozenset[str]:
    """Words of a row that tell something, without their endings; of Chinese, neighbouring characters."""
    if language == "zh":
        return frozenset(_PAIR.findall(text))
    text = _POINTER.sub(" ", text)
    idle = _IDLE.get(language, frozenset())
    return frozenset(_stem(word) for word in _WORD.findall(text.casefold()) if word not in idle)


def _stem(word: str) -> str:
    """A word without what inflects it: "emailliert" and "Emaillierter" are one."""
    return word[:_STEM] if len(word) > _STEM else word.removesuffix("s")


def _holds(text: str, value: str, brief: Brief) -> bool:
    if not value or unspaced(brief.locale):
        return bool(value) and fold_text(value) in fold_text(text)
    return re.search(rf"(?<!\w){re.escape(fold_text(value))}(?!\w)", fold_text(text)) is not None

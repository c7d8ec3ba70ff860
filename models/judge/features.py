"""A draft as features: what the checks found, its form, how it stands to its row, and its phrases with the
row's own words replaced by what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from models.brief.brief import copy_channel_of, limits_of
from models.brief.facts import UNSPACED_LANGUAGES
from models.judge.finding import Finding
from models.judge.lexicon import moment_lexicon_of
from models.judge.said import CopyBesideBrief
from models.text.graphemes import shown_width
from models.text.normalise import fold_text
from models.text.sentences import sentences_of

_SPACED: Final = re.compile(r"[^\W_]+(?:['.,-][^\W_]+)*|[^\w\s]")
_UNSPACED: Final = re.compile(r"[a-z0-9.,]+|\S")
_STEM: Final = 5
"""Letters by which a word is known whatever its ending."""
_KINDS: Final = ("interest", "row", "fact", "brand", "title", "noun")
"""What a word can be of, the nearest to the thing last."""


def judge_features(draft: CopyBesideBrief, findings: Sequence[Finding]) -> list[str]:
    """The names of all that holds of a draft, each once or several times."""
    lexicon = moment_lexicon_of(draft.language)
    common = lexicon.common if lexicon else frozenset()
    kinds = _kinds_of(draft)
    named = [f"finding {finding.code}" for finding in findings] or ["no finding"]
    named += [f"language {draft.language}", f"channel {copy_channel_of(draft.brief.slot)}"]
    fields: list[list[str]] = []
    for field, written, folded in draft.fields:
        tokens = _tokens(folded, draft.language)
        classes = [_class(token, kinds, common) for token in tokens]
        named += (f"word {token}" for token, kind in zip(tokens, classes, strict=True) if kind == token)
        named += _phrases(field, classes)
        named += _form(field, written, classes, draft)
        fields.append(tokens)
    named += _standing(fields, kinds, common)
    return named


def _tokens(folded: str, language: str) -> list[str]:
    """Words and marks; characters where a script has no words."""
    return (_UNSPACED if language in UNSPACED_LANGUAGES else _SPACED).findall(folded)


def _kinds_of(draft: CopyBesideBrief) -> Mapping[str, str]:
    brief = draft.brief
    stated = " ".join((*brief.facts, *brief.claims, *brief.must_use))
    said = (" ".join(brief.interest), brief.text, stated, brief.brand, brief.title, brief.noun)
    return _kinds(said, draft.language)


@lru_cache(maxsize=512)  # one brief has many drafts
def _kinds(said: tuple[str, ...], language: str) -> Mapping[str, str]:
    """Words and their stems -> what of the row they stand in."""
    found: dict[str, str] = {}
    for kind, text in zip(_KINDS, said, strict=True):
        for word in _tokens(fold_text(text), language):
            if word[0].isalnum():
                found |= {word: f"<{kind}>", _stem(word): f"<{kind}>"}
    return found


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return word[:_STEM] if len(word) > _STEM else word.rstrip("s")


def _class(token: str, kinds: Mapping[str, str], common: frozenset[str]) -> str:
    """A token as phrases hold it: what it is of the row, a figure, or itself."""
    if token[0].isdigit():
        return "<figure>" if token in kinds else "<price>"
    if not token[0].isalnum() or token in common:
        return token
    return kinds.get(token) or kinds.get(_stem(token), token)


def _phrases(field: str, classes: Sequence[str]) -> Iterator[str]:
    """Runs of one, two and three."""
    edged = ("^", *classes, "$")
    yield from (f"{field} {one}" for one in classes)
    yield from (f"{field} {one} {two}" for one, two in pairwise(edged))
    yield from (f"{field} {' '.join(edged[at : at + 3])}" for at in range(len(edged) - 2))


def _form(field: str, written: str, classes: Sequence[str], draft: CopyBesideBrief) -> Iterator[str]:
    limit = getattr(limits_of(draft.brief.slot), field)
    last = written.strip()[-1:]
    yield f"{field} fill {min(9, 10 * shown_width(written) // limit)}"
    yield f"{field} sentences {min(5, len(sentences_of(written)))}"
    yield f"{field} words {min(12, len(classes) // 2)}"
    yield f"{field} ends {'word' if last.isalnum() else last}"
    for kind in (*(f"<{kind}>" for kind in _KINDS), "<figure>", "<price>"):
        yield f"{field} {kind} {min(5, classes.count(kind))}"


def _standing(
    fields: Sequence[Sequence[str]], kinds: Mapping[str, str], common: frozenset[str]
) -> Iterator[str]:
    """How much of what is said stands in no row, and how much is said twice."""
    telling = [[token for token in tokens if token[0].isalpha() and token not in common] for tokens in fields]
    whole = [token for tokens in telling for token in tokens]
    for name, tokens in zip(("headline", "description", "both"), (*telling, whole), strict=True):
        strange = sum(token not in kinds and _stem(token) not in kinds for token in tokens)
        yield f"{name} strange {min(6, strange)}"
        yield f"{name} strange share {round(5 * strange / max(1, len(tokens)))}"
    stems = [_stem(token) for token in whole]
    shared = set(map(_stem, telling[0])) & set(map(_stem, telling[1]))
    yield f"said twice {min(4, len(stems) - len(set(stems)))}"
    yield f"shared {min(3, len(shared))}"

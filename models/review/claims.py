"""Whether an offer of a copy is one that brief or row make, of the same thing: "Gift wrapping is free" allows
no free pack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.text.normalise import fold_text
from models.text.number_words import in_figures
from models.text.scripts import is_unspaced

_FREE_WORDS: Final = (
    "free of charge|for free|free|at no charge|no charge|at no cost|for nothing|costs nothing|pay nothing"
    "|nothing to pay|on the house|(?:is|are) on us|on our bill|gratis|complimentary"
    "|kostenlos(?:e|en|er|es|em)?|kostenfrei(?:e|en|er|es|em)?|umsonst|geschenkt|ohne aufpreis|zugabe"
)
FREE: Final = re.compile(
    rf"(?<!\w)(?:{_FREE_WORDS})(?!\w)|(?<=\w)frei(?!\w)|(?<!\w)frei(?!\w)|免费|赠送?|包邮|免运费|不收钱|不要钱"
)
"""Words that say of something that it costs nothing."""
_ROOTS: Final = (
    ("guarant", "garant", "warrant", "质保", "保修"),
    ("refund", "money back", "money-back", "rückerstattung", "geld zurück"),
)
_CLAUSE_END: Final = re.compile(r"[.!?;,。！？；，]|(?<!\w)(?:and|und|but|aber)(?!\w)")
_PREPOSITION_WORDS: Final = (
    "for within in from to on at of with as until by over per when if while whenever once after before"
    " für innerhalb von vom in bis ab zu zum zur bei beim mit an am auf als aus wenn sobald nach vor im"
)
_PREPOSITIONS: Final = frozenset(_PREPOSITION_WORDS.split())
_SMALL_WORDS: Final = (
    "a an the is are be comes come it its they them this that these those you your yours we our us all any"
    " every each and or not no so too also well now then der die das den dem des ein eine einen einem einer"
    " ist sind wird werden es er sie ihn ihr dein deine deinen wir uns du und oder auch so dann nur jede"
    " jeder jedes jeden days day weeks week months month years year hours hour tage tag tagen wochen woche"
    " monat monate monaten jahr jahre jahren stunden dazu dabei obendrauf"
)
_SMALL: Final = frozenset(_SMALL_WORDS.split())
_TAKEN: Final = re.compile(
    r"(?<!\w)(?:it|they|this|these|that)(?:'s|'re| is| are) |(?<!\w)yours(?!\w)"
    r"|(?<!\w)(?:get|take|have|own|keep|grab|bring home) (?:it|them|this|one|yours)(?!\w)"
    r"|(?<!\w)(?:hol|nimm|bekommst|kriegst) (?:sie|ihn|es|du)"
)
"""What is said of a thing that is called by no name: "take it, free"."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_THRESHOLD: Final = re.compile(
    r"(?<!\w)(?:from|over|above|ab|über|满)\s*(?P<sign>[$€£¥])?\s*(?P<number>\d+(?:[.,]\d+)*)(?(sign)|\s?(?P<after>[€元])?)"
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_SHIPPING: Final = frozenset({"包邮", "免运费"})
_COMMON_LETTERS: Final = 4
_BESIDE: Final = 20
"""Letters around a word in which a number belongs to it."""


@dataclass(frozen=True, slots=True)
class Statements:
    """What brief and row state, folded and one by one, the words the item is called by, and what it costs;
    0 = not known."""

    told: tuple[str, ...]
    item: tuple[str, ...]
    language: str
    price: float

    def make(self, text: str, match: re.Match[str], copy: str) -> bool:
        """Whether a statement makes the claim that stands at `match` of `text`, a part of `copy`; all
        folded."""
        free = FREE.search(match.group())
        if free is None:
            return any(self._names(text, match, told) for told in self.told)
        start, end = match.start() + free.start(), match.start() + free.end()
        return any(
            self._gives(text, start, end, told, found, copy) and self._meets(told, copy)
            for told in self.told
            for found in FREE.finditer(told)
        )

    def _names(self, text: str, match: re.Match[str], told: str) -> bool:
        """Whether a statement holds the word, and the number beside it where it has one: a guarantee of two
        years is none of ten."""
        said = match.group().strip()
        roots = next((roots for roots in _ROOTS if any(root in said for root in roots)), (said,))
        if not any(root in told for root in roots):
            return False
        beside = self._numbers(text[max(0, match.start() - _BESIDE) : match.end() + _BESIDE])
        stated = self._numbers(told)
        return not (beside and stated) or not stated.isdisjoint(beside)

    def _numbers(self, folded: str) -> set[str]:
        return set(_NUMBER.findall(in_figures(folded, self.language)))

    def _gives(self, text: str, start: int, end: int, told: str, found: re.Match[str], copy: str) -> bool:
        """Whether what is called free here is not the item, or what the statement calls free."""
        if text[start:end] in _SHIPPING:
            return True
        given = text[end : end + 2]
        if any(map(is_unspaced, text[start:end])) and given.isalnum() and len(given) > 1:
            return given in told or not self._is_of_item(_clause(text, start, end))
        heads = _heads(told, found.start(), found.end())
        if not heads:  # the thing itself, for some time
            return self._numbers(told) <= self._numbers(copy)
        after = _phrase(text[end:])
        if after:
            return any(_alike(word, head) for word in after for head in (*heads, *_words(told)))
        clause = _clause(text, start, end)
        if any(_alike(word, head) for word in _words(clause) for head in heads):
            return True
        return not self._is_of_item(clause) and _TAKEN.search(clause) is None

    def _meets(self, told: str, copy: str) -> bool:
        """Whether the copy says from what on an offer holds, where the statement does; what the item costs
        may be enough."""
        threshold = _THRESHOLD.search(in_figures(told, self.language))
        if threshold is None or threshold["number"] in self._numbers(copy):
            return True
        return bool(threshold["sign"] or threshold["after"]) and self.price >= float(
            threshold["number"].replace(",", "")
        )

    def _is_of_item(self, clause: str) -> bool:
        words = _words(clause)
        return any(
            each in clause if any(map(is_unspaced, each)) else any(_called(word, each) for word in words)
            for each in self.item
        )


def statements_of(told: Sequence[str], text: str, item: str, language: str, price: float) -> Statements:
    """Of what is told one by one, a row's text, and what the item is called and costs."""
    sentences = re.split(r"(?<=\w\w)[.!?]\s+|[。！？\n]", fold_text(text))
    names = tuple(dict.fromkeys(_names(fold_text(item))))
    return Statements(tuple(filter(None, (*map(fold_text, told), *sentences))), names, language, price)


def _names(name: str) -> Iterator[str]:
    """The words a thing is called by; of scripts without spaces its last two characters too."""
    for word in _WORD.findall(name):
        if any(map(is_unspaced, word)):
            yield word[-2:]
        elif word not in _SMALL and word not in _PREPOSITIONS:
            yield word


def _heads(told: str, start: int, end: int) -> list[str]:
    """What a statement calls free: what follows the word up to a preposition, else what stands before."""
    return _phrase(told[end:]) or [
        word for word in _words(_CLAUSE_END.split(told[:start])[-1]) if word not in _PREPOSITIONS
    ]


def _phrase(rest: str) -> list[str]:
    """The words of a phrase that begins right here, up to a preposition or the end of the clause."""
    if not re.match(r"[\s-]+\w", rest):
        return []
    words: list[str] = []
    for word in _WORD.findall(_CLAUSE_END.split(rest)[0]):
        if word in _PREPOSITIONS:
            break
        words.append(word)
    return [word for word in words if word not in _SMALL]


def _clause(text: str, start: int, end: int) -> str:
    """The clause around a place, with those before it while it says of nothing what is free."""
    after = _CLAUSE_END.split(text[end:])[0]
    before = _CLAUSE_END.split(text[:start])
    clause = before.pop()
    while before and not [word for word in _words(clause) if word not in _PREPOSITIONS]:
        clause = f"{before.pop()} {clause}"
    return f"{clause} {text[start:end]} {after}"


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in _SMALL and not FREE.fullmatch(word)]


def _called(word: str, name: str) -> bool:
    """Whether a word is a name of the item, perhaps in another number, or ends as a compound name does:
    "rucksack" of "wanderrucksack"."""
    if min(len(word), len(name)) < _COMMON_LETTERS:
        return word == name
    return word.startswith(name) or name.startswith(word) or name.endswith(word)


def _alike(one: str, other: str) -> bool:
    """Whether two words are forms of one: they share letters ("return" and "returns", "zurück" and
    "rücksendung")."""
    if min(len(one), len(other)) <= _COMMON_LETTERS:
        return one == other or (one + "s" == other or other + "s" == one)
    short, long = sorted((one, other), key=len)
    return any(short[at : at + _COMMON_LETTERS] in long for at in range(len(short) - _COMMON_LETTERS + 1))

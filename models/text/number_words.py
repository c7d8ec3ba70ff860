"""Numbers in words, of English, German and Chinese: "twenty-five", "zweihundert", "十二"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

_ENGLISH: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_ENGLISH_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_GERMAN: Final = (
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn"
    " siebzehn achtzehn neunzehn"
)
_GERMAN_TENS: Final = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
_PARTS: Final = {
    "en": {
        "half": "0.5", "halves": "0.5", "double": "2", "twice": "2", "pair": "2", "dual": "2", "twin": "2",
        "triple": "3", "thrice": "3", "dozen": "12", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
        "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10",
    },
    "de": {
        "halb": "0.5", "doppelt": "2", "doppelte": "2", "paar": "2", "dreifach": "3", "dutzend": "12",
        "hundert": "100", "tausend": "1000",
    },
}  # fmt: skip
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_HAN: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "双": 2, "〇": 0}
_HAN_SCALES: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_HAN_RUN: Final = re.compile("[零〇一二两三四五六七八九十百千万]+|双(?=层)")
_RANKS: Final = frozenset(["third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"])
_NO_NUMBER: Final = (
    r"achtung|achtsam|achtlos|achtbar|achten|zweig|zweif|dreist(?:e[nrsm]?)?(?!\w)|[^\W\d_]{4,6}tel"
)
"""How German words begin that only look as if they said a number: twigs, doubts, a quarter."""
_GERMAN_RANK: Final = re.compile(r"(?:s?t|(?<=acht))e[nrsm]?(?!\w)")
_SHORTEST_IN_A_COMPOUND: Final = 4


class SaidNumber(NamedTuple):
    """A number in words: `text[start:end]`, its value in figures, and whether it says which one rather than
    how many: "third"."""

    start: int
    end: int
    value: str
    is_rank: bool = False


def said_numbers(folded: str, language: str) -> Iterator[SaidNumber]:
    """Numbers in words of a folded text, in order; of German also those that a longer word begins with
    ("dreistündig")."""
    if language == "zh":
        for match in _HAN_RUN.finditer(folded):
            is_rank = folded[: match.start()].endswith("第")
            yield SaidNumber(match.start(), match.end(), str(_han(match.group())), is_rank)
    elif language in _PATTERNS:
        for match in _PATTERNS[language].finditer(folded):
            number = match["number"]
            ending = _GERMAN_RANK.match(folded, match.end()) if language == "de" else None
            end = ending.end() if ending else match.end()
            yield SaidNumber(
                match.start(), end, _value(number, language), ending is not None or number in _RANKS
            )


def in_figures(folded: str, language: str) -> str:
    """A folded text with figures for its numbers in words."""
    for number in reversed(list(said_numbers(folded, language))):
        folded = f"{folded[: number.start]}{number.value}{folded[number.end :]}"
    return folded


def _value(said: str, language: str) -> str:
    words = _words(language)
    if said in words:
        return words[said]
    total, current = 0, 0
    for word in re.findall(r"[a-z]+", said):
        if word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        elif word not in ("a", "and"):
            current += int(words[word])
    return str(total + current)


def _han(run: str) -> int:
    if not any(char in _HAN_SCALES for char in run):
        return int("".join(str(_HAN[char]) for char in run))
    total, section, digit = 0, 0, 0
    for char in run:
        if char in _HAN:
            digit = _HAN[char]
        elif char == "万":
            total, section, digit = total + max(section + digit, 1) * _HAN_SCALES[char], 0, 0
        else:
            section, digit = section + (digit or 1) * _HAN_SCALES[char], 0
    return total + section + digit


@lru_cache(maxsize=2)
def _words(language: str) -> dict[str, str]:
    """Single words with their values; of German all up to 99, and hundreds."""
    small, tens = (_GERMAN, _GERMAN_TENS) if language == "de" else (_ENGLISH, _ENGLISH_TENS)
    units = small.split()
    found = {word: str(value) for value, word in enumerate(units)}
    found |= {word: str(10 * ten) for ten, word in enumerate(tens.split(), 2)}
    if language == "de":
        for ten, word in enumerate(tens.split(), 2):
            found |= {f"{units[unit]}und{word}": str(10 * ten + unit) for unit in range(1, 10)}
        found |= {f"{units[count]}hundert": str(100 * count) for count in range(1, 10)}
        found |= {f"{units[count]}tausend": str(1_000 * count) for count in range(1, 13)}
        del found["ein"], found["null"]
        found = {word.casefold(): value for word, value in found.items()}
    return found | _PARTS[language]


def _any_of(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _patterns() -> dict[str, re.Pattern[str]]:
    english = [word for word in _words("en") if word not in ("zero", "one")]
    scales = "|".join(_SCALES)
    more = rf"(?: and (?:{_any_of(english)})\b)?"
    number = (
        rf"(?:(?:{_any_of(_ENGLISH_TENS.split())})-(?:{_any_of(_ENGLISH.split()[1:10])})|{_any_of(english)})"
        rf"(?:[ -](?:{scales})\b{more})*|(?:a )?(?:{scales}){more}"
    )
    german = [word for word in _words("de") if len(word) >= _SHORTEST_IN_A_COMPOUND]
    short = [word for word in _words("de") if len(word) < _SHORTEST_IN_A_COMPOUND]
    return {
        "en": re.compile(rf"(?<!\w)(?P<number>{number})s?(?!\w)"),
        "de": re.compile(
            rf"(?<!\w)(?!{_NO_NUMBER})(?P<number>(?:{_any_of(german)})|(?:{_any_of(short)})(?!\w))"
        ),
    }


_PATTERNS: Final = _patterns()

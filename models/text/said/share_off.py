"""Shares of a price in words that a text says are off: "half price", "pay a third", "ein Viertel günstiger",
"打八折"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_ENGLISH_COUNTS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4}
_GERMAN_COUNTS: Final = {"ein": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4}
_PARTS: Final = {
    "half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10,
    "hälfte": 2, "halb": 2, "drittel": 3, "viertel": 4, "fünftel": 5, "zehntel": 10,
}  # fmt: skip
_HAN: Final = {char: value for value, char in enumerate("一二三四五六七八九", 1)}

_RATIO: Final = r"(?<![\d/⁄])(?P<over>\d)[/⁄](?P<under>[1-9]\d?)(?![\d/⁄])"
_ENGLISH: Final = (
    rf"(?:{_RATIO}|(?:(?<!\w)(?P<count>an?|one|two|three|four)[\s-]+)?"
    r"(?<!\w)(?P<part>half|halve|(?<!the )(?:third|quarter|fourth|fifth|tenth))(?:s|d)?(?!\w))"
)
_OF_WHAT: Final = (
    r"(?:[\s-]+(?:of|the|its|their|our|your|this|that|original|usual|regular|normal|old|new|full|list|shop"
    r"|store|retail|ticket|sale|going|street|high)){0,4}[\s-]+"
)
_PRICE: Final = r"(?:price[sd]?|costs?|rrp|msrp)(?!\w)"
_FALLEN: Final = (
    r"(?:\s+(?:is|are|was|were|now|has|have|been|cut|slashed|down|reduced|lowered|dropped|in|by)){0,5}\s+"
)
_GERMAN: Final = (
    rf"(?:{_RATIO}|(?<!\w)(?:die\s+|(?P<count>ein(?:em)?|zwei|drei|vier)\s+)"
    r"(?P<part>hälfte|drittel|viertel|fünftel|zehntel)(?!\w))"
)


class SaidShare(NamedTuple):
    """`folded[start:end]` says that `percent` of a price is off, rounded down."""

    start: int
    end: int
    percent: str


def shares_off(folded: str, language: str) -> Iterator[SaidShare]:
    """Each place of a folded text that says such a share."""
    for pattern, is_paid in _PATTERNS.get(language, ()):
        for match in pattern.finditer(folded):
            yield SaidShare(match.start(), match.end(), str(_percent(match, is_paid)))


def _percent(match: re.Match[str], is_paid: bool) -> int:
    said = match.groupdict()
    if tenths := said.get("tenths"):
        part, whole = int(_HAN.get(tenths, 0) or tenths), 10
    elif said.get("over"):
        part, whole = min(int(said["over"]), int(said["under"])), int(said["under"])
    else:
        counts = {**_ENGLISH_COUNTS, **_GERMAN_COUNTS}
        part, whole = counts.get(said.get("count") or "a", 1), _PARTS[said.get("part") or "half"]
    return (whole - part if is_paid else part) * 100 // whole


_PATTERNS: Final[dict[str, tuple[tuple[re.Pattern[str], bool], ...]]] = {
    "en": (
        (re.compile(rf"{_ENGLISH}{_OF_WHAT}{_PRICE}"), True),
        (re.compile(rf"{_ENGLISH}\s+(?:of\s+)?what\s+(?:it|they|you|others?)(?!\w)"), True),
        (re.compile(rf"(?<!\w)(?:pay(?:s|ing)?|costs?|costing)\s+(?:only\s+|just\s+)?{_ENGLISH}"), True),
        (re.compile(rf"{_ENGLISH}[\s-]+(?:off|cheaper)(?!\w)"), False),
        (
            re.compile(
                rf"(?<!\w)sav(?:e|es|ed|ing)\s+(?:up\s+to\s+)?{_ENGLISH}(?!\s+(?:of|the|an?|your|our|their)(?!\w))"
            ),
            False,
        ),
        (re.compile(rf"(?<!\w)prices?(?!\w){_FALLEN}{_ENGLISH}"), False),
    ),
    "de": (
        (re.compile(r"(?<!\w)(?P<part>halb)e[nrms]?\s+(?:\w+)?preis\w*"), True),
        (re.compile(rf"{_GERMAN}(?:\s+\w+){{0,2}}?\s+(?:\w+)?preis\w*"), True),
        (re.compile(rf"(?<!\w)(?:zahl|kost)\w*(?:\s+\w+){{0,2}}?\s+{_GERMAN}"), True),
        (re.compile(rf"(?<!\w)spar\w*(?:\s+\w+){{0,2}}?\s+{_GERMAN}"), False),
        (re.compile(rf"{_GERMAN}\s+(?:günstiger|billiger|reduziert|rabatt|nachlass|gespart|sparen)"), False),
    ),
    "zh": (
        (re.compile(r"半\s*价|对\s*折"), True),
        (re.compile(r"[打起享]\s*(?P<tenths>[一二三四五六七八九1-9])\s*折"), True),
    ),
}  # fmt: skip

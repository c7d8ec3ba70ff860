"""Numbers, prices and brands in copy that neither brief nor row supports: read from the finished text alone.

Deliberately another reading than that of the constraints and of the review: what all three let pass has
passed three different checks.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

from models.brief.brief import Brief, Copy, language_of
from models.brief.price import major_amounts

StatementKind = Literal["number", "price", "brand"]

_FIGURE: Final = r"\d+(?:[.,'’\u00a0\u202f]\d+)*"
_SIGNS: Final = {
    "$": ("USD", "AUD", "CAD", "SGD", "HKD", "NZD"), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"),
    "₹": ("INR",), "₩": ("KRW",),
    "元": ("CNY",), "块": ("CNY",), "dollar": ("USD", "AUD", "CAD"), "dollars": ("USD", "AUD", "CAD"),
    "euro": ("EUR",), "euros": ("EUR",),
    "pound": ("GBP",), "pounds": ("GBP",), "franken": ("CHF",), "yuan": ("CNY",), "yen": ("JPY",),
}  # fmt: skip
_SIGN: Final = "|".join(re.escape(each) for each in sorted(_SIGNS, key=len, reverse=True))
_MONEY: Final = rf"(?i:{_SIGN})|\b(?!\d)[A-Z]{{3}}\b"
_PRICE: Final = re.compile(
    rf"(?P<before>{_MONEY})\s?(?P<after_sign>{_FIGURE})|(?P<before_sign>{_FIGURE})\s?(?P<after>{_MONEY})"
)
_NUMBER: Final = re.compile(rf"(?:(?P<ahead>%)\s?)?{_FIGURE}(?P<percent>\s?%)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’&-][^\W\d_]+)*")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’&-]+")
_OPENS: Final = re.compile(r"(?:^|[.!?:;…。！？：；，、|/–—\n\"“„(«]\s*)$")
_HAN_NUMBER: Final = re.compile(
    r"[二两三四五六七八九十百千万]+(?=[元块折天年月日倍件个款种条双套次人分米克斤])"
)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """One statement without a source."""

    kind: StatementKind
    text: str


@lru_cache(maxsize=1)
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files(__package__).joinpath("facts.toml").read_text(encoding="utf-8"))


def unsupported(
    copy: Copy, brief: Brief, brands: Collection[str] = (), known: Collection[str] = frozenset()
) -> list[Unsupported]:
    """What `copy` states without a source.

    `brands`: names of others, which must not appear. `known`: words (case-folded) that begin with a capital
    in this language without being names; only needed for German, where nouns do.
    """
    text = unicodedata.normalize("NFKC", " \n ".join((copy.headline, copy.description, copy.cta)))
    given = unicodedata.normalize("NFKC", " \n ".join(_said(brief)))
    prices = [match for match in _PRICE.finditer(text) if _is_money(match)]
    found = [
        Unsupported("price", match.group().strip())
        for match in prices
        if not _price_stands(match, brief, given)
    ]
    rest = text
    for match in reversed(prices):
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    found += [Unsupported("number", figure) for figure in _numbers(rest, brief, given)]
    found += [Unsupported("brand", name) for name in _names(text, brief, given, known)]
    folded, own = text.casefold(), given.casefold()
    return found + [
        Unsupported("brand", name) for name in brands if _whole(name, folded) and not _whole(name, own)
    ]


def covered(copy: Copy, brief: Brief) -> tuple[int, int]:
    """How many of the brief's facts, claims and required words, and of its price to pay, `copy` states, and
    how many there are."""
    text = unicodedata.normalize("NFKC", " \n ".join((copy.headline, copy.description))).casefold()
    stated = [
        unicodedata.normalize("NFKC", each).casefold() in text
        for each in (*brief.must_use, *brief.claims, *brief.facts)
    ]
    if major_amounts(brief):
        stated.append(any(_price_stands(match, brief, "") for match in _PRICE.finditer(text.upper())))
    return sum(stated), len(stated)


def _said(brief: Brief) -> Iterable[str]:
    return (
        brief.title,
        brief.noun,
        brief.category,
        brief.brand,
        brief.text,
        *brief.facts,
        *brief.must_use,
        *brief.claims,
        *brief.ctas,
        *brief.interest,
    )


def _whole(name: str, folded: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", folded) is not None or (
        not name.isascii() and name in folded
    )


def figure_readings(figure: str) -> set[Decimal]:
    """What a figure may mean: 1.299 is 1299 (de) or 1.299 (en), 12,50 is 12.5 or, were it thousands,
    nothing."""
    plain = re.sub(r"['’\u00a0\u202f]", "", figure)
    groups = re.split(r"[.,]", plain)
    found = set()
    if len(groups) == 1 or all(len(group) == 3 for group in groups[1:]):
        found.add(Decimal("".join(groups)))
    if len(groups) > 1:
        found.add(Decimal(f"{''.join(groups[:-1])}.{groups[-1]}"))
    return found


def _is_money(match: re.Match[str]) -> bool:
    sign = match["before"] or match["after"]
    return sign.casefold() in _SIGNS or _CURRENCY.fullmatch(sign) is not None


def _price_stands(match: re.Match[str], brief: Brief, given: str) -> bool:
    sign, figure = (match["before"] or match["after"]).casefold(), match["after_sign"] or match["before_sign"]
    if brief.currency in _SIGNS.get(sign, (sign.upper(),)) and figure_readings(figure) & major_amounts(brief):
        return True
    stated = [each for each in _PRICE.finditer(given) if (each["before"] or each["after"]).casefold() == sign]
    return any(
        figure_readings(figure) & figure_readings(each["after_sign"] or each["before_sign"])
        for each in stated
    )


def _numbers(text: str, brief: Brief, given: str) -> Iterable[str]:
    stated = {
        value for match in _NUMBER.finditer(given) for value in figure_readings(match.group().strip("% "))
    } | major_amounts(brief)
    whole, sale = brief.price_minor, brief.salesprice_minor
    saving = {Decimal((whole - sale) * 100 // whole)} if whole and sale and sale < whole else set()
    for match in _NUMBER.finditer(text):
        meant = figure_readings(match.group().strip("% "))
        if not meant & (stated | saving if match["percent"] or match["ahead"] else stated):
            yield match.group()
    spelt = _lists()["numbers"].get(language_of(brief.locale), [])
    folded, own = text.casefold(), given.casefold()
    yield from (word for word in spelt if _whole(word, folded) and not _whole(word, own))
    if language_of(brief.locale) == "zh":
        yield from (match.group() for match in _HAN_NUMBER.finditer(text) if match.group() not in given)


def _names(text: str, brief: Brief, given: str, known: Collection[str]) -> Iterable[str]:
    """Words written like names that the brief does not hold."""
    language = language_of(brief.locale)
    own = {word.casefold() for word in _WORD.findall(given)} | {
        part.casefold() for part in re.split(r"[\W\d_]+", given)
    }
    common = frozenset(_lists()["capitals"].get(language, []))
    pattern = _LATIN if language in ("zh", "ja", "ko") else _WORD
    for match in pattern.finditer(text):
        word = match.group()
        inner = any(char.isupper() for char in word[1:])
        begins = word[0].isupper() and _OPENS.search(text[: match.start()]) is None
        named = pattern is _LATIN or inner or (begins and (language != "de" or bool(known)))
        low = word.casefold()
        ordinary = word in common or (language == "de" and not inner and low in known)
        if (
            named
            and not ordinary
            and low not in own
            and not all(part in own for part in re.split(r"['’&-]", low) if part)
        ):
            yield word

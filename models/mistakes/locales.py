"""Mistakes in the names of languages, countries, devices and segments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.campaigns import Campaign
from models.mistakes.known import KnownItems, as_written, countries, country_meant, is_locale, language_meant
from models.mistakes.mistake import Mistake, cited, listed, nearest_word
from models.segments import DEVICE_WORDS, segment_name

_SEGMENT = re.compile(r"k[0-9]{2,}")


def locale_mistakes(where: str, locale: str) -> Iterator[Mistake]:
    """Of one locale: a language, perhaps with a country."""
    if is_locale(locale):
        if locale != as_written(locale):
            yield Mistake(where, "warning", f"is {cited(locale)}", meant=cited(as_written(locale)))
        return
    allowed = 'a language, or with its country: "de", "de-AT"'
    yield Mistake(where, "error", f"is {cited(locale)}", allowed, _locale_meant(locale))


def _locale_meant(locale: str) -> str:
    language, _, country = locale.strip().replace("_", "-").partition("-")
    likely, place = language_meant(language), country_meant(country)
    return cited(f"{likely}-{place}" if place else likely) if likely else ""


def targeting_mistakes(campaign: Campaign, known: KnownItems | None) -> Iterator[Mistake]:
    """Of whom the campaign wants: a name that no user has leaves nobody."""
    for at, country in enumerate(campaign.geo):
        if country not in countries():
            yield Mistake(
                f"targeting.geo[{at}]",
                "error",
                f"is {cited(country)}",
                'three capital letters (ISO 3166-1 alpha-3), such as "DEU"',
                _country_meant(country),
            )
    for at, device in enumerate(campaign.devices):
        if device not in DEVICE_WORDS:
            what = listed(f"{number} ({word})" for number, word in DEVICE_WORDS.items())
            yield Mistake(f"targeting.device[{at}]", "error", f"is {device}", what)
    segments = None if known is None else known.segments
    for at, segment in enumerate(campaign.segments):
        number = int(segment[1:]) if _SEGMENT.fullmatch(segment) else None
        if number is None or segment_name(number) != segment or (segments is not None and number >= segments):
            last = "..." if segments is None else f"to {segment_name(max(0, segments - 1))}"
            yield Mistake(f"targeting.segment[{at}]", "error", f"is {cited(segment)}", f"k00 {last}")


def _country_meant(country: str) -> str:
    """A code of two letters that is no country's is no misspelt one of three: "EN" is a language."""
    two = country_meant(country)
    three = next((code for code, each in countries().items() if each == two), "")
    return cited(three) if three else nearest_word(country, countries()) if len(country.strip()) == 3 else ""

"""What a campaign may name: languages, countries, the catalogue."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from models.item import Item

_LONGEST_CODE: Final = 3
_ALIKE: Final = 0.8
"""A name less like than this is another language's as often."""


@dataclass(frozen=True)
class KnownItems:
    """Of a catalogue: item ids, with each its categories, the number of segments (None = not known), and the
    currency of each item with a price."""

    categories_of: dict[str, tuple[str, ...]]
    segments: int | None = None
    currency_of: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, items: list[Item] | tuple[Item, ...], segments: int | None = None) -> KnownItems:
        """Those of these items that may be advertised."""
        offered = [item for item in items if item.available]
        return cls(
            {item.item_id: item.categories for item in offered},
            segments,
            {item.item_id: item.currency for item in offered if item.charged_minor is not None},
        )

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(each for categories in self.categories_of.values() for each in categories)


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-3 codes, with each its alpha-2 code (Unicode CLDR)."""
    named = Locale("en").territories
    found: dict[str, str] = {
        code: names[0]
        for code, names in sorted(get_global("territory_aliases").items())
        if len(code) == 3 and code.isalpha() and len(names) == 1 and names[0] in named
    }
    alike = {two for three, two in found.items() if three.startswith(two)}
    return {three: two for three, two in found.items() if three.startswith(two) or two not in alike}


def country_meant(country: str) -> str:
    """The alpha-2 code of a country in another code, an older one or its English name: "UK", "DEU",
    "Germany"; "" when nobody knows it."""
    code = _by_name().get(country.strip().casefold(), country.strip().upper())
    names = get_global("territory_aliases").get(code, [code])
    return names[0] if len(names) == 1 and names[0] in countries().values() else ""


@cache
def _by_name() -> dict[str, str]:
    territories = Locale("en").territories
    return {territories[two].casefold(): two for two in countries().values()}


@cache
def is_locale(locale: str) -> bool:
    """Whether a locale is a language that is written somewhere, with or without a country: "de", "pt-BR"."""
    tag = locale.replace("_", "-")
    try:
        known = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return False
    parts = tag.upper().split("-")
    return known.language.upper() == parts[0] and (len(parts) == 1 or known.territory in (None, *parts[1:]))


def as_written(locale: str) -> str:
    """A known locale as BCP 47 writes it: "en_us" is "en-US"."""
    language, *others = locale.replace("_", "-").split("-")
    below = (each.title() if len(each) == len("Hans") else each.upper() for each in others)
    return "-".join([language.lower(), *below])


@cache
def languages() -> dict[str, str]:
    """Languages whose locale is known, to their codes: the code, those of ISO 639-2, and the names in English
    and in the language itself, folded."""
    english = {
        code: name for code, name in Locale("en").languages.items() if "_" not in code and is_locale(code)
    }
    own = {folded_name(Locale(code).languages.get(code, code)): code for code in english}
    longer = {old: code for old, code in get_global("language_aliases").items() if code in english}
    return {
        **longer,
        **own,
        **{folded_name(name): code for code, name in english.items()},
        **{code: code for code in english},
    }


def language_meant(text: str) -> str:
    """The code of a language by another code, a name or a country's code that is no language's: "ger",
    "Deutsch", "francais", "cn"; "" when it is none of them, nor like a name."""
    word = folded_name(text)
    if word in languages():
        return languages()[word]
    if country := country_meant(word):
        return str(get_global("likely_subtags").get(f"und_{country}", "en")).partition("_")[0]
    names = [each for each in languages() if len(each) > _LONGEST_CODE]
    near = get_close_matches(word, names, n=1, cutoff=_ALIKE) if len(word) > _LONGEST_CODE else []
    return languages()[near[0]] if near else ""


def folded_name(text: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))

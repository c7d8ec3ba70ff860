"""Made-up items and the briefs about them, in every language: what catalogues, campaigns and readers'
interests look like."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import DEVICES, GOALS, LIMITS, STYLES, TONES, WEEKDAYS, Brief
from models.corpus.languages import Lists, lists_of
from models.segments import DAYPARTS

_PLACES: Final = {
    "en": ("US", "GB", "DE", "FR", "AU", "CA", "IN", "SE", ""),
    "de": ("DE", "AT", "CH", ""),
    "zh": ("CN", "SG", ""),
}
_CURRENCIES: Final = {"en": ("USD", "EUR", "GBP", "CHF"), "de": ("EUR", "EUR", "CHF"), "zh": ("CNY",)}
_LOCALES: Final = {"en": ("en", "en-US", "en-GB"), "de": ("de", "de-DE", "de-AT"), "zh": ("zh", "zh-CN")}


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A brief, the domain its item is from, and that of the interest (the item's where there is none)."""

    brief: Brief
    domain: str
    interest_domain: str


def pseudo_word(lists: Lists, rng: random.Random) -> str:
    """A word nobody knows, so that the writer learns to lean on category and title instead."""
    return "".join(rng.choices(lists.others["made_up"]["syllables"], k=rng.choice((2, 2, 3))))


def _title(language: str, noun: str, mods: Sequence[str], brand: str, rng: random.Random) -> str:
    """A catalogue title around `noun` in one of the ways catalogues of that language write them."""
    lists = lists_of(language)
    words = rng.sample(list(mods), min(len(mods), rng.choice((0, 1, 1, 2))))
    if rng.random() < 0.4:
        words.insert(0, rng.choice(lists.others["made_up"]["colors"]))
    if rng.random() < 0.15:
        words.insert(0, pseudo_word(lists, rng))
    tail = rng.choice(lists.others["made_up"]["tails"]) if rng.random() < 0.06 else ""
    if language == "zh":
        return (brand if rng.random() < 0.1 else "") + "".join(words) + noun + tail
    if rng.random() < 0.1:
        words.insert(0, brand)
    first = language == "de" and rng.random() < 0.6  # German feeds name the thing first as often as last
    title = " ".join([noun, *reversed(words)] if first else [*words, noun]) + tail
    case = rng.random()
    return title.upper() if case < 0.12 else title if case < 0.22 or language == "de" else title.title()


def _item(language: str, brand: str, rng: random.Random) -> tuple[str, str, str, str]:
    """Domain, noun, title and category of a made-up item; how much of them tells the domain varies."""
    lists = lists_of(language)
    domain = rng.choice(list(lists.domains))
    entry = lists.domains[domain]
    noun, mods, category = rng.choice(entry["nouns"]), entry["mods"], rng.choice(entry["names"])
    kind = rng.random()
    if kind < 0.12:  # an unknown thing in a known category
        noun = pseudo_word(lists, rng)
    elif kind < 0.18:  # an unknown thing that only its title's words place
        noun, category = pseudo_word(lists, rng), ""
    elif kind < 0.24:  # nothing is known
        domain, noun, category = "any", pseudo_word(lists, rng), ""
        mods = [pseudo_word(lists, rng), *lists.domains["any"]["mods"]]
    elif kind < 0.45:
        category = ""
    if language == "de":
        noun = noun[:1].upper() + noun[1:]
    title = _title(language, noun, mods, brand, rng)
    return domain, noun, title, category.title() if language == "en" and rng.random() < 0.5 else category


def _interest(language: str, domain: str, rng: random.Random) -> tuple[tuple[str, ...], str]:
    """Names as the catalogue's codes have them, and their domain."""
    domains = lists_of(language).domains
    kind = rng.random()
    if kind < 0.2:
        return (), domain
    other = domain if kind < 0.4 else rng.choice([name for name in domains if name != "any"])
    entry = domains[other]
    names = tuple(
        rng.sample(
            sorted({*entry["names"], *rng.sample(entry["nouns"], len(entry["names"]) // 2)}),
            rng.choice((1, 2)),
        )
    )
    return names, other


def _brand(language: str, rng: random.Random) -> str:
    lists = lists_of(language)
    if language == "zh" and rng.random() < 0.6:
        return pseudo_word(lists, rng)
    return " ".join(pseudo_word(lists_of("en"), rng).title() for _ in range(rng.choice((1, 1, 2))))[
        :25
    ].strip()


def make_up(language: str, rng: random.Random) -> MadeUp:
    """A made-up brief in a language; styles, goals, tones, times, devices, places and slots are all as likely
    as each other."""
    others = lists_of(language).others
    brand = _brand(language, rng)
    domain, noun, title, category = _item(language, brand, rng)
    interest, interest_domain = _interest(language, domain, rng)
    price = rng.choice(
        (None, rng.randrange(199, 9999), rng.randrange(1, 400) * 100, rng.randrange(1, 300) * 100 - 1)
    )
    sale = None if price is None or rng.random() < 0.7 else int(price * rng.uniform(0.5, 0.95))
    goal, pool = rng.choice(GOALS), others["cta_pool"]
    facts = (rng.choice(others["facts"]["texts"]),) if rng.random() < 0.3 else ()
    must = rng.random() < 0.3
    ctas = (
        tuple(rng.sample([*pool[goal], *pool[rng.choice(GOALS)]], rng.randint(1, 4)))
        if rng.random() < 0.35
        else ()
    )
    brief = Brief(
        request_id="", campaign_id="", slot=rng.choice(tuple(LIMITS)), brand=brand, title=title, noun=noun,
        category=category,
        locale=rng.choice(_LOCALES[language]), price_minor=price, salesprice_minor=sale,
        currency=rng.choice(_CURRENCIES[language]),
        facts=() if must else facts, must_use=facts if must else (), ctas=tuple(dict.fromkeys(ctas)),
        style=rng.choice(STYLES), goal=goal,
        tone=rng.choice(TONES), interest=interest, daypart=rng.choice((*DAYPARTS, "")),
        weekday=rng.choice((*WEEKDAYS, "")),
        device=rng.choice((*DEVICES, "")), place=rng.choice(_PLACES[language]), returning=rng.random() < 0.1,
    )  # fmt: skip
    return MadeUp(brief, domain, interest_domain)

"""Pointers: the model writes <noun> or <price>, the row says what that is. So facts in the copy are exact,
also for items never seen."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zlib import crc32

from models.brief.brief import Brief, language_of, limits_of, short_title
from models.brief.passage import drawn, passage_of
from models.brief.price import asked_price, percent_text, saving_percent
from models.text.calm_title import calm_title
from models.text.graphemes import shown_width
from models.text.normalise import clean, fold_text, holds_markup

COPY_SLOTS: Final = ("noun", "anoun", "nouns", "title", "short", "brand", "price", "save", "fact", "passage")
SHORT_LIMIT: Final = 22
"""Width of <short>: leaves room for a few words in the strictest headline."""
CTAS: Final = 4
"""Calls to action a prompt lists."""

_GRAMMAR: Final = tomllib.loads(files(__package__).joinpath("grammar.toml").read_text(encoding="utf-8"))
_MASS: Final = frozenset(_GRAMMAR["mass"])
_PLURALS: Final = frozenset(_GRAMMAR["plural"])
_IRREGULAR: Final[dict[str, str]] = _GRAMMAR["irregular"]
_SINGULAR_S: Final = ("ss", "us", "is", "ous", "lens", "canvas", "christmas", "compass", "atlas", "chess")
_AN: Final = ("hour", "heir", "honest", "led ", "lp", "mp", "sd", "usb-less", "x-ray")
_A: Final = ("uni", "use", "usb", "eu", "one", "once", "uk", "ukulele", "utensil", "utility")
_SPELT_OPEN: Final = frozenset("AEFHILMNORSX")
"""Letters whose names begin with a vowel."""
_VOWELS: Final = frozenset("AEIOU")
_ONSETS: Final = re.compile(r"F[LR]|[LMN]Y|R[HY]|S[CHKLMNPQTVWY]")
"""How words of capitals begin that are spoken, where no vowel does: "HDMI" is spelt, "STEM" is not."""
_FIRST_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_NOUN: Final = 30
_NOUN_READ: Final = 120
_HEAD_FIRST_CODES: Final = "fr es it pt ca gl ro ar he fa ur th lo km vi id ms pl cs sk hr sr"
_HEAD_FIRST: Final = frozenset(_HEAD_FIRST_CODES.split())
"""Languages in which a thing's name begins with what it is ("lámpara de mesa"); in the others it ends so."""


def grammatical_number(noun: str) -> str:
    """ "sg", "pl" or "mass": which verb and article agree with `noun`."""
    head = noun.lower().split()[-1] if noun.split() else ""
    if head in _MASS:
        return "mass"
    if head in _PLURALS or (head.endswith("s") and not head.endswith(_SINGULAR_S) and len(head) > 3):
        return "pl"
    return "sg"


def with_article(noun: str) -> str:
    """ "a mug", "an apron"; plural and mass nouns stand alone, and what has no word."""
    first = _FIRST_WORD.search(noun)
    if first is None or grammatical_number(noun) != "sg":
        return noun
    return f"{'an' if _sounds_open(noun[first.start() :], first[0]) else 'a'} {noun}"


def _sounds_open(noun: str, first: str) -> bool:
    """Whether a noun and its first word begin with a vowel as they are spoken. Capitals that nobody can say
    as a word are spelt: "an SD card", "an HDMI cable", "a UVB tube"."""
    low = noun.lower()
    if len(first) > 1 and first.isalpha() and first.isupper() and _is_spelt(first):
        return first[0] in _SPELT_OPEN
    return low.startswith(_AN) or (low[:1] in "aeiou" and not low.startswith(_A))


def _is_spelt(capitals: str) -> bool:
    no_vowel_begins = _VOWELS.isdisjoint(capitals[:2]) and not _ONSETS.match(capitals)
    return _VOWELS.isdisjoint(capitals[1:]) or no_vowel_begins


def plural(noun: str) -> str:
    """Plural of a countable noun, itself for others."""
    if grammatical_number(noun) != "sg":
        return noun
    low = noun.lower()
    for one, many in _IRREGULAR.items():
        if low.endswith(one):
            return noun[: -len(one)] + many
    if low.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def shown_noun(brief: Brief) -> str:
    """What the item is called, as copy and templates write it: with a capital in German, else to the letter
    as the row has it; "" where it has no word. A long one gives way where its language puts what helps
    least."""
    noun, language = clean(brief.noun, _LONGEST_NOUN), language_of(brief.locale)
    if language not in _HEAD_FIRST:
        words = clean(brief.noun, _NOUN_READ).split()
        while len(words) > 1 and shown_width(" ".join(words)) > _LONGEST_NOUN:
            words.pop(0)
        noun = clean(" ".join(words), _LONGEST_NOUN)
    if not _FIRST_WORD.search(noun):
        return ""
    return noun[:1].upper() + noun[1:] if language == "de" else noun


def said_title(brief: Brief) -> str:
    """The title as copy says it: one that is all in capitals in sentence case."""
    elsewhere = f"{brief.text} {brief.category} {brief.noun}"
    return calm_title(brief.title, brief.brand, language_of(brief.locale), elsewhere)


@lru_cache(maxsize=4096)
def slot_texts(brief: Brief) -> dict[str, str]:
    """What each pointer of the copy stands for; a pointer without a fact is absent and may not be written.

    Articles and plurals are formed in English alone: German needs a gender the row does not say, Chinese has
    neither.
    """
    noun, title = shown_noun(brief), clean(said_title(brief), 60)
    forms = {"noun": noun}
    if language_of(brief.locale) == "en" and noun:
        forms |= {"anoun": with_article(noun), "nouns": plural(noun)}
    saving = saving_percent(brief.price_minor, brief.salesprice_minor)
    texts = forms | {
        "title": title,
        "short": short_title(title, noun, SHORT_LIMIT),
        "brand": clean(brief.brand, 25),
        "price": asked_price(brief),
        "save": "" if saving is None else percent_text(saving, brief.locale),
        "fact": stated_fact(brief),
        "passage": passage_of(brief),
    }
    return {name: text for name, text in texts.items() if text}


def stated_fact(brief: Brief) -> str:
    """The statement <fact> stands for: everything the campaign requires, else one thing that it offers, drawn
    by the request so that copies for one item differ."""
    if brief.must_use:
        stop = "。" if language_of(brief.locale) == "zh" else ". "
        return stop.join(clean(each, 60).rstrip(" .。") for each in brief.must_use)
    return clean(drawn(offered_facts(brief), crc32(brief.request_id.encode()) >> 16), 60)


def offered_facts(brief: Brief) -> tuple[str, ...]:
    """What the campaign states and does not require, each once however often it is listed."""
    required = {_bare(each) for each in brief.must_use}
    stated = {_bare(each): each for each in reversed((*brief.claims, *brief.facts))}
    order = dict.fromkeys(_bare(each) for each in (*brief.claims, *brief.facts))
    return tuple(stated[each] for each in order if each and each not in required)


def _bare(statement: str) -> str:
    return fold_text(statement).strip(" .!。！")


def cta_texts(brief: Brief) -> tuple[str, ...]:
    """Calls to action the copy may point at: the first few of the campaign's that fit the slot and are plain
    text."""
    limit = limits_of(brief.slot).cta
    return tuple(
        text for text in brief.ctas if text.strip() and shown_width(text) <= limit and not holds_markup(text)
    )[:CTAS]

"""Which of an advertiser's pictures suits an item and whoever is shown it, and why: by what is stated, by
words, colours, interest and mood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from models.brief.brief import nearest_tone
from models.campaigns import SuppliedPicture
from models.item import Item
from models.material.lab import distance
from models.material.words import common, picture_words_of, words_of_address
from models.scene.colours import rgb_of
from models.scene.drawn.named_colours import colours_in

_STATED: Final = 10.0
_CATEGORY: Final = 1.5
_NOUN: Final = 1.5
_WORDS: Final = 1.0
_NEAR: Final = 2.0
_COLOUR: Final = 0.6
_INTEREST: Final = 0.5
_MOOD: Final = 0.2
"""Weights of what speaks for a picture: what an advertiser states decides; colour, interest and mood settle
what words leave open."""
_ALIKE: Final = 28.0
"""Difference in CIELAB within which a picture shows a colour that is named."""
LEAST: Final = 0.3
"""Score below which a picture of something is not of this item."""
_WARM: Final = frozenset({"friendly", "warm"})
"""Tones that want a picture to speak well most."""


@dataclass(frozen=True, slots=True)
class Suited:
    """A picture and how well it suits; `stated`: the advertiser says that it is of this item."""

    url: str
    score: float
    why: str
    stated: bool = False


@lru_cache(maxsize=512)
def suited(
    pictures: tuple[SuppliedPicture, ...],
    addresses: tuple[str, ...],
    item: Item,
    tone: str,
    interest: tuple[str, ...] = (),
) -> tuple[Suited, ...]:
    """Pictures for an item, the best first; `interest`: names of what it answers, which settle between
    described ones that are of the item. Of the bare addresses, of which only file names are known, all
    are kept, in their order where names do not tell; a described picture must be general, or of this item,
    also where its address stands among the bare ones."""
    described = [
        each for each in (_judged(picture, item, tone, interest) for picture in pictures) if each is not None
    ]
    told = {picture.url for picture in pictures}
    named = [_of_address(url, item) for url in addresses if url not in told]
    return tuple(sorted([*described, *named], key=lambda each: -each.score))


def _of_address(url: str, item: Item) -> Suited:
    score, found = _by_words(words_of_address(url), item)
    colour, said = _by_colour(_named(words_of_address(url)), item)
    return Suited(url, score + colour, "; ".join([*found, *said]) or "of the campaign")


def _judged(picture: SuppliedPicture, item: Item, tone: str, interest: tuple[str, ...]) -> Suited | None:
    liked, answers = _by_interest(picture, interest)
    if picture.item_ids:
        if item.item_id not in picture.item_ids:
            return None
        score = _STATED + liked + _mood(picture, tone)
        return Suited(picture.url, score, "; ".join(["of this item", *answers]), stated=True)
    of = common(picture.categories, item.categories) if picture.categories else []
    near = dict(picture.near).get(item.item_id, 0.0)
    words, said = _by_words(picture.caption, item)
    about = _CATEGORY * bool(of) + _NEAR * near + words
    general = not (picture.categories or picture.near or picture_words_of(picture.caption))
    if about < LEAST and not general:
        return None
    colour, seen = _by_colour(picture.colours, item)
    reasons = [*(f"category {each}" for each in of[:1]), *said, *seen]
    reasons += [f"near by encoder {near:.2f}"] if near else []
    score = about + liked + colour + _mood(picture, tone)
    return Suited(picture.url, score, "; ".join([*reasons, *answers]) or "of the campaign")


def _by_interest(picture: SuppliedPicture, interest: Sequence[str]) -> tuple[float, list[str]]:
    """The share of the interests that words or categories of a picture answer."""
    said = picture_words_of(" ".join((picture.caption, *picture.categories)))
    met = [each for each in interest if common(picture_words_of(each), said)]
    return (_INTEREST * len(met) / len(interest), ["the interest"]) if met else (0.0, [])


def _by_words(caption: str, item: Item) -> tuple[float, list[str]]:
    said = picture_words_of(caption)
    noun = picture_words_of(item.noun)
    of_noun = common(noun, said)
    title = [each for each in picture_words_of(item.title) if each not in of_noun]
    of_title = common(title, said)
    score = _NOUN * len(of_noun) / max(1, len(noun)) + _WORDS * len(of_title) / max(1, len(title))
    found = list(dict.fromkeys([*of_noun, *of_title]))
    return score, [f"words {', '.join(found)}"] if found else []


def _by_colour(colours: Sequence[str], item: Item) -> tuple[float, list[str]]:
    """For and against: a title that names a colour wants the picture to show it."""
    wanted = colours_in(item.title)
    shown = [found for each in colours if (found := rgb_of(each)) is not None]
    if not wanted or not shown:
        return 0.0, []
    fits = [distance(each, shown) <= _ALIKE for each in wanted]
    return (_COLOUR, ["its colour"]) if all(fits) else (-_COLOUR, ["another colour"])


def _named(text: str) -> tuple[str, ...]:
    return tuple("#{:02x}{:02x}{:02x}".format(*each) for each in colours_in(text))


def _mood(picture: SuppliedPicture, tone: str) -> float:
    return _MOOD * picture.sentiment * (2 if nearest_tone(tone) in _WARM else 1)

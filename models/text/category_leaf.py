"""The last part of a category path: as a person says it, and the things it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from models.text.feed_text import feed_text

_WORD = regex.compile("[\\p{L}\\p{M}\u200c\u200d]+(?:['’][\\p{L}\\p{M}]+)*")
_PATH = regex.compile(r"[>/.:|›»→]")
_CODE = regex.compile(r"(?:IAB|interest\b)?[\P{L}]*")
_OR = regex.compile(
    r"\s*[&,;+、،]\s*|\s(?:and|or|und|oder|et|ou|y|e|i|en|och|og|ve|veya|ja|és|و|и|та|和|及|と|และ)\s"
)
_LINK_WORDS: Final = (
    "of for with in on to mit für aus zum zur von de del do da di du des à au aux pour para con per por com"
    " sin sem van voor met till med til för dla z na для из с için"
)
_LINKS: Final = frozenset(_LINK_WORDS.split())
"""Words after which a category says what its things are for or made of: the thing stands before."""
_PLACES_AND_PURSUITS: Final = (
    "baby home house garden kitchen bathroom bedroom office nursery travel camping hiking cycling running"
    " yoga fitness gym music beauty dog cat horse wedding birthday party cooking baking grooming bathing"
    " gaming gardening cleaning storage fishing hunting sailing skiing swimming"
)
"""What English puts before the thing that is for it: "yoga" in "Yoga Mat"."""
PURPOSES: Final = frozenset(_PLACES_AND_PURSUITS.split())
_FOR_WHOM: Final = (
    "men mens women womens man woman kids boys girls babies unisex adults ladies toddlers teens"
    " outdoor outdoors indoor kitchens bathrooms bedrooms living dining"
    " health wellness pets pet dogs cats horses birds weddings birthdays"
    " parties christmas easter halloween holiday holidays sport sports sale new offers gifts gift"
    " parts part teile teil ersatzteile"
    " accessories supplies essentials others other basics products product items goods misc"
    " uncategorized general all seasonal collection collections herren damen kinder jungen mädchen"
    " zuhause haus garten küche bad büro angebote neu zubehör geschenke sonstiges allgemein hombre"
    " hombres mujer mujeres niños niñas hogar cocina regalos accesorios ofertas homme hommes femme"
    " femmes dames enfants enfant maison cuisine jardin cadeaux accessoires uomo donna bambini casa"
    " cucina regali accessori heren kinderen huis keuken erkek kadın çocuk ev mutfak bahçe yeni indirim"
    " hediye aksesuar dom dzieci akcesoria"
    " samples presente presentes regalo cadeau prezenty geschenk هدیه هدايا هدية उपहार ของขวัญ 礼品 礼物"
)
_NO_THINGS: Final = PURPOSES.union(_FOR_WHOM.split())
"""Categories that say for whom, where or why, not what."""


def leaf_name(category: str) -> str:
    """What a person calls a category or an interest: "backpacks" of "accessories.backpacks"; "" of a code
    that says nothing to anyone ("IAB18-5", "1209", "interest 7")."""
    leaf = _PATH.split(feed_text(category).replace("_", " "))[-1].strip(" -")
    return "" if _CODE.fullmatch(leaf) else leaf


def thing_words(category: str) -> Iterator[tuple[str, ...]]:
    """What the last part of a category path names, folded: each of "Cups & Mugs", and of "Table Lamps" also
    the lamps."""
    leaf = _PATH.split(feed_text(category))[-1]
    for each in _OR.split(leaf):
        words = tuple(word.casefold() for word in _WORD.findall(each))
        link = next((at for at, word in enumerate(words) if is_link(word)), len(words))
        for thing in dict.fromkeys((words, words[:link], _head(words))):
            if thing and not _NO_THINGS & {_owner(thing[-1]), _owner(thing[-1]).removesuffix("s")}:
                yield thing


def is_link(word: str) -> bool:
    """Whether what follows a word only says what the thing before it is for or made of."""
    return word in _LINKS or word.startswith(("d'", "d’", "l'", "l’"))


def _owner(word: str) -> str:
    """ "women's" -> "womens"."""
    return word.replace("'", "").replace("’", "")


def _head(words: tuple[str, ...]) -> tuple[str, ...]:
    """The thing of an English compound: its last word, when that alone is a plural ("table lamps"). In
    "zapatillas deportivas" both are, and the last one names no thing."""
    plural = [word == _owner(word) and word.endswith("s") and not word.endswith("ss") for word in words]
    alone = len(words) > 1 and plural[-1] and not any(plural[:-1]) and not any(map(is_link, words))
    return words[-1:] if alone else ()

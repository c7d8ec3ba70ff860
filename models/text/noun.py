"""What an item is called: the noun a feed says or supports, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import regex

from models.text.category_leaf import PURPOSES, is_link, leaf_name, thing_words
from models.text.feed_text import feed_text
from models.text.scripts import is_unspaced

_WORD = regex.compile("[\\p{L}\\p{M}\u200c\u200d]+")
_JOINED = regex.compile("[\\p{L}\\p{M}\u200c\u200d'’ -]+")
_EDGE = regex.compile(r"^(?:[-\u2010-\u2015*•·_/|,;:]|\s)+|(?:[-\u2010-\u2015_/|,;:]|\s)+$")
"""What a list or a cut leaves around a noun: "- mug", "-Set"."""
_SHORTEST_STEM: Final = 4
_LONGEST_ENDING: Final = 2
_SHORTEST_FIRST_PART: Final = 3
_LONGEST_UNIT: Final = 2
_DOTLESS: Final = frozenset("ıİğĞşŞ")
"""Letters of languages where the small letter of I has no dot."""
_ALSO_AN_ENDING: Final = frozenset({"able", "table", "tables"})
"""Words in which English adjectives end: "portable" is no table."""
_LAST_TWO: Final = regex.compile(
    r"(?<![\p{L}\p{M}])(\p{Latin}+)[ ](\p{Latin}{3,})"
    r"(?=\s*(?:$|[,;:(\[|/–—]|-\s|\d|(?:with|for|in|mit|für)\s))"
)
"""Two words at the end of a title or of its part before a comma, bracket, dash, figure or link."""
_ORDINARY: Final = regex.compile(r"\p{Ll}{4,}")
_BRACKETS: Final = regex.compile(r"[（(].*?[)）]")
_HAN: Final = regex.compile(r"\p{Han}{2,6}")
_OPENS_WITH: Final = regex.compile(
    r"(\p{Lu}[\p{L}'’-]*(?:[ ]\p{Ll}[\p{L}'’-]*){0,2})[ ](for|to fit|für|zum|zur)[ ]"
)
_NO_NOUN_WORDS: Final = (
    "ideal perfect great good best suitable essential made designed intended meant built ready required"
    " needed used useful compatible available only not also and or with in on up out works stands fits"
    " allows comes takes holds serves very well specially specifically genuine original the a an this our"
    " geeignet passend ideal perfekt gut gemacht gedacht nur auch speziell bestimmt entwickelt bestens"
)
_NO_NOUNS: Final = frozenset(_NO_NOUN_WORDS.split())
"""What a text opens with that says for what and not what."""
_HEAD_FIRST: Final = regex.compile(r"\p{Thai}|\p{Lao}|\p{Khmer}|\p{Myanmar}")
"""Scripts without spaces whose languages say the thing first; Chinese and Japanese say it last."""


def noun_of(title: str, said: str = "", categories: Sequence[str] = (), text: str = "") -> str:
    """What the feed says; else the words of the title that are its category's last part too ("Aurora Table
    Lamp, brass" in "Lighting > Table Lamps" -> "Table Lamp"), or the thing which that part names ("Aurora
    Lamp" there -> "Lamp"), or that word and the one thing that it stands before ("Yoga Mat" in "Yoga"); of a
    title that is a part number what its text opens with; else ''. In small letters where title or text write
    it so, and of a title in capitals as the category writes it. All of them as `feed_text` gives them."""
    noun = (
        _EDGE.sub("", feed_text(said))
        or next(_supported(title, categories), "")
        or next(_for_a_purpose(title, categories), "")
        or (_of_part(title, text) if _is_part_number(title) else "")
    )
    if noun.isupper() and _shouts(title):
        noun = _calm(noun, title, categories)
    small = noun.lower()
    spelt = any(char.isupper() for word in noun.split() for char in word[1:])  # "USB-C Hub", "iPad case"
    written = not spelt and re.search(rf"(?<!\w){re.escape(small)}(?!\w)", f"{title}\n{text}")
    return small if written else noun


def _supported(title: str, categories: Sequence[str]) -> Iterator[str]:
    """Nouns of the title that a category stands for: whole words first, most of them first, then compounds
    of them."""
    places = list(_WORD.finditer(title))
    found = {thing for each in categories for thing in thing_words(each) if len("".join(thing)) > 1}
    things = sorted(found, key=len, reverse=True)
    for thing in things:
        for at in range(len(places) - len(thing) + 1):
            these = places[at : at + len(thing)]
            noun = title[these[0].start() : these[-1].end()]
            alike = all(_same_word(one[0].casefold(), other) for one, other in zip(these, thing, strict=True))
            if alike and _JOINED.fullmatch(noun) and not _modifies(noun, thing, title[these[-1].end() :]):
                yield noun[: len(noun) - _ending(these[-1][0], thing[-1])]
    single = [thing[0] for thing in things if len(thing) == 1]
    for place in places:
        yield from (noun for thing in single if (noun := _compound(place[0], thing)))


def _for_a_purpose(title: str, categories: Sequence[str]) -> Iterator[str]:
    """The last two words of a part of the title, where the first of them is the category ("Storage Space" of
    "Self-Storage Space, 50 sq ft" in "storage")."""
    for each in categories:
        name = leaf_name(each).casefold()
        if name in PURPOSES or name in {" ".join(thing) for thing in thing_words(each)}:
            for found in _LAST_TWO.finditer(title):
                if found[1].casefold() == name and not name.endswith("s") and not is_link(found[2].lower()):
                    # a purpose is English, and its capitals the title's; a German noun keeps its own
                    yield found[0].lower() if name in PURPOSES else found[0]


def _is_part_number(title: str) -> bool:
    """Whether a title has figures and says in no ordinary word what the thing is."""
    return any(map(str.isdigit, title)) and not _ORDINARY.search(title)


def _of_part(title: str, text: str) -> str:
    """What a part is called: the one run of Chinese in its title, else what its text opens with before it
    says what that is for ("Presser foot for rolled hems")."""
    runs = _HAN.findall(title)
    if runs:
        return runs[0] if len(_HAN.findall(_BRACKETS.sub("", title))) == 1 and len(runs[0]) > 1 else ""
    found = _OPENS_WITH.match(text)
    words = found[1].split() if found else []
    if not words or not _NO_NOUNS.isdisjoint(word.casefold() for word in words):
        return ""
    english = found is not None and found[2] == "for"
    return " ".join((words[0][:1].lower() + words[0][1:], *words[1:])) if english else words[-1]


def _shouts(title: str) -> bool:
    """Whether a title is written in capitals; units may not be ("46 mm")."""
    return all(word.isupper() for word in _WORD.findall(title) if len(word) > _LONGEST_UNIT)


def _calm(noun: str, title: str, categories: Sequence[str]) -> str:
    """The noun as its categories write the same words; unchanged where one of them stands in none."""
    known = [
        word
        for each in categories
        for word in _WORD.findall(feed_text(each))
        if len(word) == len(word.casefold())
    ]
    dotted = not _DOTLESS & set("".join((title, *categories)))
    calm = [_as_written(word, known, dotted) for word in _WORD.findall(noun)]
    if not all(calm):
        return noun
    words = iter(calm)
    return str(_WORD.sub(lambda _: next(words), noun))


def _as_written(word: str, known: Sequence[str], dotted: bool) -> str:
    """A word of capitals with the letters of the one that is the same, else with the first letter's size of
    the one that it ends with; '' = none is. Without `dotted` a capital I may be the small letter without
    dot, so that only letters of others count."""
    same = next((each for each in known if _same_word(word.casefold(), each.casefold())), "")
    end = next((each for each in known if _compound(word, each.casefold())), "")
    written = same[: len(word)] or (word[:1] if end[:1].isupper() else "")
    rest = word[len(written) :]
    return (
        "" if not (same or end) or ("I" in rest and not dotted) else written + rest.replace("İ", "i").lower()
    )


def _same_word(one: str, other: str) -> bool:
    """Whether two words differ by a short ending at most: "shoe" and "shoes", "mug" and "mugs"."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST_STEM:
        return len(short) == _SHORTEST_STEM - 1 and long == short + "s"
    return long.startswith(short) and len(long) - len(short) <= _LONGEST_ENDING


def _ending(word: str, thing: str) -> int:
    """Length of what a title's word has more than its category's: "Hortumu" in "Hortum" is "its hose"."""
    longer = len(word) - len(thing)
    return longer if longer > 0 and word[: len(thing)].casefold() == thing else 0


def _modifies(noun: str, thing: Sequence[str], rest: str) -> bool:
    """Whether one Latin word, in the singular as its category has it, stands before the thing it belongs to:
    "Yoga" in "Yoga Mat"."""
    following = regex.match("[ -]([\\p{L}\\p{M}'’]+)", rest)
    bare = following is not None and not is_link(following[1].casefold())
    exact = len(thing) == 1 and noun.casefold() == thing[0] and not noun.casefold().endswith("s")
    return bare and exact and regex.match(r"\p{Latin}", noun) is not None


def _compound(word: str, thing: str) -> str:
    """A word that ends with a thing ("Tischlampe", "lampen"); of scripts without spaces the thing itself."""
    low = word.casefold()
    if _HEAD_FIRST.match(thing):
        return thing if low.startswith(thing) and len(thing) > 1 else ""
    if is_unspaced(thing[:1]):
        return thing if low.endswith(thing) and len(thing) > 1 else ""
    ends = (low[cut:] for cut in range(_SHORTEST_FIRST_PART, len(low) - _SHORTEST_STEM + 1))
    return word if any(_same_word(end, thing) and end not in _ALSO_AN_ENDING for end in ends) else ""

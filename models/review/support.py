"""What a brief, its row and an approved template say themselves: the sources copy may take its words from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import regex

from models.attributes.lexicon import AttributeLexicon, attribute_lexicon_of
from models.brief.brief import Brief, language_of
from models.brief.price import decimal_comma, major_amounts, percent_text, price_texts, saving_percent
from models.meaning.weights import load_meanings
from models.review.claims import Statements, statements_of
from models.review.readings import open_sentences, text_readings
from models.review.template import slot_values
from models.review.titles import said_as_titled
from models.rules import Rule, Source
from models.text.normalise import fold_text
from models.text.number_words import said_numbers
from models.text.said.counted import CountedNumber, counted
from models.text.said.denial import is_denied, lacked
from models.text.said.numbered import (
    RANK,
    Numbered,
    is_of_numbered,
    numbered_things,
    ranks_of,
    spoken_counts_of,
)
from models.text.said.share_off import shares_off
from models.text.scripts import LETTERS, WORD_PATTERN, is_unspaced

PERCENT: Final = re.compile(r"(?<=%)\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*(?=\s?(?:%|percent\b))")
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_SIGN: Final = r"\p{Sc}"
_AMOUNT: Final = r"\d+(?:[.,]\d+)*"
_CURRENCY_WORD: Final = "USD|EUR|GBP|CHF|JPY|CNY|dollars?|[Ee]uros?|pounds?|元|块(?!装|入)"
PRICE: Final = regex.compile(
    rf"(?:[A-Z]{{1,3}})?{_SIGN}\s?{_AMOUNT}|{_AMOUNT}\s?(?:{_SIGN}|{_CURRENCY_WORD})"
)
_TIMES: Final = re.compile(r"(?<=\d)[x×](?=\w)")
_SHORTENED: Final = re.compile(r"(?<!\w)[^\W\d_]{4,}(?=\.)")
_NEXT: Final = re.compile(r"[\s-]+\w+")
_LONG_NAME: Final = 6
_PREVIOUS: Final = re.compile(r"\w+[\s-]+$")


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """The sources, folded once per review. Numbers come from brief and row, prices, savings and names as
    well; an approved template lends its wording, never a fact, and a title no price. `taken_over`: title and
    statements, which are not the words of who writes, and what stands for them. `named`: the row's names, not
    folded."""

    sources: Mapping[Source, str]
    everything: str
    titles: tuple[str, ...]
    taken_over: tuple[tuple[str, str], ...]
    named: re.Pattern[str]
    shortened: frozenset[str]
    numbers: frozenset[str]
    ranks: frozenset[str]
    numbered: frozenset[Numbered]
    counted: Mapping[str, tuple[CountedNumber, ...]]
    prices: frozenset[str]
    percents: frozenset[str]
    statements: Statements
    savings: frozenset[str]
    shares: frozenset[str]
    lacked: frozenset[str]
    words: frozenset[str]
    language: str
    comma: bool

    def number(self, text: str) -> str:
        """A number in one spelling."""
        return plain_number(text, self.comma)

    def without_names(self, text: str) -> str:
        """A text, not folded, without title, noun and brand as they stand."""
        return self.named.sub(" ", text)

    def names(self, word: str) -> bool:
        """Whether a word stands in a source, perhaps in the other number, or is made of one that does:
        "Guatemalan" of Guatemala."""
        said = fold_text(word)
        spelt = (said, f"{said}s", said.removesuffix("s").removesuffix("'"))
        known = not self.words.isdisjoint(spelt)
        return known or any(len(each) >= _LONG_NAME and said.startswith(each) for each in self.words)

    def describes(self, word: str, lexicon: AttributeLexicon) -> bool:
        """Whether a source says a word of the lexicon, or one for the same, perhaps cut off."""
        return lexicon.supports(word, self.everything) or word.startswith(tuple(self.shortened))

    def allows(self, rule: Rule, text: str, match: re.Match[str], copy: str) -> bool:
        """Whether a source the rule names says the same: the row in any of its words, its title as it stands,
        brief and template with the word beside it, a statement of the same thing. `copy` is all that is
        said."""
        return any(self._says(source, text, match, copy) for source in rule.supported)

    def _says(self, source: Source, text: str, match: re.Match[str], copy: str) -> bool:
        if source == "title":
            return said_as_titled(text, match.start(), match.end(), self.titles)
        if source == "statement":
            return self.statements.make(text, match, copy)
        if source == "number":
            return self._counts(text, match)
        if source in ("row", "text", "title words"):
            return self._tells(source, text, match)
        return stands(_beside(text, match), self.sources[source])

    def _counts(self, text: str, match: re.Match[str]) -> bool:
        """Whether the number in words at `match` is told, of whatever it counts or of the same thing, or is a
        share of the price that is off."""
        start, end = match.span()
        for share in shares_off(text, self.language):
            if share.start <= start and end <= share.end:
                return share.percent in self.shares
        return any(
            each.value in self.numbers or is_of_numbered(text, each, self.numbered)
            for each in said_numbers(text, self.language)
            if each.start <= start and end <= each.end
        )

    def _tells(self, source: Source, text: str, match: re.Match[str]) -> bool:
        """Whether the row says a word of its thing, and not that it is not so, unless copy says that too."""
        said, told = match.group().strip(), self.sources[source]
        if said.endswith("-free") and said.removesuffix("-free") in self.lacked:
            return True
        denied = is_denied(text, match.start(), match.end())
        found = [*where_standing(said, told), *where_standing(said.replace("-", " "), told.replace("-", " "))]
        lexicon = attribute_lexicon_of(self.language)
        if lexicon is not None and said in lexicon.kinds:
            found += lexicon.support[said].finditer(told)
        return any(denied or not is_denied(told, each.start(), each.end()) for each in found)


@lru_cache(maxsize=512)  # one brief has many drafts
def support_of(brief: Brief, approved: str) -> Support:
    """`approved` is the wording of a template that a person approved."""
    for name, value in slot_values(brief).items():
        approved = approved.replace("{" + name + "}", value)
    stated = " \n ".join((*brief.facts, *brief.claims, *brief.must_use))
    names = (brief.title, brief.noun, brief.brand)
    row = " \n ".join((*names, brief.category))
    comma, prices = decimal_comma(brief.locale), price_texts(brief)
    saving = saving_percent(brief.price_minor, brief.salesprice_minor)
    saved = "" if saving is None else percent_text(saving, brief.locale)
    facts = " \n ".join((stated, row, brief.text, *prices, *brief.ctas, saved))

    language = language_of(brief.locale)

    def numbers(pattern: re.Pattern[str], text: str) -> frozenset[str]:
        return frozenset(plain_number(match, comma) for match in pattern.findall(text))

    all_told = fold_text(facts)
    savings = numbers(PERCENT, f"{stated} \n {saved}")

    return Support(
        sources={
            "brief": fold_text(stated),
            "template": fold_text(approved),
            "text": fold_text(brief.text),
            "row": fold_text(f"{stated} \n {row}"),
            "title words": _without_brand(brief),
        },
        everything=fold_text(f"{facts} \n {approved}"),
        titles=tuple(each for name in names if name for each in text_readings(name)),
        taken_over=_taken_over(brief),
        named=_named(names),
        shortened=_shortened(brief),
        numbers=numbers(NUMBER, RANK.sub(" ", facts)) | spoken_counts_of(all_told, language),
        ranks=ranks_of(all_told, language),
        numbered=numbered_things(all_told, language),
        counted=_counted((*brief.facts, *brief.claims, *brief.must_use, *names, brief.text), language, comma),
        prices=numbers(NUMBER, " \n ".join(PRICE.findall(" \n ".join((stated, brief.text, *prices))))),
        percents=numbers(PERCENT, facts),
        statements=statements_of(
            (*brief.facts, *brief.claims, *brief.must_use),
            brief.text,
            brief.noun or brief.title,
            language,
            float(min(major_amounts(brief), default=0)),
        ),
        savings=savings,
        shares=savings | {each.percent for each in shares_off(all_told, language)},
        lacked=lacked(fold_text(f"{stated} \n {row} \n {brief.text}")),
        words=frozenset(
            fold_text(word)
            for pattern in (WORD_PATTERN, LETTERS)
            for word in pattern.findall(_TIMES.sub(" ", f"{facts} \n {approved}"))
        ),
        language=language,
        comma=comma,
    )


def _counted(told: Sequence[str], language: str, comma: bool) -> dict[str, tuple[CountedNumber, ...]]:
    """What the sources count, by number in one spelling."""
    found: dict[str, tuple[CountedNumber, ...]] = {}
    for each in (each for text in told for each in counted(fold_text(text), language)):
        value = plain_number(each.value, comma)
        found[value] = (*found.get(value, ()), each)
    return found


def _shortened(brief: Brief) -> frozenset[str]:
    """The words that a title cuts off by a full stop: "silic.". One that means something as it stands, or
    that the row says in the middle of a sentence, is whole."""
    lexicon = attribute_lexicon_of(language_of(brief.locale))
    known, described = load_meanings().words, lexicon.kinds if lexicon else {}
    row = fold_text(f"{brief.noun} \n {brief.category} \n {brief.text}")
    return frozenset(
        word
        for word in _SHORTENED.findall(fold_text(brief.title))
        if word not in known
        and word not in described
        and not any(row[each.end() :][:1] != "." for each in where_standing(word, row))
    )


def _without_brand(brief: Brief) -> str:
    """Title and noun; a brand says nothing of a thing."""
    named, brand = fold_text(f"{brief.title} \n {brief.noun}"), fold_text(brief.brand)
    return named.replace(brand, " ") if brand else named


def _named(names: Iterable[str]) -> re.Pattern[str]:
    """Any of these names as it stands, or its beginning or end of some words, as a title is cut."""
    said: set[str] = set()
    for name in names:
        words = name.split()
        parts = [words, *(part for at in range(2, len(words)) for part in (words[:at], words[-at:]))]
        said.update(r"\s+".join(map(re.escape, part)) for part in parts if part)
    longest_first = "|".join(sorted(said, key=lambda each: (-len(each), each)))
    return re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)" if said else r"(?!)", re.IGNORECASE)


def _taken_over(brief: Brief) -> tuple[tuple[str, str], ...]:
    """Folded, longest first: a title, for which the noun stands, and statements, for which nothing does."""
    noun, title = fold_text(brief.noun), fold_text(open_sentences(brief.title))
    stated = (fold_text(text).rstrip(" .!?") for text in (*brief.facts, *brief.claims, *brief.must_use))
    taken = {**dict.fromkeys(stated, ""), title: noun}
    return tuple(sorted(((text, stands_for) for text, stands_for in taken.items() if text), key=_longest))


def _longest(taken: tuple[str, str]) -> tuple[int, str]:
    return -len(taken[0]), taken[0]


def plain_number(text: str, comma: bool) -> str:
    """A number in one spelling, "1,299.00" and "1299" being equal; `comma`: of a language that writes
    1.299,00."""
    group, point = (".", ",") if comma else (",", ".")
    grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?", text)
    plain = text.replace(group, "").replace(point, ".") if grouped else text.replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def stands(said: str, source: str) -> bool:
    """Whether these words stand in `source`, as whole words where the script has words."""
    return any(True for _ in where_standing(said, source))


def where_standing(said: str, source: str) -> Iterator[re.Match[str]]:
    """Where they do."""
    if said not in source:
        return iter(())
    unspaced = any(map(is_unspaced, said))
    left = "" if unspaced or not said[:1].isalnum() else r"(?<!\w)"
    right = "" if unspaced or not said[-1:].isalnum() else r"(?!\w)"
    return re.finditer(left + re.escape(said) + right, source)


def _beside(text: str, match: re.Match[str]) -> str:
    """Words with the one they are about: "free" may stand in "free returns" and still not in "free mug"."""
    start, end = match.span()
    after = _NEXT.match(text, end)
    if after:
        return text[start : after.end()].strip()
    before = _PREVIOUS.search(text[:start])
    return (text[before.start() : end] if before else text[start:end]).strip()

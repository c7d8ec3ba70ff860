"""What a brief, its row and an approved template say themselves: the sources copy may take its words from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import regex

from models.attributes.lexicon import Lexicon, lexicon_of
from models.brief.brief import Brief, language_of
from models.brief.price import decimal_comma, major_amounts, percent_text, price_texts, saving_percent
from models.review.claims import Statements, statements_of
from models.review.readings import readings
from models.review.template import slot_values
from models.review.titles import said_as_titled
from models.rules import Rule, Source
from models.text.normalise import fold_text
from models.text.number_words import said_numbers
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
_HALF: Final = re.compile(r"(?<![\d/])1\s?[/⁄]\s?2(?![\d/])")
_NEXT: Final = re.compile(r"[\s-]+\w+")
_LONG_NAME: Final = 6
_PREVIOUS: Final = re.compile(r"\w+[\s-]+$")


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """The sources, folded once per review. Numbers come from brief and row, prices, savings and names as
    well; an approved template lends its wording, never a fact, and a title no price. `taken_over`: title and
    statements, which are not the words of who writes, and what stands for them."""

    sources: Mapping[Source, str]
    everything: str
    titles: tuple[str, ...]
    taken_over: tuple[tuple[str, str], ...]
    shortened: frozenset[str]
    numbers: frozenset[str]
    prices: frozenset[str]
    percents: frozenset[str]
    statements: Statements
    savings: frozenset[str]
    words: frozenset[str]
    language: str
    comma: bool

    def number(self, text: str) -> str:
        """A number in one spelling."""
        return plain_number(text, self.comma)

    def names(self, word: str) -> bool:
        """Whether a word stands in a source, perhaps in the other number, or is made of one that does:
        "Guatemalan" of Guatemala."""
        said = fold_text(word)
        spelt = (said, f"{said}s", said.removesuffix("s").removesuffix("'"))
        known = not self.words.isdisjoint(spelt)
        return known or any(len(each) >= _LONG_NAME and said.startswith(each) for each in self.words)

    def describes(self, word: str, lexicon: Lexicon) -> bool:
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
            return any(
                each.value in self.numbers
                for each in said_numbers(text, self.language)
                if each.start <= match.start() and match.end() <= each.end
            )
        if source in ("row", "text"):
            said, told = match.group().strip(), self.sources[source]
            if stands(said, told) or stands(said.replace("-", " "), told.replace("-", " ")):
                return True
            if said.endswith("-free") and stands(f"without {said.removesuffix('-free')}", told):
                return True
            lexicon = lexicon_of(self.language)
            return lexicon is not None and said in lexicon.kinds and lexicon.supports(said, told)
        return stands(_beside(text, match), self.sources[source])


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

    in_words = {each.value for each in said_numbers(fold_text(facts), language)}
    if _HALF.search(fold_text(facts)):
        in_words.add("0.5")

    return Support(
        sources={
            "brief": fold_text(stated),
            "template": fold_text(approved),
            "text": fold_text(brief.text),
            "row": fold_text(f"{stated} \n {row}"),
        },
        everything=fold_text(f"{facts} \n {approved}"),
        titles=tuple(each for name in names if name for each in readings(name)),
        taken_over=_taken_over(brief),
        shortened=frozenset(_SHORTENED.findall(fold_text(brief.title))),
        numbers=numbers(NUMBER, facts) | in_words,
        prices=numbers(NUMBER, " \n ".join(PRICE.findall(" \n ".join((stated, brief.text, *prices))))),
        percents=numbers(PERCENT, facts),
        statements=statements_of(
            (*brief.facts, *brief.claims, *brief.must_use),
            brief.text,
            brief.noun or brief.title,
            language,
            float(min(major_amounts(brief), default=0)),
        ),
        savings=numbers(PERCENT, f"{stated} \n {saved}"),
        words=frozenset(
            fold_text(word)
            for pattern in (WORD_PATTERN, LETTERS)
            for word in pattern.findall(_TIMES.sub(" ", f"{facts} \n {approved}"))
        ),
        language=language,
        comma=comma,
    )


def _taken_over(brief: Brief) -> tuple[tuple[str, str], ...]:
    """Folded, longest first: a title, for which the noun stands, and statements, for which nothing does."""
    noun, title = fold_text(brief.noun), fold_text(brief.title)
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
    if said not in source or any(map(is_unspaced, said)):
        return said in source
    left, right = (r"(?<!\w)" if said[:1].isalnum() else ""), (r"(?!\w)" if said[-1:].isalnum() else "")
    return re.search(left + re.escape(said) + right, source) is not None


def _beside(text: str, match: re.Match[str]) -> str:
    """Words with the one they are about: "free" may stand in "free returns" and still not in "free mug"."""
    start, end = match.span()
    after = _NEXT.match(text, end)
    if after:
        return text[start : after.end()].strip()
    before = _PREVIOUS.search(text[:start])
    return (text[before.start() : end] if before else text[start:end]).strip()

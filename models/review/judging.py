"""Review of copy before anything is published: every number, price, name and claim must stand in the brief or
its row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from models.brief.brief import Brief, Copy, language_of, limits_of, scene_limit
from models.brief.facts import is_name
from models.brief.price import decimal_comma, percent_text, price_texts, saving_percent
from models.review.template import slot_values
from models.rules import COPY_FIELDS, Rule, Rules, Severity, load_rules
from models.text.graphemes import shown_width
from models.text.normalise import fold_text
from models.text.scripts import WORD_PATTERN, is_unspaced

__all__ = ["ReviewFinding", "accepted", "load_rules", "review"]

_PERCENT = re.compile(r"(?<=%)\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*(?=\s?(?:%|percent\b))")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SIGN = r"\p{Sc}"
_AMOUNT = r"\d+(?:[.,]\d+)*"
_CURRENCY_WORD = "USD|EUR|GBP|CHF|JPY|CNY|dollars?|[Ee]uros?|pounds?|元|块"
_PRICE = regex.compile(rf"(?:[A-Z]{{1,3}})?{_SIGN}\s?{_AMOUNT}|{_AMOUNT}\s?(?:{_SIGN}|{_CURRENCY_WORD})")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]\s+|[。！？：]\s*|[\"“(]\s*|\n)$")
_DANGLING = {
    "en": re.compile(r"\b(?:a|an|the|of|with|and|or|to|your|from|these)$", re.IGNORECASE),
    "de": re.compile(
        r"\b(?:der|die|das|den|dem|eine|einen|und|oder|für|von|zum|zur|im|am|dein|deine)$", re.IGNORECASE
    ),
    "zh": re.compile(r"[的和与或、，]$"),
}

_NEXT = re.compile(r"[\s-]+\w+")
_PREVIOUS = re.compile(r"\w+[\s-]+$")


@dataclass(frozen=True, slots=True)
class ReviewFinding:
    """One objection: `block` and `rewrite` keep copy from being published (rewrite: another draft may pass),
    `warn` is only reported."""

    code: str
    severity: Severity
    field: str
    text: str
    citation: str = ""


def accepted(findings: Sequence[ReviewFinding]) -> bool:
    """Whether copy with these findings may be published."""
    return all(finding.severity == "warn" for finding in findings)


def _number(text: str, comma: bool) -> str:
    """A number in one spelling, "1,299.00" and "1299" being equal; `comma`: of a language that writes
    1.299,00."""
    group, point = (".", ",") if comma else (",", ".")
    grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?", text)
    plain = text.replace(group, "").replace(point, ".") if grouped else text.replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


@dataclass(frozen=True, slots=True)
class _Support:
    """What the brief and its row say, folded once per review."""

    claims: str
    row: str
    numbers: frozenset[str]
    prices: frozenset[str]
    percents: frozenset[str]
    words: frozenset[str]
    language: str
    comma: bool


def _support(brief: Brief, approved: str) -> _Support:
    for name, value in slot_values(brief).items():
        approved = approved.replace("{" + name + "}", value)
    stated = " \n ".join((*brief.facts, *brief.claims, *brief.must_use, approved))
    row = " \n ".join((brief.title, brief.noun, brief.category, brief.brand))
    comma = decimal_comma(brief.locale)
    prices = price_texts(brief)
    saving = saving_percent(brief.price_minor, brief.salesprice_minor)
    everything = " \n ".join(
        (stated, row, *prices, *brief.ctas, "" if saving is None else percent_text(saving, brief.locale))
    )
    return _Support(
        claims=fold_text(stated),
        row=fold_text(f"{stated} \n {row}"),
        numbers=frozenset(_number(match, comma) for match in _NUMBER.findall(everything)),
        prices=frozenset(
            _number(match, comma)
            for price in _PRICE.findall(" \n ".join((stated, *prices)))
            for match in _NUMBER.findall(price)
        ),
        percents=frozenset(_number(match, comma) for match in _PERCENT.findall(everything)),
        words=frozenset(fold_text(word) for word in WORD_PATTERN.findall(everything)),
        language=language_of(brief.locale),
        comma=comma,
    )


def _facts(field: str, text: str, support: _Support) -> Iterator[ReviewFinding]:
    """Numbers, prices and names that no fact supports."""
    for price in _PRICE.findall(text):
        if not all(_number(number, support.comma) in support.prices for number in _NUMBER.findall(price)):
            yield ReviewFinding("UNSUPPORTED_PRICE", "block", field, price, "the price must match the feed")
    for percent in _PERCENT.findall(text):
        if _number(percent, support.comma) not in support.percents:
            yield ReviewFinding(
                "UNSUPPORTED_NUMBER",
                "block",
                field,
                f"{percent}%",
                "every percentage must stand in the brief or row",
            )
    for number in _NUMBER.findall(text):
        if _number(number, support.comma) not in support.numbers:
            yield ReviewFinding(
                "UNSUPPORTED_NUMBER", "block", field, number, "every number must stand in the brief or row"
            )
    for match in WORD_PATTERN.finditer(text):
        word = match.group()
        starts = _SENTENCE_START.search(text[: match.start()]) is not None
        parts = re.split("['’-]", word)
        named = [part for at, part in enumerate(parts) if is_name(part, starts and not at, support.language)]
        if fold_text(word) not in support.words and any(
            fold_text(part) not in support.words for part in named
        ):
            yield ReviewFinding(
                "UNSUPPORTED_NAME", "block", field, word, "every brand or name must stand in the brief or row"
            )


def _form(field: str, text: str, limit: int, language: str) -> Iterator[ReviewFinding]:
    """Length and shape of one field."""
    if not text.strip():
        yield ReviewFinding("EMPTY", "block", field, text)
    if shown_width(text) > limit:
        yield ReviewFinding(
            "LENGTH", "rewrite", field, f"{shown_width(text)} > {limit}", "format limits of the slot"
        )
    dangling = _DANGLING.get(language)
    if dangling is not None and dangling.search(text.rstrip(" .!?…。！？")) and field != "cta":
        yield ReviewFinding("UNFINISHED", "rewrite", field, text[-20:])


def _stands(said: str, source: str) -> bool:
    """Whether these words stand in `source`, as whole words where the script has words."""
    if any(map(is_unspaced, said)):
        return said in source
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", source) is not None


def _claimed(text: str, start: int, end: int) -> str:
    """A claim with the word it is about: "free" may stand in "free returns" and still not in "free mug"."""
    after = _NEXT.match(text, end)
    if after:
        return text[start : after.end()]
    before = _PREVIOUS.search(text[:start])
    return text[before.start() : end] if before else text[start:end]


def _supported(rule: Rule, text: str, match: re.Match[str], support: _Support) -> bool:
    """Whether the brief (or, where the rule says so, the row) says the same."""
    if rule.supported == "row":
        return _stands(match.group().strip(), support.row)
    return rule.supported == "claims" and _stands(_claimed(text, match.start(), match.end()), support.claims)


def _rule_findings(copy: Copy, rules: Rules, support: _Support) -> Iterator[ReviewFinding]:
    """Objections of the rule packs, unless the same words stand where the rule allows them from."""
    folded = {field: fold_text(getattr(copy, field)) for field in COPY_FIELDS}
    for rule in rules.rules:
        if not rule.reads(support.language):
            continue
        for field in rule.fields:
            for match in rule.pattern.finditer(folded[field]):
                if not _supported(rule, folded[field], match, support):
                    yield ReviewFinding(rule.code, rule.severity, field, match.group().strip(), rule.citation)


def _brief_findings(copy: Copy, brief: Brief) -> Iterator[ReviewFinding]:
    """What the campaign itself asks for and forbids."""
    whole = fold_text(f"{copy.headline} \n {copy.description} \n {copy.cta}")
    for term in brief.avoid:
        if fold_text(term) and _stands(fold_text(term), whole):
            yield ReviewFinding(
                "AVOIDED_TERM", "block", "description", term, "the campaign's brief forbids it"
            )
    for term in brief.must_use:
        if fold_text(term) not in whole:
            yield ReviewFinding(
                "MISSING_TERM", "rewrite", "description", term, "the campaign's brief requires it"
            )
    if brief.ctas and copy.cta not in brief.ctas:
        yield ReviewFinding(
            "CTA_NOT_APPROVED", "rewrite", "cta", copy.cta, "the campaign's pool names the calls to action"
        )
    if fold_text(copy.headline) == fold_text(copy.description):
        yield ReviewFinding("REPEATED", "rewrite", "description", copy.description)


def review(copy: Copy, brief: Brief, rules: Rules, approved: str = "") -> list[ReviewFinding]:
    """All objections to `copy`; publish only when `accepted(findings)`.

    `approved` is text a person has approved (a template's wording): what it says counts as stated.
    Pure: the same copy, brief and rules give the same findings in the same order.
    """
    support, limits = _support(brief, approved), limits_of(brief.slot)
    findings: list[ReviewFinding] = []
    for field in COPY_FIELDS:
        text = getattr(copy, field)
        findings += _form(field, text, getattr(limits, field), support.language)
        findings += _facts(field, text, support)
    for scene in copy.scenes:
        findings += _form("description", scene, scene_limit(brief.slot), support.language)
    if shown_width(copy.brand) > limits.brand:
        findings.append(ReviewFinding("LENGTH", "rewrite", "brand", copy.brand, "format limits of the slot"))
    return [*findings, *_rule_findings(copy, rules, support), *_brief_findings(copy, brief)]

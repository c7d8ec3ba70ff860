"""Review of copy before anything is published: every number, price, name and claim must stand in the brief or
its row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.brief.brief import Brief, Copy, limits_of, scene_limit
from models.brief.facts import UNSPACED_LANGUAGES, is_name
from models.review.about import topic_of
from models.review.counted import counted_findings
from models.review.described import described_findings, had_findings
from models.review.finding import ReviewFinding
from models.review.learned import learned_findings
from models.review.legal import legal_findings
from models.review.named import named_findings
from models.review.readings import open_sentences, text_readings
from models.review.support import NUMBER, PERCENT, PRICE, Support, stands, support_of
from models.rules import COPY_FIELDS, Rules, load_rules
from models.text.graphemes import shown_width
from models.text.normalise import fold_text
from models.text.said.numbered import RANK
from models.text.said.share_off import shares_off
from models.text.scripts import WORD_PATTERN

__all__ = ["ReviewFinding", "accepted", "load_rules", "review"]

_SAVING = re.compile(
    r"(\d+(?:[.,]\d+)*)\s?(?:%|percent)\s*(?:off|less|cheaper|discount|rabatt|reduziert|günstiger|nachlass|优惠)"
    r"|(?:save|saving|reduced by|spare|sparen sie|um|优惠|立减)\s*(\d+(?:[.,]\d+)*)\s?(?:%|percent)",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:…]\s+|[。！？：]\s*|[\"“(]\s*|\n)$")
_DANGLING = {
    "en": re.compile(
        r"\b(?:[Aa]n|a|[Tt]he|of|and|or|[Yy]our)[ .…]*$|\b(?:from|these|(?<!has )(?<!have )to)$"
        r"|^(?!.*\bto \w+(?: \w+)? with$).*\bwith$"  # "a pen to start Monday with" is whole
    ),
    "de": re.compile(
        r"\b(?:eine|einen|oder|für|von|zum|zur|im|am|deine?)[ .…]*$|\b(?:der|die|das|den|dem|(?<!na )und)$"
    ),
    "zh": re.compile(r"(?:[和与或、，]|^[^是]*[^来做写编新各]的)$"),
}


def accepted(findings: Sequence[ReviewFinding]) -> bool:
    """Whether copy with these findings may be published."""
    return all(finding.severity == "warn" for finding in findings)


def _facts(field: str, text: str, support: Support) -> Iterator[ReviewFinding]:
    """Numbers, prices and names that no fact supports."""
    for price in PRICE.findall(text):
        if not all(support.number(number) in support.prices for number in NUMBER.findall(price)):
            yield ReviewFinding("UNSUPPORTED_PRICE", "block", field, price, "the price must match the feed")
    for match in _SAVING.finditer(text):
        if support.number(match[1] or match[2]) not in support.savings:
            citation = "a saving must follow from the feed's prices or stand in the brief"
            yield ReviewFinding("UNSUPPORTED_PRICE", "block", field, match.group(), citation)
    yield from _shares(field, text, support)
    for percent in PERCENT.findall(text):
        if support.number(percent) not in support.percents:
            citation = "every percentage must stand in the brief or row"
            yield ReviewFinding("UNSUPPORTED_NUMBER", "block", field, f"{percent}%", citation)
    ranks = [each["rank"] for each in RANK.finditer(text) if each["rank"] not in support.ranks]
    for number in (*NUMBER.findall(RANK.sub(" ", text)), *ranks):
        if support.number(number) not in support.numbers:
            citation = "every number must stand in the brief or row"
            yield ReviewFinding("UNSUPPORTED_NUMBER", "block", field, number, citation)
    yield from _names(field, text, support)


def _shares(field: str, text: str, support: Support) -> Iterator[ReviewFinding]:
    """Shares of a price in words, also such as are hidden: "half off"."""
    told = (
        read[share.start : share.end]
        for read in text_readings(text)
        for share in shares_off(read, support.language)
        if share.percent not in support.shares
    )
    for said in dict.fromkeys(told):
        citation = "a share off must follow from the feed's prices or stand in the brief or row"
        yield ReviewFinding("UNSUPPORTED_PRICE", "block", field, said, citation)


def _names(field: str, text: str, support: Support) -> Iterator[ReviewFinding]:
    cased = support.language not in UNSPACED_LANGUAGES
    for match in WORD_PATTERN.finditer(text):
        word = match.group()
        if cased and word.islower():
            continue  # names have a capital
        starts = _SENTENCE_START.search(text[: match.start()]) is not None
        parts = re.split("['’-]", word)
        named = [part for at, part in enumerate(parts) if is_name(part, starts and not at, support.language)]
        if not support.names(word) and any(len(part) > 1 and not support.names(part) for part in named):
            citation = "every brand or name must stand in the brief or row"
            yield ReviewFinding("UNSUPPORTED_NAME", "block", field, word, citation)


def _form(field: str, text: str, limit: int, language: str) -> Iterator[ReviewFinding]:
    """Length and shape of one field."""
    if not text.strip():
        yield ReviewFinding("EMPTY", "block", field, text)
    if shown_width(text) > limit:
        yield ReviewFinding(
            "LENGTH", "rewrite", field, f"{shown_width(text)} > {limit}", "format limits of the slot"
        )
    dangling = _DANGLING.get(language)
    if dangling is not None and dangling.search(text.rstrip()) and field != "cta":
        yield ReviewFinding("UNFINISHED", "rewrite", field, text[-20:])


def _brief_findings(copy: Copy, brief: Brief) -> Iterator[ReviewFinding]:
    """What the campaign itself asks for and forbids."""
    whole = fold_text(f"{copy.headline} \n {copy.description} \n {copy.cta}")
    for term in brief.avoid:
        if fold_text(term) and stands(fold_text(term), whole):
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
    if not topic_of(brief).is_met_by(whole):
        yield ReviewFinding(
            "OFF_ITEM", "rewrite", "description", copy.headline, "copy must say what it is about"
        )
    if fold_text(copy.headline) == fold_text(copy.description):
        yield ReviewFinding("REPEATED", "rewrite", "description", copy.description)


def review(copy: Copy, brief: Brief, rules: Rules, approved: str = "") -> list[ReviewFinding]:
    """All objections to `copy`; publish only when `accepted(findings)`.

    `approved` is text a person has approved (a template's wording): its words may be said; what it says of
    numbers, prices and people must stand in the brief or row like any other's.
    Pure: the same copy, brief and rules give the same findings in the same order.
    """
    support, limits = support_of(brief, approved), limits_of(brief.slot)
    findings: list[ReviewFinding] = []
    for field in COPY_FIELDS:
        text = getattr(copy, field)
        findings += _form(field, text, getattr(limits, field), support.language)
        findings += _facts(field, open_sentences(text), support)
    for scene in copy.scenes:
        findings += _form("description", scene, scene_limit(brief.slot), support.language)
    if shown_width(copy.brand) > limits.brand:
        findings.append(ReviewFinding("LENGTH", "rewrite", "brand", copy.brand, "format limits of the slot"))
    findings += named_findings(copy, rules, support)
    findings += counted_findings(copy, support)
    findings += described_findings(copy, support)
    findings += had_findings(copy, support)
    findings += learned_findings(copy, support)
    findings += legal_findings(brief, rules)
    return [*findings, *_brief_findings(copy, brief)]

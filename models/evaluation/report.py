"""Everything measured of one copywriter on some briefs: over all, and per locale, category, tone and place
(language and kind of slot)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from models.brief.brief import Brief, copy_channel_of, language_of
from models.evaluation.briefs import variants
from models.evaluation.diversity import distinct, self_bleu
from models.evaluation.facts import covered
from models.evaluation.quality import figures_of
from models.evaluation.reaction import reaction_shares
from models.evaluation.references import COUNT, overlap, references
from models.evaluation.writing import Writes, WrittenSample, samples_in_turn
from models.text.graphemes import shown_width

FORM: Final = frozenset({"UNSUPPORTED_NUMBER", "UNSUPPORTED_PRICE", "UNSUPPORTED_NAME", "EMPTY", "LENGTH",
"UNFINISHED", "REPEATED",
                         "MISSING_TERM", "CTA_NOT_APPROVED"})  # fmt: skip
"""Findings of the review about facts, form and the brief; all others are about policy."""
OVERLAP_PACKAGES: Final = ("sacrebleu", "rouge_score")
"""Modules of the extra `train` that self-BLEU, BLEU, chrF and ROUGE are measured with."""
GROUPS: Final[dict[str, Callable[[Brief], str]]] = {
    "locale": lambda brief: brief.locale, "category": lambda brief: brief.category or "(none)",
    "tone": lambda brief: brief.tone,
    "place": lambda brief: f"{language_of(brief.locale)} {copy_channel_of(brief.slot)}",
}  # fmt: skip


@dataclass(frozen=True)
class QualityReport:
    """Figures over all briefs and per group, and the samples behind them, variant after variant of each
    brief."""

    figures: dict[str, Any]
    groups: dict[str, dict[str, dict[str, Any]]]
    samples: list[WrittenSample]
    variants_per_brief: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the figures without the samples."""
        return {**self.figures, "by": self.groups}


def evaluate(
    copywriter: Writes,
    briefs: Sequence[Brief],
    variants_per_brief: int,
    advance: Callable[[int], None] = lambda _n: None,
    *,
    overlaps: bool = True,
) -> QualityReport:
    """Write `variants_per_brief` requests for each brief, one after another, and measure what comes. Same
    copywriter and briefs, same report. Without `overlaps`, what needs OVERLAP_PACKAGES is None."""
    wanted = [list(variants(brief, variants_per_brief)) for brief in briefs]
    written = samples_in_turn(copywriter, wanted, advance)
    by_brief = [
        written[start : start + variants_per_brief] for start in range(0, len(written), variants_per_brief)
    ]
    brands = frozenset(brief.brand for brief in briefs)
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for name, key in GROUPS.items():
        members: dict[str, list[Sequence[WrittenSample]]] = defaultdict(list)
        for brief, group in zip(briefs, by_brief, strict=True):
            members[key(brief)].append(group)
        groups[name] = {value: _figures(members[value], brands, overlaps) for value in sorted(members)}
    return QualityReport(
        {**_figures(by_brief, brands, overlaps), **reaction_shares(copywriter, briefs)},
        groups,
        written,
        variants_per_brief,
    )


def _figures(
    by_brief: Sequence[Sequence[WrittenSample]], brands: Collection[str], overlaps: bool
) -> dict[str, Any]:
    """The figures of some briefs' samples."""
    written = [sample for group in by_brief for sample in group]
    copies = [sample for sample in written if sample.copy]
    findings = Counter(finding.code for sample in written for finding in sample.findings)
    return {
        **figures_of(written, len(by_brief[0]), brands),
        **_lengths(copies),
        **_variety(by_brief, overlaps),
        "facts_covered": _covered(copies),
        "policy_violations": sum(count for code, count in findings.items() if code not in FORM),
        "findings": dict(findings.most_common()),
        "why_none": dict(Counter(sample.why_none for sample in written if not sample.copy).most_common()),
        **_closeness([group[0] for group in by_brief] if overlaps else []),
    }


def _lengths(copies: Sequence[WrittenSample]) -> dict[str, Any]:
    made = [sample.copy for sample in copies if sample.copy]
    return {
        "headline_width": _mean(shown_width(copy.headline) for copy in made),
        "description_width": _mean(shown_width(copy.description) for copy in made),
        "tokens": _mean(sample.tokens for sample in copies),
    }


def _variety(by_brief: Sequence[Sequence[WrittenSample]], overlaps: bool) -> dict[str, Any]:
    """Variety within the variants of each brief."""
    texts = [[sample.text for sample in group if sample.copy] for group in by_brief]
    several = [each for each in texts if len(each) > 1]
    return {
        "distinct_1": _mean((distinct(each, 1) for each in texts if each), 4),
        "self_bleu": _mean(map(self_bleu, several), 2) if overlaps else None,
    }


def _covered(copies: Sequence[WrittenSample]) -> float | None:
    """Stated facts and prices as a share of those the briefs give; None when they give none."""
    counts = [covered(sample.copy, sample.brief) for sample in copies if sample.copy]
    given = sum(each[1] for each in counts)
    return round(sum(each[0] for each in counts) / given, 4) if given else None


def _closeness(firsts: Sequence[WrittenSample]) -> dict[str, Any]:
    """Overlap of each brief's first copy with the project's own examples; None, and 0 references, where there
    are none."""
    known = [
        (sample.copy, found)
        for sample in firsts
        if sample.copy and len(found := references(sample.brief)) == COUNT
    ]
    if not known:
        return {"references": 0, "bleu": None, "chrf": None, "rouge_1": None, "rouge_l": None}
    return {"references": len(known), **overlap([copy for copy, _ in known], [found for _, found in known])}


def _mean(values: Iterable[float], digits: int = 1) -> float | None:
    known = list(values)
    return round(fmean(known), digits) if known else None

"""One model's copy, or two models' beside each other on the same briefs, as a page that needs nothing
else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

from models.brief.brief import Brief
from models.evaluation.quality import too_long, unsupported_in
from models.evaluation.report import QualityReport
from models.evaluation.writing import WrittenSample

FIGURES: Final = {
    "unsupported": "numbers, prices, brands without a source", "length_violations": "fields over their limit",
    "template_share": "template instead of copy, share", "policy_violations": "policy findings on drafts",
    "noun_share": "names the item, share", "publishable": "publishable by the judge, share",
    "wrong_moment": "names a wrong moment, share", "agreement_errors": "errors of agreement, share",
    "item_changes": "changes with the item, share", "interest_changes": "changes with the interest, share",
    "text_told": "says what only another row text has, share",
    "facts_covered": "given facts that are stated, share", "distinct_1": "distinct-1",
    "distinct_2": "distinct-2",
    "self_bleu": "self-BLEU",
    "headline_width": "headline, mean width", "description_width": "description, mean width",
    "tokens": "tokens per copy",
    "references": "briefs with references", "bleu": "BLEU", "chrf": "chrF", "rouge_1": "ROUGE-1",
    "rouge_l": "ROUGE-L",
}  # fmt: skip
"""What the table shows, in this order, and what it is called."""
_NOTE: Final = (
    "The first request of each brief; figures are over all requests. Every copy has passed the review. Copy "
    "that both wrote alike is pale. "
    "BLEU, chrF and ROUGE compare with this project's own examples: closeness to its templates, not "
    "quality. None of it predicts clicks."
)


def page(reports: Sequence[tuple[str, QualityReport]]) -> str:
    """The page for one or two (name, report) of the same briefs."""
    names = [name for name, _ in reports]
    firsts = [report.samples[:: report.variants_per_brief] for _, report in reports]
    brands = frozenset(sample.brief.brand for sample in firsts[0])
    template = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(" beside ".join(names)),
        note=escape(_NOTE),
        columns=len(reports),
        heads="".join(f"<th>{escape(name)}</th>" for name in names),
        figures="\n".join(
            _figure(key, title, [report.figures for _, report in reports]) for key, title in FIGURES.items()
        ),
        briefs="\n".join(_brief(names, row, brands) for row in zip(*firsts, strict=True)),
    )


def _figure(key: str, title: str, all_figures: Sequence[dict[str, Any]]) -> str:
    cells = "".join(
        f'<td class="figure">{"none" if figures[key] is None else escape(str(figures[key]))}</td>'
        for figures in all_figures
    )
    return f"<tr><td>{escape(title)}</td>{cells}</tr>"


def _brief(names: Sequence[str], row: Sequence[WrittenSample], brands: Collection[str]) -> str:
    brief = row[0].brief
    alike = len(row) > 1 and all(sample.copy is not None and sample.copy == row[0].copy for sample in row)
    sides = "".join(_ad(name, sample, brands, alike) for name, sample in zip(names, row, strict=True))
    return (
        f'<section><h2>{escape(brief.title)}</h2><p class="asked">{escape(_asked(brief))}</p><div '
        f'class="sides">{sides}</div></section>'
    )


def _asked(brief: Brief) -> str:
    parts = (
        brief.noun, brief.category, brief.locale, brief.slot, brief.style, brief.tone, brief.goal,
        *brief.interest, brief.daypart,
        brief.device,
        *(f"must say: {each}" for each in brief.must_use), *(f"fact: {each}" for each in brief.facts),
    )  # fmt: skip
    return " · ".join(part for part in parts if part)


def _ad(name: str, sample: WrittenSample, brands: Collection[str], alike: bool) -> str:
    copy = sample.copy
    head = f'<div class="ad{" same" if alike else ""}"><div class="who">{escape(name)}</div>'
    if copy is None:
        return f'{head}<div class="none">template: {escape(sample.why_none)}</div></div>'
    body = "<br>".join(map(escape, copy.scenes)) if copy.scenes else escape(copy.description)
    wrong = [f"{each.kind} without a source: {each.text}" for each in unsupported_in(sample, brands)]
    wrong += ["longer than the slot"] if too_long(copy, sample.brief) else []
    return (
        f'{head}<div class="headline">{escape(copy.headline)}</div><div>{body}</div><div '
        f'class="cta">{escape(copy.cta)}</div>'
        '<div class="who">sponsored by '
        f"{escape(copy.brand)}</div>{''.join(f'<div class=bad>{escape(each)}</div>' for each in wrong)}</div>"
    )

"""The figures a copywriter is held to, over all briefs and per language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from models.brief.brief import Brief, Copy, SlotLimits, copy_channel_of, language_of, limits_of, scene_limit
from models.brief.slots import plural
from models.corpus.languages import lists_of
from models.evaluation.briefs import variants
from models.evaluation.diversity import distinct
from models.evaluation.facts import Unsupported, unsupported
from models.evaluation.writing import Writes, WrittenSample, samples_in_turn
from models.judge import Judged
from models.judge.finding import GRAMMAR
from models.text.graphemes import shown_width

VARIANTS: Final = 10
_WORD: Final = re.compile(r"[^\W\d_]+")


def quality(
    copywriter: Writes,
    briefs: Sequence[Brief],
    variants_per_brief: int = VARIANTS,
    advance: Callable[[int], None] = lambda _n: None,
) -> dict[str, Any]:
    """Figures over `variants_per_brief` requests for each brief, one after another.

    unsupported: numbers, prices and brands in published copy without a source, counted; length_violations:
    fields over their limit, counted; template_share: requests that no accepted draft came for; distinct_2:
    different word pairs among all word pairs of headline and description of a brief's variants, mean over
    briefs; noun_share: published copy that names the item; publishable, wrong_moment, agreement_errors: what
    the judge says of published copy; from distinct_2 on None without any copy, and variety is for a single
    request. With `briefs`, `copies` and the same figures per language under `languages`, there also the share
    that is publishable by kind of slot, `channels`.
    """
    wanted = [list(variants(brief, variants_per_brief)) for brief in briefs]
    written = samples_in_turn(copywriter, wanted, advance)
    brands = frozenset(brief.brand for brief in briefs)
    figures: dict[str, Any] = figures_of(written, variants_per_brief, brands)
    named = sorted(written, key=lambda sample: language_of(sample.brief.locale))
    groups = {
        language: list(group)
        for language, group in groupby(named, key=lambda sample: language_of(sample.brief.locale))
    }
    figures["languages"] = {
        language: {**figures_of(group, variants_per_brief, brands), "channels": _by_channel(group)}
        for language, group in groups.items()
    }
    return figures


def _by_channel(written: Sequence[WrittenSample]) -> dict[str, float | None]:
    """The share that is publishable of each kind of slot; None where nothing is written."""
    judged: dict[str, list[Judged]] = defaultdict(list)
    for sample in written:
        judged[copy_channel_of(sample.brief.slot)] += [sample.judged] if sample.judged else []
    return {channel: judged_figures(judged[channel])["publishable"] for channel in sorted(judged)}


def figures_of(
    written: Sequence[WrittenSample], variants_per_brief: int, brands: Collection[str]
) -> dict[str, Any]:
    """The figures of samples that stand brief by brief, variant after variant."""
    copies = [sample for sample in written if sample.copy]
    by_brief = [
        written[start : start + variants_per_brief] for start in range(0, len(written), variants_per_brief)
    ]
    varied = [
        distinct([sample.text for sample in group if sample.copy], 2)
        for group in by_brief
        if any(each.copy for each in group)
    ]
    return {
        "unsupported": sum(len(unsupported_in(sample, brands)) for sample in copies),
        "length_violations": sum(too_long(sample.copy, sample.brief) for sample in copies if sample.copy),
        "template_share": round(1 - len(copies) / len(written), 4) if written else 0.0,
        "distinct_2": round(sum(varied) / len(varied), 4) if varied and variants_per_brief > 1 else None,
        "noun_share": round(sum(names_item(sample) for sample in copies) / len(copies), 4)
        if copies
        else None,
        **judged_figures([sample.judged for sample in copies if sample.judged]),
        "briefs": len(by_brief),
        "copies": len(copies),
    }


def judged_figures(judged: Sequence[Judged]) -> dict[str, float | None]:
    """What the judge says of published copy: `publishable`, the share that readers are likely to run, and the
    shares that name a wrong moment or have an error of agreement; None without any."""
    if not judged:
        return dict.fromkeys(("publishable", "wrong_moment", "agreement_errors"))
    codes = [{finding.code for finding in each.findings} for each in judged]
    return {
        "publishable": round(sum(each.score for each in judged) / len(judged), 4),
        "wrong_moment": round(sum("WRONG_MOMENT" in each for each in codes) / len(codes), 4),
        "agreement_errors": round(sum(not GRAMMAR.isdisjoint(each) for each in codes) / len(codes), 4),
    }


def unsupported_in(sample: WrittenSample, brands: Collection[str]) -> list[Unsupported]:
    """What a sample's copy states without a source."""
    language = language_of(sample.brief.locale)
    known = german_words() if language == "de" else frozenset()
    return unsupported(sample.copy, sample.brief, brands, known) if sample.copy else []


def too_long(copy: Copy, brief: Brief) -> int:
    """Fields of `copy`, and lines of a video script, over the limit of its slot."""
    limits = limits_of(brief.slot)
    return sum(shown_width(scene) > scene_limit(brief.slot) for scene in copy.scenes) + sum(
        shown_width(getattr(copy, field)) > getattr(limits, field) for field in SlotLimits._fields
    )


def names_item(sample: WrittenSample) -> bool:
    """Whether headline or description name the item, in the singular or the plural."""
    text, noun = sample.text.casefold(), sample.brief.noun.casefold()
    return bool(noun) and (
        noun in text or (language_of(sample.brief.locale) == "en" and plural(noun) in text)
    )


@lru_cache(maxsize=1)
def german_words() -> frozenset[str]:
    """Words (case-folded) of the project's German word lists: what of German capitals is no name."""
    lists = lists_of("de")
    patterns = " ".join(pattern.text for field in lists.patterns.values() for pattern in field)
    return frozenset(
        word.casefold()
        for text in (patterns, *_texts(lists.domains), *_texts(lists.others))
        for word in _WORD.findall(text)
    )


def _texts(node: Any) -> Iterator[str]:
    """Every text in nested tables and lists."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _texts(each)

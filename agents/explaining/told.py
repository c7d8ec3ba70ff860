"""An explanation as lines of a terminal, with small plots. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from agents.explaining.explanation import CellEarned, Explanation, Pairs

_BARS: Final = "▁▂▃▄▅▆▇█"


def explanation_lines(told: Explanation) -> Iterator[tuple[str, str]]:
    """(what, in words); what is not known is left out, `missing` comes last."""
    yield "creative", f"{told.creative_id}, for a {told.audience}" + (f", {told.user}" if told.user else "")
    if told.copy is not None:
        yield "says", " | ".join(told.copy[name] for name in ("headline", "description", "cta"))
    if told.trigger is not None:
        score = f", score {told.score:.2f}" if told.score else ""
        yield "because", f"{told.trigger}{score}"
    if told.price is not None:
        yield "prices", f"takes {told.price} items among alike ones than before"
    for name, pairs in (("gained", told.gained), ("lost", told.lost), ("likes", told.top)):
        if pairs:
            yield name, _shares(pairs)
    yield from _plots(told)
    if told.campaign_id is not None:
        yield "campaign", f"{told.campaign_id}: {told.campaign_because}"
    if told.item_id is not None:
        yield "item", f"{told.item_id}: {told.item_because}"
    if told.goes_with is not None:
        yield "goes with", f"{told.goes_with}, which the user looked at or took: buyers of it buy this too"
    if told.arm is not None:
        chance = "" if told.propensity is None else f", chance of item and arm together {told.propensity:.4f}"
        yield "arm", f"{told.arm} in {told.slot}{chance}"
    if told.policy_version is not None:
        yield "policy", told.policy_version
    if told.status is not None:
        yield "ended as", f"{told.status}, waited {told.queue_ms:.0f} ms, model {told.model_ms:.0f} ms"
    yield "review", ", ".join(told.review) or ("no objection" if told.status else "unknown")
    if told.draft_scores is not None:
        parts = ", ".join(f"{name} {value:.2f}" for name, value in told.draft_scores.items())
        yield "chosen of", f"{told.drafts} accepted drafts: {parts}"
    for quote in told.quotes:
        yield "quotes", f"{quote.text} (characters {quote.start} to {quote.end} of the item's text)"
    if told.written_by is not None:
        yield "written by", told.written_by
    if told.picture is not None:
        yield "picture", told.picture
    if told.earned is not None:
        yield "cell earned", earned_words(told.earned)
    for each in told.missing:
        yield "missing", each


def sparkline(values: Sequence[float], top: float) -> str:
    """One block per value, full at `top`."""
    steps = len(_BARS) - 1
    return "".join(_BARS[round(min(1.0, max(0.0, value / top)) * steps)] if top > 0 else _BARS[0]
                   for value in values)  # fmt: skip


def earned_words(earned: CellEarned) -> str:
    """Impressions, clicks and conversions with their intervals, money."""
    if earned.impressions == 0:
        return f"nothing that may be told: {earned.suppressed} segments have too few users"
    words = (
        f"{earned.impressions:,} impressions, {earned.clicks:,} clicks: {earned.ctr:.2%} "
        f"({earned.ctr_lo:.2%} to {earned.ctr_hi:.2%}), {earned.conversions:,} conversions"
    )
    if earned.cvr is not None:
        words += f": {earned.cvr:.2%} of clicks ({earned.cvr_lo:.2%} to {earned.cvr_hi:.2%})"
    return ", ".join((words, *earned.revenue))


def _plots(told: Explanation) -> Iterator[tuple[str, str]]:
    if len(told.times_ms) < 2:
        return
    top = max((weight for line in told.lines for weight in line.weights), default=0.0)
    first, last = (
        datetime.fromtimestamp(ms / 1000, UTC).strftime("%d %b")
        for ms in (told.times_ms[0], told.times_ms[-1])
    )
    width = max((len(line.name) for line in told.lines), default=0)
    yield "over time", f"{len(told.times_ms)} requests, {first} to {last}"
    for line in told.lines:
        words = f"{line.weights[0]:.0%} -> {line.weights[-1]:.0%} ({line.moved})"
        yield "", f"{line.name:<{width}} {sparkline(line.weights, top)} {words}"


def _shares(pairs: Pairs) -> str:
    return ", ".join(
        f"{name} {weight:+.0%}" if weight < 0 else f"{name} {weight:.0%}" for name, weight in pairs
    )

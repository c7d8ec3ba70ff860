"""The rules: each dimension's worst values, fatigue, how requests end, what review refuses. Silent unless
significant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from models.advice.cells import CampaignCell, Tally, summed_counts, tallies, total_of
from models.advice.compared import ValueComparison, above_p, compared_rates, holm, needed_impressions
from models.brief.brief import STYLES
from models.measured.rates import wilson

LEVEL: Final = 0.05
"""Chance that one campaign gets any wrong advice of one kind."""
WORTH: Final = 0.9
"""What is not surely below this share of the others' click rate is not worth an edit: the interval must say
so."""
NOTICEABLE: Final = 0.75
"""The drop for which the missing impressions are named."""
SHARE_LIMIT: Final = 0.1
"""Share of requests from which on templates instead of copy, or one code of review, hold a campaign back."""
COMPLETION_LIMIT: Final = 0.5
"""Clips that surely fewer of their starts see to the end hold a campaign back: their call to action stands
there."""
DISLIKE_LIMIT: Final = 0.005
"""Share of impressions that were surely hidden or reported from which on a template holds a campaign back:
half as many as clicks where one impression in a hundred is clicked."""
DISLIKES_LEAST: Final = 5
"""Fewer impressions that were hidden or reported say nothing, however few there were."""
EARNED_IN: Final = {"awareness": "views", "conversions": "conversions"}
"""In what campaigns of a goal earn, where it is not clicks."""
_REACHED: Final = ("start", "first quartile", "midpoint", "third quartile", "end")
NOT_KNOWN: Final = "none"
"""Segment of users who are in none, as outcomes name it."""
WRITTEN: Final = ("model", "reused", "template")
"""Endings of requests that got a creative."""


@dataclass(frozen=True)
class Advice:
    """One thing that holds a campaign back. `figure` with its interval and what it is of; `edit` = what to
    type or change. `lost`: what the same impressions would have earned more at the others' rate, in `of`."""

    kind: str  # arm | copy | slot | hour | audience | fatigue | dislike | fallback | review | video
    what: str
    says: str
    figure: float
    low: float
    high: float
    count: int
    edit: str
    lost: float = 0.0
    of: str = "clicks"  # clicks | conversions | views


@dataclass(frozen=True)
class Advised:
    """All advice, what costs most of what the campaign is for first, then what costs clicks; `total` of the
    campaign, `missing` impressions until a drop to NOTICEABLE would be seen between two halves of it (0:
    there are enough)."""

    advice: tuple[Advice, ...]
    total: Tally
    missing: int


@dataclass(frozen=True)
class Dimension:
    """What may be compared: values by name, within strata, and the edit that takes one value out."""

    kind: str
    noun: str
    by: Callable[[CampaignCell], str]
    stratum: Callable[[CampaignCell], str]
    edit: str


def _place(cell: CampaignCell) -> str:
    """Where and to whom: what an arm or template is not to be blamed for."""
    return f"{cell.slot}|{cell.segment}"


def _drawn_style(cell: CampaignCell) -> str:
    """The style of what was drawn; nothing of what many users share, which no campaign can leave out."""
    return cell.style if cell.style in STYLES else ""


def _known_segment(cell: CampaignCell) -> str:
    return "" if cell.segment == NOT_KNOWN else cell.segment


def _hour(cell: CampaignCell) -> str:
    return "" if cell.hour is None else f"{cell.hour:02d}"


DIMENSIONS: Final = (
    Dimension(
        "arm", "style", _drawn_style, _place,
        'leave {value} out of "choice": {{"styles": [...]}} of the campaign, raise its version, send it',
    ),
    Dimension(
        "copy", "template", lambda cell: cell.template_id, _place,
        "write the template {value} anew, or take it away: shiftcast revoke template {value}",
    ),
    Dimension(
        "slot", "slot", lambda cell: cell.slot, lambda cell: cell.segment,
        'leave {value} out of "slots" of the campaign, or give it templates of its own',
    ),
    Dimension(
        "audience", "segment", _known_segment, lambda cell: cell.slot,
        'name the other segments in "targeting": {{"segment": [...]}} of the campaign',
    ),
)  # fmt: skip
HOURS: Final = Dimension(
    "hour", "hour", _hour, lambda cell: cell.slot,
    "bid less from {value}:00 to {value}:59 UTC at the ad server: a campaign here has no hours",
)  # fmt: skip


def advise(life: Sequence[CampaignCell], hours: Sequence[CampaignCell]) -> Advised:
    """Advice for one campaign from its cells over its life, and from those of single hours."""
    total = total_of(life)
    found = [each for dimension in DIMENSIONS for each in _worse(life, dimension)]
    found += _worse(hours, HOURS)
    found += [*_fatigue(life), *_disliked(life), *_fallback(life), *_refused(life), *_left_early(life)]
    of = _earned_in(life)
    found.sort(key=lambda each: (each.of != of, -each.lost, each.kind, each.what))
    rate = total.rate or 0.01
    needed = 2 * needed_impressions(rate, NOTICEABLE, LEVEL)
    return Advised(tuple(found), total, max(0, needed - total.impressions))


def _worse(cells: Sequence[CampaignCell], dimension: Dimension) -> list[Advice]:
    """Values that earn significantly less than the rest in the same circumstances."""
    values = tallies(cells, dimension.by)
    pairs = [compared_rates(cells, value, dimension.by, dimension.stratum) for value in values]
    known = [each for each in pairs if each is not None]
    sure = holm([each.p for each in known], LEVEL)
    of = _earned_in(cells)
    return [
        _worse_value(each, dimension, of)
        for each, significant in zip(known, sure, strict=True)
        if significant and each.high < WORTH
    ]


def _earned_in(cells: Sequence[CampaignCell]) -> str:
    return EARNED_IN.get(cells[0].goal, "clicks") if cells else ""


def _worse_value(found: ValueComparison, dimension: Dimension, of: str) -> Advice:
    own, rest = found.own, found.rest
    low, high = wilson(own.earned, own.impressions)
    said = "" if of == "clicks" else f"{of} of "
    says = (
        f"{dimension.noun} {found.value} earns {said}{own.rate:.2%} ({low:.2%} to {high:.2%}) where the "
        f"others earn {rest.rate:.2%}: {found.ratio:.2f} of it in the same place ({found.low:.2f} to "
        f"{found.high:.2f})"
    )
    lost = own.earned * (1 / found.ratio - 1)
    edit = dimension.edit.format(value=found.value)
    return Advice(
        dimension.kind, found.value, says, found.ratio, found.low, found.high, own.impressions, edit, lost, of
    )


def _fatigue(cells: Sequence[CampaignCell]) -> list[Advice]:
    """Whether the click rate falls with the showing: the first showing beside the later ones, then a cap
    before the showing from which on surely less than half of the first is earned, if there is one."""
    shown: list[Tally] = []
    for cell in cells:
        for at, (clicks, impressions) in enumerate(cell.by_showing):
            shown += [Tally()] * (at + 1 - len(shown))
            shown[at] = shown[at].plus(clicks, impressions)
    if len(shown) < 2:
        return []
    later = Tally(sum(each.earned for each in shown[1:]), sum(each.impressions for each in shown[1:]))
    by = [
        CampaignCell("", side, "", "", tally.impressions, tally.earned)
        for side, tally in (("later", later), ("first", shown[0]))
    ]
    found = compared_rates(by, "later", lambda cell: cell.arm, lambda _cell: "")
    if found is None or found.p > LEVEL or found.high >= WORTH:
        return []
    cap = _last_worth(shown)
    says = (
        f"later showings of a creative earn {later.rate:.2%} where the first earns {shown[0].rate:.2%}: "
        f"{found.ratio:.2f} of it ({found.low:.2f} to {found.high:.2f}); "
    ) + (f"from showing {cap + 1} on less than half" if cap else "none surely less than half")
    edit = (
        f'cap it in the campaign: "cap": [{{"n": {cap}, "per_s": 86400, "scope": "creative"}}]'
        if cap
        else "give it more to show: items, templates or styles; a cap would take showings that still earn"
    )
    lost = later.earned * (1 / found.ratio - 1)
    return [
        Advice("fatigue", "showings", says, found.ratio, found.low, found.high, later.impressions, edit, lost)
    ]


def _last_worth(shown: Sequence[Tally]) -> int:
    """The showing after which one earns less than half of the first, and with all that follow surely so; 0 =
    there is none. Few impressions of a late showing say nothing for themselves."""
    half = shown[0].rate / 2
    for at in range(1, len(shown)):
        left = Tally(sum(each.earned for each in shown[at:]), sum(each.impressions for each in shown[at:]))
        if shown[at].rate < half and wilson(left.earned, left.impressions)[1] < half:
            return at
    return 0


def _disliked(cells: Sequence[CampaignCell]) -> list[Advice]:
    """Templates that too many hide or report."""
    sums: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for cell in cells:
        against, shown = sums[cell.template_id]
        sums[cell.template_id] = against + cell.against, shown + cell.impressions
    judged = sorted((template, *counts) for template, counts in sums.items() if counts[1])
    sure = holm([above_p(against, shown, DISLIKE_LIMIT) for _, against, shown in judged], LEVEL)
    found = []
    for (template, against, shown), significant in zip(judged, sure, strict=True):
        low, high = wilson(against, shown)
        if against < DISLIKES_LEAST or not significant or low <= DISLIKE_LIMIT:
            continue
        says = f"template {template} is hidden or reported in {against / shown:.2%} ({low:.2%} to {high:.2%})"
        edit = f"write the template {template} anew, or take it away: shiftcast revoke template {template}"
        found.append(Advice("dislike", template, says, against / shown, low, high, shown, edit))
    return found


def _fallback(cells: Sequence[CampaignCell]) -> list[Advice]:
    """Whether templates answer too often where a model should write."""
    endings = summed_counts(cell.endings for cell in cells)
    answered = sum(endings.get(name, 0) for name in WRITTEN)
    fell_back = endings.get("template", 0)
    low, high = wilson(fell_back, answered)
    if not answered or low <= SHARE_LIMIT:
        return []
    codes = summed_counts(cell.refusals for cell in cells)
    why = f"; most often {next(iter(codes))}" if codes else ""
    says = f"{fell_back / answered:.0%} of its creatives are filled templates ({low:.0%} to {high:.0%}){why}"
    edit = (
        "see what the drafts break: shiftcast watch; give the model more time: "
        "SHIFTCAST_GENERATION_DEADLINE_MS"
    )
    return [Advice("fallback", "template", says, fell_back / answered, low, high, answered, edit)]


def _refused(cells: Sequence[CampaignCell]) -> list[Advice]:
    """Reason codes of review that come with a large share of the requests."""
    requests = sum(sum(cell.endings.values()) for cell in cells)
    found = []
    for code, count in summed_counts(cell.refusals for cell in cells).items():
        low, high = wilson(min(count, requests), requests)
        if requests and low > SHARE_LIMIT:
            share = f"{count / requests:.0%} of its requests ({low:.0%} to {high:.0%})"
            says = f"review objects with {code} in {share}"
            edit = f"look for {code}: shiftcast campaign check FILE; then change brief, claims or templates"
            found.append(Advice("review", code, says, count / requests, low, high, requests, edit))
    return found


def _left_early(cells: Sequence[CampaignCell]) -> list[Advice]:
    """Slots whose clips too few see to the end, and where most leave."""
    found = []
    for slot in sorted({cell.slot for cell in cells if cell.played}):
        of_slot = (cell.played for cell in cells if cell.slot == slot and cell.played)
        played = [sum(column) for column in zip(*of_slot, strict=True)]
        starts, ends = played[0], min(played[-1], played[0])
        low, high = wilson(ends, starts)
        if not starts or high >= COMPLETION_LIMIT:
            continue
        lost = [max(before - after, 0) for before, after in pairwise(played)]
        at = lost.index(max(lost))
        says = (
            f"{ends / starts:.0%} of the clips started in {slot} are seen to the end ({low:.0%} to "
            f"{high:.0%}); most leave between {_REACHED[at]} and {_REACHED[at + 1]}"
        )
        edit = f'say the offer in the first words, or leave {slot} out of "slots" of the campaign'
        found.append(Advice("video", slot, says, ends / starts, low, high, starts, edit))
    return found

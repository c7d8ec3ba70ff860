"""Exposures that are settled, in words, to ads.exposure.v1: each under the id that its impression gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agents.profiles import outcomes
from agents.profiles.made import Made, read_made
from agents.profiles.work import Users, Work
from models.arrays import Rows
from models.choice.experiments import arm_of
from models.earned.counters import CellNames
from models.earned.exposures import BOT, HIDDEN, LIKED, NTH, PARTIAL, REPORTED, VIEWED
from models.earned.settled import settle_due
from models.earned.told import UNKNOWN_HOUR, UNKNOWN_WEEKDAY
from models.money import CURRENCIES
from streams import metrics
from streams import records as r
from streams.topics import EXPOSURE
from streams.wire.codecs import encode, headers
from streams.wire.columns import NONE
from streams.wire.ids import exposure_id, number_of
from streams.wire.output import Output
from streams.wire.view import View

COMPLETE: Final = "complete"
EVICTED: Final = "evicted"
_ID: Final = "ce_id"
_PURPOSES: Final = [
    ["measure", *(name for k, name in enumerate(("profile", "personalise", "train")) if bits >> k & 1)]
    for bits in range(8)
]


def settle_users(view: View, users: Users, rows: slice, work: Work, clock_s: int) -> None:
    """Tell what is over at event time `clock_s` in these users' rows x."""
    told = settle_due(users.exposures[rows], work.ref.joins, clock_s)
    if len(told):
        told["user"] += rows.start
        users.changed_x[told["user"]] = True
        tell(view, users, told, work)


def tell(view: View, users: Users, told: Rows, work: Work) -> None:
    """Send exposures (TOLD)."""
    if not len(told):
        return
    stamped = [header for header in headers(EXPOSURE.ce_type, "", view.now_ms) if header[0] != _ID]
    made: dict[int, dict[int, Made]] = {}
    for each in told:
        user = int(each["user"])
        key = users.keys[user]
        if user not in made:
            made[user] = {number_of(mine.creative_id): mine for mine in read_made(view, key).made}
        exposure = exposure_of(view, key.decode(), each, made[user], work)
        head = [(_ID, exposure.exposure_id.encode()), *stamped]
        view.send(Output(EXPOSURE.name, key, encode(exposure), view.lane, head))
        metrics.EXPOSURES.labels(exposure.settled).inc()


def exposure_of(view: View, user: str, told: Any, own: dict[int, Made], work: Work) -> r.Exposure:
    """The record of one exposure; `own`: the user's creatives by number."""
    number, flags, context = int(told["creative"]), int(told["flags"]), int(told["context"])
    made = own.get(number) or work.ref.shared.get(number)
    if made is None:
        made = _of_cell(number, outcomes.cell_names(view, work.cells, int(told["cell"])))
    hour, weekday, ts = context & 31, context >> 5 & 7, int(told["ts_ms"])
    clicked = int(told["click_after_s"]) >= 0
    return r.Exposure(
        exposure_id=exposure_id(user, int(told["imp"])),
        user=user,
        ts=ts,
        settled=COMPLETE if told["closed"] and not flags & PARTIAL else EVICTED,
        campaign_id=made.campaign_id,
        creative_id=made.creative_id,
        slot=made.slot,
        template_id=made.template_id,
        arm=made.arm or NONE,
        propensity=made.propensity,
        item_propensity=made.item_propensity,
        policy_version=made.policy_version or None,
        request_id=made.request_id or None,
        item_id=made.item_id or None,
        segment=made.segment or None,
        interest=list(made.interests),
        hour=hour if hour != UNKNOWN_HOUR else None,
        weekday=weekday if weekday != UNKNOWN_WEEKDAY else None,
        device=context >> 8 & 15 or None,
        country=made.country or None,
        showing=(flags & NTH) + 1,
        experiments=_arms(user, made.campaign_id, ts, work),
        viewable=bool(flags & VIEWED),
        clicked=clicked,
        click_after_s=int(told["click_after_s"]) if clicked else None,
        invalid_clicks=int(told["invalid_clicks"]),
        conversions=int(told["sales"]),
        value_minor=_value(told),
        cost_micros=_cost(told),
        liked=bool(told["acts"] & LIKED),
        hidden=bool(told["acts"] & HIDDEN),
        reported=bool(told["acts"] & REPORTED),
        lang=made.lang or None,
        copy=r.CopyText(made.copy[0], made.copy[1], made.copy[2], made.copy[3] or None)
        if made.copy[0]
        else None,
        purposes=_PURPOSES[context >> 12],
        invalid="bot" if flags & BOT else None,
    )


def _of_cell(number: int, names: CellNames) -> Made:
    """A creative of which row m says nothing: it came before there was such a row."""
    campaign, slot, arm, template, segment = names
    of = "" if segment == NONE else segment
    return Made(f"cr_{number:016x}", campaign, slot, template, arm, segment=of)


def _arms(user: str, campaign_id: str, ts: int, work: Work) -> dict[str, str]:
    """Of what ran on the campaign at that time; it may have ended since."""
    campaign = work.ref.campaigns.get(campaign_id)
    stated = [campaign.experiment] if campaign is not None and campaign.experiment is not None else []
    known = [each.experiment for each in work.experiments.of_campaign(campaign_id)]
    running = {each.id: each for each in [*stated, *known] if each.running(ts)}
    arms = {name: arm_of(experiment, user) for name, experiment in running.items()}
    return {name: arm for name, arm in arms.items() if arm is not None}


def _value(told: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for currency, value in _amounts(told):
        total[CURRENCIES[currency]] = total.get(CURRENCIES[currency], 0) + value
    return total


def _amounts(told: Any) -> Iterator[tuple[int, int]]:
    if told["sales"]:
        pairs = zip(told["paid"].tolist(), told["value"].tolist(), strict=True)
        yield from ((currency, value) for currency, value in pairs if currency and value)


def _cost(told: Any) -> dict[str, int]:
    currency, micros = int(told["currency"]), int(told["micros"])
    return {CURRENCIES[currency]: micros} if currency and micros else {}

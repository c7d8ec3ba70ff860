"""Exposures that are settled, in words, to ads.exposure.v1: each under the id that its impression gives.

A user who is shown much loses an exposure with each one that comes: the JSON is put together from what its
creative says, which is the same each time, and the few members that are the exposure's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import msgspec

from agents.profiles import outcomes
from agents.profiles.made import CreativeWords, Made, read_made, words_of
from agents.profiles.work import Users, Work
from models.arrays import Rows
from models.campaigns import Experiment
from models.choice.experiments import arm_of
from models.earned.counters import CellNames
from models.earned.exposures import BOT, HIDDEN, LIKED, NTH, PARTIAL, REPORTED, VIEWED
from models.earned.settled import settle_due
from models.earned.told import UNKNOWN_HOUR, UNKNOWN_WEEKDAY, ToldExposure, told_exposures
from models.money import CURRENCIES
from streams import metrics
from streams.topics import EXPOSURE
from streams.wire.codecs import headers
from streams.wire.columns import NONE
from streams.wire.ids import exposure_id, number_of
from streams.wire.output import Output
from streams.wire.view import View

COMPLETE: Final = "complete"
EVICTED: Final = "evicted"
_ID: Final = "ce_id"


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
    words = _Words(view, users, work)
    stamped = [header for header in headers(EXPOSURE.ce_type, "", view.now_ms) if header[0] != _ID]
    counts: Counter[str] = Counter()
    for each in told_exposures(told):
        key = users.keys[each.user]
        user = key.decode()
        id, settled = exposure_id(user, each.imp), _settled(each)
        value = f'{{"exposure_id":"{id}","user":"{user}","ts":{each.ts_ms},"settled":"{settled}"'
        value += f"{_followed(each)}{words.of(each, user)}}}"
        head = [(_ID, id.encode()), *stamped]
        view.send(Output(EXPOSURE.name, key, value.encode(), view.lane, head))
        counts[settled] += 1
    for settled, n in counts.items():
        metrics.EXPOSURES.labels(settled).inc(n)


def _settled(told: ToldExposure) -> str:
    return COMPLETE if told.closed and not told.flags & PARTIAL else EVICTED


def _followed(told: ToldExposure) -> str:
    """JSON members of what came of an exposure, and of what was so when it was shown."""
    text = _context(told.context) + _reactions(told.flags & (VIEWED | BOT | NTH), told.acts)
    if told.click_after_s >= 0:
        text += f',"clicked":true,"click_after_s":{told.click_after_s}'
    if told.invalid_clicks:
        text += f',"invalid_clicks":{told.invalid_clicks}'
    if told.sales:
        text += f',"conversions":{told.sales}{_value(told)}'
    if told.currency and told.micros:
        text += f',"cost_micros":{{"{CURRENCIES[told.currency]}":{told.micros}}}'
    return text


@lru_cache(maxsize=4_096)
def _context(context: int) -> str:
    hour, weekday, device, given = context & 31, context >> 5 & 7, context >> 8 & 15, context >> 12
    known = (("hour", hour, UNKNOWN_HOUR), ("weekday", weekday, UNKNOWN_WEEKDAY), ("device", device, 0))
    purposes = ("profile", "personalise", "train")
    allowed = ["measure", *(name for k, name in enumerate(purposes) if given >> k & 1)]
    members = [f',"{name}":{value}' for name, value, unknown in known if value != unknown]
    return "".join(members) + f',"purposes":{msgspec.json.encode(allowed).decode()}'


@lru_cache(maxsize=1_024)
def _reactions(flags: int, acts: int) -> str:
    said = (
        ("viewable", flags & VIEWED),
        ("liked", acts & LIKED),
        ("hidden", acts & HIDDEN),
        ("reported", acts & REPORTED),
    )
    members = [f',"{name}":true' for name, so in said if so]
    if flags & NTH:
        members.append(f',"showing":{(flags & NTH) + 1}')
    if flags & BOT:
        members.append(',"invalid":"bot"')
    return "".join(members)


def _value(told: ToldExposure) -> str:
    total: Counter[str] = Counter()
    for currency, value in zip(told.paid, told.value, strict=True):
        if currency and value:
            total[CURRENCIES[currency]] += value
    return f',"value_minor":{msgspec.json.encode(dict(total)).decode()}' if total else ""


class _Words:
    """JSON members of the creatives that one call tells of, and of the experiments on their campaigns."""

    def __init__(self, view: View, users: Users, work: Work) -> None:
        self._view, self._users, self._work = view, users, work
        self._own: dict[int, Mapping[int, Made]] = {}
        self._running: dict[str, list[Experiment]] = {}

    def of(self, told: ToldExposure, user: str) -> str:
        words = self._of_creative(told)
        return words.json + self._arms(words.campaign_id, user, told.ts_ms)

    def _of_creative(self, told: ToldExposure) -> CreativeWords:
        shared = self._work.ref.shared.get(told.creative)
        if shared is not None:
            return shared
        if told.user not in self._own:
            row = read_made(self._view, self._users.keys[told.user])
            self._own[told.user] = {number_of(each.creative_id): each for each in row.made}
        made = self._own[told.user].get(told.creative)
        if made is None:
            made = _of_cell(told.creative, outcomes.cell_names(self._view, self._work.cells, told.cell))
        return words_of(made)

    def _arms(self, campaign_id: str, user: str, ts: int) -> str:
        """Of what ran on the campaign at that time; it may have ended since."""
        if campaign_id not in self._running:
            self._running[campaign_id] = list(_experiments(campaign_id, self._work))
        arms = {each.id: arm_of(each, user) for each in self._running[campaign_id] if each.running(ts)}
        arms = {name: arm for name, arm in arms.items() if arm is not None}
        return f',"experiments":{msgspec.json.encode(arms).decode()}' if arms else ""


def _experiments(campaign_id: str, work: Work) -> Iterator[Experiment]:
    """The ledger's go before what the campaign states."""
    campaign = work.ref.campaigns.get(campaign_id)
    if campaign is not None and campaign.experiment is not None:
        yield campaign.experiment
    yield from (each.experiment for each in work.experiments.of_campaign(campaign_id))


def _of_cell(number: int, names: CellNames) -> Made:
    """A creative of which row m says nothing: it came before there was such a row."""
    campaign, slot, arm, template, segment = names
    of = "" if segment == NONE else segment
    return Made(f"cr_{number:016x}", campaign, slot, template, arm, segment=of)

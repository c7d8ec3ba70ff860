"""Exposures that are settled, in words, to ads.exposure.v1: each under the id that its impression gives.

A user who is shown much loses an exposure with each one that comes: the JSON is put together from what its
creative says, which is the same each time, and the few members that are the exposure's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.profiles.rows import outcomes
from agents.profiles.rows.made import CreativeWords, Made, read_made, words_of
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
from streams.columns.names import NONE
from streams.topics import EXPOSURE
from streams.wire.codecs import headers
from streams.wire.ids import exposure_id, number_of
from streams.wire.output import Output
from streams.wire.view import View

COMPLETE: Final = "complete"
EVICTED: Final = "evicted"
_ID: Final = "ce_id"
_SAID: Final = VIEWED | BOT | NTH
"""Bits of `flags` that are told."""


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
    shared, trials, own = work.ref.shared, work.ref.trials, _OwnWords(view, users, work)
    stamped = [header for header in headers(EXPOSURE.ce_type, "", view.now_ms) if header[0] != _ID]
    columns = (told[name].tolist() for name in ("user", "imp", "creative", "cell", "ts_ms"))
    for said, user, imp, creative, cell, ts_ms in zip(_said(told), *columns, strict=True):
        key, of = users.keys[user], shared.get(creative) or own.of(user, creative, cell)
        id = exposure_id(key, imp)
        text = f'{{"exposure_id":"{id}","user":"{key.decode()}","ts":{ts_ms},{said}{of.json}'
        if of.campaign_id in trials:
            text += _arms(trials[of.campaign_id], key.decode(), ts_ms)
        head = [(_ID, id.encode()), *stamped]
        view.send(Output(EXPOSURE.name, key, (text + "}").encode(), view.lane, head, waits=True))
    complete = int(_are_complete(told).sum())
    for settled, n in ((COMPLETE, complete), (EVICTED, len(told) - complete)):
        metrics.EXPOSURES.labels(settled).inc(n)


def _are_complete(told: Rows) -> NDArray[np.bool_]:
    return (told["closed"] != 0) & (told["flags"] & PARTIAL == 0)


def _said(told: Rows) -> list[str]:
    """JSON members of each exposure's own: how it was settled, what was so when it was shown, what came of
    it."""
    reactions = told["flags"] & _SAID | told["acts"].astype(np.int64) << 8
    so = (_are_complete(told), told["context"], reactions)
    said = [_was_so(*each) for each in zip(*(column.tolist() for column in so), strict=True)]
    numbers = (told["click_after_s"] >= 0) | (told["invalid_clicks"] > 0) | (told["sales"] > 0)
    some = np.flatnonzero(numbers | (told["micros"] > 0))
    for i, each in zip(some.tolist(), told_exposures(told[some]), strict=True):
        said[i] += _numbers(each)
    return said


@lru_cache(maxsize=16_384)
def _was_so(complete: bool, context: int, reactions: int) -> str:
    settled = COMPLETE if complete else EVICTED
    return f'"settled":"{settled}"{_context(context)}{_reactions(reactions & 255, reactions >> 8)}'


def _context(context: int) -> str:
    hour, weekday, device, given = context & 31, context >> 5 & 7, context >> 8 & 15, context >> 12
    known = (("hour", hour, UNKNOWN_HOUR), ("weekday", weekday, UNKNOWN_WEEKDAY), ("device", device, 0))
    purposes = ("profile", "personalise", "train")
    allowed = ["measure", *(name for k, name in enumerate(purposes) if given >> k & 1)]
    members = [f',"{name}":{value}' for name, value, unknown in known if value != unknown]
    return "".join(members) + f',"purposes":{msgspec.json.encode(allowed).decode()}'


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


def _numbers(told: ToldExposure) -> str:
    """Clicks, conversions and money."""
    text = ""
    if told.click_after_s >= 0:
        text += f',"clicked":true,"click_after_s":{told.click_after_s}'
    if told.invalid_clicks:
        text += f',"invalid_clicks":{told.invalid_clicks}'
    if told.sales:
        text += f',"conversions":{told.sales}{_value(told)}'
    if told.currency and told.micros:
        text += f',"cost_micros":{{"{CURRENCIES[told.currency]}":{told.micros}}}'
    return text


def _value(told: ToldExposure) -> str:
    total: Counter[str] = Counter()
    for currency, value in zip(told.paid, told.value, strict=True):
        if currency and value:
            total[CURRENCIES[currency]] += value
    return f',"value_minor":{msgspec.json.encode(dict(total)).decode()}' if total else ""


class _OwnWords:
    """JSON members of the users' own creatives that one call tells of."""

    def __init__(self, view: View, users: Users, work: Work) -> None:
        self._view, self._users, self._cells = view, users, work.cells
        self._made: dict[int, Mapping[int, Made]] = {}

    def of(self, user: int, creative: int, cell: int) -> CreativeWords:
        if user not in self._made:
            row = read_made(self._view, self._users.keys[user])
            self._made[user] = {number_of(each.creative_id): each for each in row.made}
        made = self._made[user].get(creative)
        if made is None:
            made = _of_cell(creative, outcomes.cell_names(self._view, self._cells, cell))
        return words_of(made)


def _arms(experiments: Iterable[Experiment], user: str, ts: int) -> str:
    """Of what ran on the campaign at that time; it may have ended since."""
    arms = {each.id: arm_of(each, user) for each in experiments if each.running(ts)}
    arms = {name: arm for name, arm in arms.items() if arm is not None}
    return f',"experiments":{msgspec.json.encode(arms).decode()}' if arms else ""


def _of_cell(number: int, names: CellNames) -> Made:
    """A creative of which row m says nothing: it came before there was such a row."""
    campaign, slot, arm, template, segment = names
    of = "" if segment == NONE else segment
    return Made(f"cr_{number:016x}", campaign, slot, template, arm, segment=of)

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
from agents.profiles.rows.made import CreativeWords, MadeCreative, exposure_words_of, read_made
from agents.profiles.work import Users, Work
from models.arrays import Rows
from models.campaigns import Experiment
from models.choice.experiments import arm_of
from models.earned.counters import CellNames
from models.earned.exposures import BOT, HIDDEN, LIKED, NTH, PARTIAL, REPORTED, VIEWED
from models.earned.settled import settle_due
from models.earned.told import UNKNOWN_HOUR, UNKNOWN_WEEKDAY, ToldExposure, told_exposures
from models.markup.slot_sizes import channel_of
from models.money import CURRENCIES
from streams.columns.names import NONE
from streams.metrics.earned import EXPOSURES
from streams.topics import EXPOSURE
from streams.wire.codecs import headers
from streams.wire.exposure_texts import NOTHING, Pieces, exposure_texts
from streams.wire.ids import number_of
from streams.wire.output import OutputColumns
from streams.wire.texts import Texts
from streams.wire.view import View

COMPLETE: Final = "complete"
EVICTED: Final = "evicted"
_ID: Final = "ce_id"
_PARTS: Final = 4
"""Pieces of an exposure's JSON: how it was settled, what came of it in numbers, its creative, its arms."""
_SAID: Final = VIEWED | BOT | NTH
"""Bits of `flags` that are told."""


def settle_users(view: View, users: Users, rows: slice, work: Work, clock_s: int) -> None:
    """Tell what is over at event time `clock_s` in these users' rows x."""
    told = settle_due(users.exposures[rows], work.ref.joins, clock_s)
    if len(told):
        told["user"] += rows.start
        users.changed_x[told["user"]] = True
        send_exposures(view, users, told, work)


def send_exposures(view: View, users: Users, told: Rows, work: Work) -> None:
    """Send exposures (TOLD)."""
    if not len(told):
        return
    keys, pieces = Texts.of([users.keys[user] for user in told["user"].tolist()]), Pieces()
    members = np.full((len(told), _PARTS), NOTHING, np.int64)
    _say(told, pieces, members)
    _say_creatives(view, users, told, work, pieces, members)
    imps, ts_ms = (np.ascontiguousarray(told[name]) for name in ("imp", "ts_ms"))
    ids, values = exposure_texts(keys, imps, ts_ms, pieces, members)
    stamped = [header for header in headers(EXPOSURE.ce_type, "", view.now_ms) if header[0] != _ID]
    view.send(OutputColumns(EXPOSURE.name, view.lane, keys, values, _ID, ids, stamped))
    complete = int(_are_complete(told).sum())
    for settled, n in ((COMPLETE, complete), (EVICTED, len(told) - complete)):
        EXPOSURES.labels(settled).inc(n)


def _are_complete(told: Rows) -> NDArray[np.bool_]:
    return (told["closed"] != 0) & (told["flags"] & PARTIAL == 0)


def _say(told: Rows, pieces: Pieces, members: NDArray[np.int64]) -> None:
    """Members of each exposure's own: how it was settled, what was so when it was shown, what came of it."""
    reactions = told["flags"].astype(np.int64) & _SAID | told["acts"].astype(np.int64) << 8
    so = _are_complete(told) | told["context"].astype(np.int64) << 1 | reactions << 17
    different, which = np.unique(so, return_inverse=True)
    said = [_was_so(bool(each & 1), each >> 1 & 0xFFFF, each >> 17) for each in different.tolist()]
    members[:, 0] = np.array([pieces.number(text) for text in said])[which]
    numbers = (told["click_after_s"] >= 0) | (told["invalid_clicks"] > 0) | (told["sales"] > 0)
    some = np.flatnonzero(numbers | (told["micros"] > 0))
    members[some, 1] = [pieces.number(_numbers(each)) for each in told_exposures(told[some])]


def _say_creatives(
    view: View, users: Users, told: Rows, work: Work, pieces: Pieces, members: NDArray[np.int64]
) -> None:
    """What the creative of each says, and the arms of the user in its campaign's experiments."""
    shared, trials, own = work.ref.shared, work.ref.trials, _OwnWords(view, users, work)
    different, which = np.unique(told["creative"], return_inverse=True)
    words = [shared.get(creative) for creative in different.tolist()]
    members[:, 2] = np.array([NOTHING if of is None else pieces.number(of.json) for of in words])[which]
    tried = np.array([of is None or of.campaign_id in trials for of in words])[which]
    for i in np.flatnonzero(tried).tolist():
        user, creative, cell, ts_ms = (int(told[name][i]) for name in ("user", "creative", "cell", "ts_ms"))
        of = words[which[i]] or own.of(user, creative, cell)
        members[i, 2] = pieces.number(of.json)
        if of.campaign_id in trials:
            members[i, 3] = pieces.number(_arms(trials[of.campaign_id], users.keys[user].decode(), ts_ms))


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
        self._made: dict[int, Mapping[int, MadeCreative]] = {}

    def of(self, user: int, creative: int, cell: int) -> CreativeWords:
        if user not in self._made:
            row = read_made(self._view, self._users.keys[user])
            self._made[user] = {number_of(each.creative_id): each for each in row.made}
        made = self._made[user].get(creative)
        if made is None:
            made = _of_cell(creative, outcomes.cell_names(self._view, self._cells, cell))
        return exposure_words_of(made)


def _arms(experiments: Iterable[Experiment], user: str, ts: int) -> str:
    """Of what ran on the campaign at that time; it may have ended since."""
    arms = {each.id: arm_of(each, user) for each in experiments if each.running(ts)}
    arms = {name: arm for name, arm in arms.items() if arm is not None}
    return f',"experiments":{msgspec.json.encode(arms).decode()}' if arms else ""


def _of_cell(number: int, names: CellNames) -> MadeCreative:
    """A creative of which row m says nothing: it came before there was such a row."""
    campaign, slot, arm, template, segment = names
    of = "" if segment == NONE else segment
    return MadeCreative(
        f"cr_{number:016x}", campaign, slot, template, arm, segment=of, channel=channel_of(slot)
    )

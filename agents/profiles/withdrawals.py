"""What users take back, told on ads.withdrawal.v1: statements come with any event, and the consent topic
keeps the last one alone. Who reads what users did before asks there what may still be used."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.profiles.work import Users
from models.arrays import IntArray
from models.event.layout import CONSENT_KNOWN, Purpose
from models.event.taken_back import held_purposes, taken_back
from streams.columns.decoded import Events
from streams.records import Withdrawal
from streams.topics import WITHDRAWAL
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.view import RecordBatch, View


class Before(NamedTuple):
    """What was so of each user before a batch, (n,) each."""

    held: IntArray  # purposes in force
    newest_s: NDArray[np.uint32]  # the newest event


def before_statements(users: Users, consent: int, default: int) -> Before | None:
    """To be kept before a batch is admitted; None where no event of it states anything. `consent`: the bits
    of all of them."""
    if not consent & CONSENT_KNOWN:
        return None
    return Before(held_purposes(users.consent, default), users.exposures["newest_s"].copy())


def tell_withdrawals(
    view: View, users: Users, events: Events, batch: RecordBatch, before: Before | None
) -> None:
    """Of an admitted batch. What was processed before a statement that comes late is covered, too: nobody
    knew of it then."""
    if before is None:
        return
    newest_s = before.newest_s
    for at, lost in zip(*(each.tolist() for each in taken_back(events, before.held)), strict=True):
        event, user = events[at], int(events["user"][at])
        key = users.keys[user]
        told_ms = min(int(event["ts"]), int(event["append_ts"]))
        until_ms = max(told_ms, int(newest_s[user]) * 1_000 + 999 if newest_s[user] else 0)
        names = [each.name.lower() for each in Purpose if each.name and lost & each]
        said = Withdrawal(key.decode(), until_ms, names)
        head = headers(WITHDRAWAL.ce_type, f"{batch.topic}|{view.lane}|{int(event['offset'])}", view.now_ms)
        view.send(Output(WITHDRAWAL.name, key, encode(said), view.lane, head))

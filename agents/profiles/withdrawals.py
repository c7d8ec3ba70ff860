"""What users take back, told on ads.withdrawal.v1: statements come with any event, and the consent topic
keeps the last one alone. Who reads what users did before asks there what may still be used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.profiles.work import Users
from models.arrays import IntArray
from models.event.layout import Purpose
from models.event.taken_back import taken_back
from streams.columns.decoded import Events
from streams.records import Withdrawal
from streams.topics import WITHDRAWAL
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.view import RecordBatch, View


def tell_withdrawals(
    view: View, users: Users, events: Events, batch: RecordBatch, held: IntArray, newest_s: NDArray[np.uint32]
) -> None:
    """Of an admitted batch; `held`, `newest_s`: purposes and newest event of each user before it. What was
    processed before a statement that comes late is covered, too: nobody knew of it then."""
    for at, lost in zip(*(each.tolist() for each in taken_back(events, held)), strict=True):
        event, user = events[at], int(events["user"][at])
        key = users.keys[user]
        told_ms = min(int(event["ts"]), int(event["append_ts"]))
        until_ms = max(told_ms, int(newest_s[user]) * 1_000 + 999 if newest_s[user] else 0)
        names = [each.name.lower() for each in Purpose if each.name and lost & each]
        said = Withdrawal(key.decode(), until_ms, names)
        head = headers(WITHDRAWAL.ce_type, f"{batch.topic}|{view.lane}|{int(event['offset'])}", view.now_ms)
        view.send(Output(WITHDRAWAL.name, key, encode(said), view.lane, head))

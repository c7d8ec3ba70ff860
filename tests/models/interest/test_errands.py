"""The bench's errands: one session of another user's between two of a life."""

from __future__ import annotations

import numpy as np

from models.interest.sessions import SESSION
from tests.bench.detector.errands import ERRAND, in_sessions, share_taken, with_errands
from tests.bench.detector.sequences import stream_of
from tests.bench.detector.streams import WITHIN

CODES = np.arange(64)


def lives(users: int = 6) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [rng.integers(0, 60, 48 + user) for user in range(users)]


def test_sessions_have_so_many_positives_and_a_change_begins_one() -> None:
    one = in_sessions(stream_of(lives(), CODES, np.full(6, 17)), 5)
    for a, b in zip(one.start[:-1], one.start[1:], strict=True):
        opens = np.flatnonzero(np.diff(one.events["ts"][a:b]) > SESSION) + 1
        assert opens[:5].tolist() == [5, 10, 15, 17, 22]


def test_an_errand_is_one_session_and_the_rest_is_the_life_as_it_was() -> None:
    errands, same = with_errands(in_sessions(stream_of(lives(), CODES), 4), np.random.default_rng(1))
    assert len(errands.change) == len(same.change) > 0
    for user, cut in enumerate(errands.change):
        whole = errands.events[errands.start[user] : errands.start[user + 1]]
        life = same.events[same.start[user] : same.start[user + 1]]
        assert np.delete(whole["item"], np.s_[cut : cut + ERRAND]).tolist() == life["item"].tolist()
        pauses = np.diff(whole["ts"])[cut - 1 : cut + ERRAND] > SESSION
        assert pauses.tolist() == [True, *[False] * (ERRAND - 1), True]
        assert set(whole["user"]) == {user}


def test_a_trigger_counts_from_the_errand_until_some_positives_after_it() -> None:
    errands, _ = with_errands(in_sessions(stream_of(lives(), CODES), 4), np.random.default_rng(1))
    begin = errands.start[:-1] + errands.change
    users = len(begin)
    assert share_taken(begin, errands) == share_taken(begin + ERRAND + WITHIN - 1, errands) == 1
    assert share_taken(begin - 1, errands) == 0
    assert share_taken(begin[:1], errands) == 1 / users

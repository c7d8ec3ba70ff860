"""What one user was shown counts for the partner as it counts for himself."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.earned.caps import UNSURE, shown_count
from models.earned.exposures import EXPOSURES
from models.linked.caps import campaign_counts, shown_to_partner

KEYS = st.integers(1, 90)
TIMES = st.lists(st.integers(1_000, 1_200), max_size=8)


@given(
    st.dictionaries(KEYS, st.tuples(TIMES, st.booleans()), max_size=5),
    st.integers(0, 2**64 - 1),
    st.integers(0, 1_300),
    KEYS,
    st.integers(1_000, 1_300),
    st.sampled_from((0, 1, 60, 400)),
)
def test_a_summary_counts_as_the_row_does(
    counts: dict[int, tuple[list[int], bool]], missed: int, missed_s: int, key: int, ts: int, per_s: int
) -> None:
    x = np.zeros(1, EXPOSURES)[0]
    places = []
    for at, (each, (times, short)) in enumerate(sorted(counts.items())):
        x["cap_key"][at], x["cap_total"][at], x["cap_short"][at] = each, len(times) + at, short
        places += [(ts, at) for ts in times]
    x["n_caps"], x["n_cap_ts"] = len(counts), len(places)
    for k, (ts_s, at) in enumerate(sorted(places)):
        x["cap_ts"][k], x["cap_at"][k] = ts_s, at
    x["cap_missed"], x["cap_missed_s"] = missed, missed_s
    own = shown_count(x, np.uint64(0), np.uint64(key), ts, per_s, False)
    told = campaign_counts(x)
    assert shown_to_partner(told, int(x["cap_missed"]), int(x["cap_missed_s"]), key, ts, per_s) == own


def test_creatives_are_nobody_elses_and_a_lost_count_closes_the_cap() -> None:
    x = np.zeros(1, EXPOSURES)[0]
    x["n_caps"], x["cap_key"][0], x["cap_total"][0] = 1, 1 << 31 | 7, 5
    assert campaign_counts(x) == []
    assert shown_to_partner([], 1 << 7, 100, 7, 90, 60) == UNSURE
    assert shown_to_partner([], 1 << 7, 100, 8, 90, 60) == 0

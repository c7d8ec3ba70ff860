"""`make bench-feedback`: CPU of the feedback agent per million outcome records, and the keys of the metric
topic that an hour makes.

One lane in memory, without a broker: decoding, rows, totals, published records; not the client, nor RocksDB.
Campaigns have arms in two slots and users in segments; which cells an impression counts for is drawn with a
weight of 1/rank. Linear: the second half of the records may not cost more than the first, by more than noise.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from typing import Any

import msgspec
import numpy as np

from agents.feedback.reference import FeedbackReference
from agents.feedback.workload import FeedbackWorkload
from models.row import HEADER
from streams import records as r
from streams.settings import Settings
from streams.topics import CREATIVE_METRIC, OUTCOME
from streams.wire.output import one_by_one
from streams.wire.view import RecordBatch
from tests.agents.profiles.memory_lane import Consumed
from tests.streams.lane.dict_store import LaneOfOne

START_MS = 1_795_291_200_000
SIZES_S = (60, 3_600, 86_400, 0)
ARMS, SLOTS, SEGMENTS, LANES = 12, 2, 24, 4
BATCH, FLUSH = 2_000, 8_000
HALVES_APART = 1.25
"""The second half may cost so many times the first."""
FENCE = np.zeros(1, HEADER)[0]


def outcomes(campaigns: int, records: int, seed: int) -> list[Consumed]:
    """An hour of what lanes say: each of the records is the next absolute value of one cell and window."""
    rng = np.random.default_rng(seed)
    cells = campaigns * SLOTS * ARMS
    weight = 1 / np.arange(1, cells + 1)
    drawn = rng.choice(cells, records // len(SIZES_S), p=weight / weight.sum())
    segments = rng.integers(0, SEGMENTS, len(drawn))
    seconds = np.sort(rng.integers(0, 3_600, len(drawn)))
    lanes = rng.integers(0, LANES, len(drawn))
    counted: Counter[bytes] = Counter()
    found: list[Consumed] = []
    for cell, segment, second, lane in zip(
        drawn.tolist(), segments.tolist(), seconds.tolist(), lanes.tolist(), strict=True
    ):
        campaign, rest = divmod(cell, SLOTS * ARMS)
        slot, arm = divmod(rest, ARMS)
        names = (f"c{campaign}", f"slot{slot}", f"style{arm % 6}.t{arm // 6}", f"t{arm // 6}", f"s{segment}")
        for size in SIZES_S:
            start = START_MS + (second // size * size * 1_000 if size else 0)
            found.append(_outcome(names, size, start if size else 0, lane, counted, len(found)))
    return found


def _outcome(
    names: tuple[str, str, str, str, str], size: int, start: int, lane: int, counted: Counter[bytes], at: int
) -> Consumed:
    key = "|".join((str(lane), *names, f"{size}:{start}")).encode()
    counted[key] += 1
    n = counted[key]
    counts = r.OutcomeCounts(
        impressions=n, viewable=n // 2, clicks=n // 9, by_exposure=[n, *[0] * 7],
        clicked_by_exposure=[n // 9, *[0] * 7], users=n, campaign_users=1,
    )  # fmt: skip
    campaign_id, slot, arm, template_id, segment = names
    outcome = r.Outcome(
        campaign_id, slot, arm, template_id, segment, start, size, counts, {"EUR": 99 * n}, {"EUR": n},
        generation=1, flush=n, source_partition=lane,
    )  # fmt: skip
    return Consumed(OUTCOME.name, 0, at, START_MS + at, key, msgspec.json.encode(outcome))


def run(campaigns: int, records: int, seed: int) -> dict[str, Any]:
    """CPU of one lane over the records, in halves; keys by window size."""
    log, settings = outcomes(campaigns, records, seed), Settings()
    workload = FeedbackWorkload(settings, FeedbackReference())
    lane = LaneOfOne(workload.layouts)
    keys: set[bytes] = set()
    sent, halves = 0, [0.0, 0.0]
    for start in range(0, len(log), BATCH):
        batch = RecordBatch(OUTCOME.name, 0, log[start : start + BATCH])
        begun = time.process_time()
        lane.visit(lambda view, batch=batch: workload.apply(view, batch), START_MS)  # type: ignore[misc]
        views = (
            [lane.visit(workload.before_flush, START_MS + start)]
            if start % FLUSH == 0 or start + BATCH >= len(log)
            else []
        )
        lane.flush(FENCE)
        halves[2 * start >= len(log)] += time.process_time() - begun
        for view in views:
            said = [
                each.key or b"" for each in one_by_one(view.outputs) if each.topic == CREATIVE_METRIC.name
            ]
            sent += len(said)
            keys.update(said)
    sizes = Counter(key.rpartition(b"|")[2].partition(b":")[0].decode() for key in keys)
    return {
        "campaigns": campaigns,
        "records": len(log),
        "cpu_s_per_million": round(sum(halves) * 1e6 / len(log), 1),
        "second_half_to_first": round(halves[1] / halves[0], 2),
        "metrics_sent": sent,
        "keys": {size: sizes[size] for size in ("60", "3600", "86400", "0")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = [run(campaigns, args.records, args.seed) for campaigns in (8, 1_000)]
    for each in found:
        print(
            f"{each['campaigns']} campaigns, {each['records']:,} outcome records of one hour: "
            f"{each['cpu_s_per_million']} CPU-s per million, the second half {each['second_half_to_first']} "
            f"times the first; keys by window size in s: {each['keys']}"
        )
    print(msgspec.json.encode(found).decode())
    assert all(each["second_half_to_first"] <= HALVES_APART for each in found), "not linear"


if __name__ == "__main__":
    main()

"""The profile agent on one lane in memory: rows do not depend on batches, replays or the order between
topics, and match the oracle."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from agents.profiles.reference import ProfilesReference
from agents.profiles.rows.outcomes import cell_names
from models.earned.counters import COUNTER_FIELDS, Counters, Window
from models.interest.detector.shift import DetectorSettings
from models.money import CURRENCIES
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.settings import Settings
from streams.topics import ARTIFACT, CLICK, CONSENT, CREATIVE, IMPRESSION, REQUEST
from tests.agents.profiles.memory_lane import NOW_MS, Consumed, Log, MemoryLane, users_of_lane
from tests.agents.traffic import add, consent, random_log
from tests.faults.oracle import ANY, SOURCES, Oracle
from tests.models.small_catalogue import catalogue

SETTINGS = Settings()
USERS = users_of_lane(40)
USERS_MANY = users_of_lane(100)


def lane_of(settings: Settings = SETTINGS) -> MemoryLane:
    return MemoryLane(ProfilesReference(settings), settings)


def batches(log: Log, rng: random.Random, most: int) -> Iterator[list[Consumed]]:
    """All records in random batches: consent first, then the topics in any order, each in its own."""
    queues = {topic: list(records) for topic, records in log.records.items()}
    first = queues.pop(CONSENT.name, [])
    yield from (first[start : start + 500] for start in range(0, len(first), 500))
    while queues:
        topic = rng.choice(sorted(queues))
        size = rng.randint(1, most)
        yield queues[topic][:size]
        queues[topic] = queues[topic][size:]
        if not queues[topic]:
            del queues[topic]


def run(log: Log, seed: int, most: int = 60, flush_share: float = 0.2) -> MemoryLane:
    rng, lane = random.Random(seed), lane_of()
    for batch in batches(log, rng, most):
        lane.apply(batch)
        if rng.random() < flush_share:
            lane.flush()
    lane.flush()
    return lane


def payloads(lane: MemoryLane, kinds: str) -> dict[bytes, bytes]:
    """Rows by key; counter rows without the header that the flush puts before them."""
    found = {key: value for key, value in lane.store.items() if chr(key[0]) in kinds}
    return {key: value[88:] if key[:1] == b"a" else value for key, value in found.items()}


def counters_of(lane: MemoryLane) -> dict[tuple[tuple[str, ...], int, int], dict[str, int]]:
    """Counter rows in the oracle's terms, without zeros."""
    found: dict[tuple[tuple[str, ...], int, int], dict[str, int]] = {}
    for key, value in payloads(lane, "a").items():
        window, counters = Window.of_key(key), Counters.of_bytes(value)
        names = cell_names(lane._view(), lane.workload._reference.cells, window.cell)
        counts = dict(zip(COUNTER_FIELDS, counters.counts, strict=True))
        counts |= {f"nth{k}": n for k, n in enumerate(counters.by_exposure)}
        counts |= {f"clicked{k}": n for k, n in enumerate(counters.clicked_by_exposure)}
        counts["users"] = counters.users[0]
        if counters.users[1]:
            everywhere = found.setdefault(((names[0], *ANY), window.size_s, window.start_s), Counter())
            everywhere["campaign_users"] += counters.users[1]
        counts |= {f"value:{CURRENCIES[c]}": value for c, (value, _) in counters.money.items()}
        counts |= {f"micros:{CURRENCIES[c]}": cost for c, (_, cost) in counters.money.items()}
        kept = {name: n for name, n in counts.items() if n}
        if kept:
            found[names, window.size_s, window.start_s] = kept
    return found


def oracle_of(log: Log, order: list[str]) -> Oracle:
    oracle = Oracle()
    for topic in order:
        for record in log.records.get(topic, []):
            assert record.key is not None and record.value is not None
            oracle.apply(topic, record.key, record.value, record.offset, record.timestamp)
    return oracle


ORDER = [
    "ads.consent.v1",
    "ads.creative.v1",
    "ads.click.v1",
    "ads.conversion.v1",
    "ads.impression.v1",
    "ads.behavior.v1",
]


@pytest.mark.parametrize("seed", range(4))
def test_rows_equal_the_oracle_in_any_order_of_topics(seed: int) -> None:
    log = random_log(seed, USERS_MANY, 400)
    oracle = oracle_of(log, ORDER if seed % 2 else ORDER[::-1][-1:] + ORDER[1:][::-1])
    lane = run(log, seed)
    expected = {
        key: kept
        for key, counts in oracle.counters.items()
        if (kept := {n: v for n, v in counts.items() if v})
    }
    assert oracle.evicted == 0
    assert oracle.statuses["duplicate"] > 0 and oracle.statuses["denied"] > 0
    assert counters_of(lane) == expected
    for name, user in oracle.users.items():
        row = lane.row("x", name)
        if user.shown or user.sales:
            assert (
                row["n_shown"] == len(user.shown)
                and row["n_sales"] == len(user.sales)
                and row["n_acts"] == len(user.acts)
            )
            assert row["shown_ts"][: len(user.shown)].tolist() == [s.ts for s in user.shown]


def test_ten_thousand_events_of_many_users_equal_the_oracle() -> None:
    log = random_log(31, users_of_lane(6_000), 10_000)
    assert sum(map(len, log.records.values())) > 10_000
    oracle, lane = oracle_of(log, ORDER), run(log, 31, most=500)
    expected = {
        key: kept
        for key, counts in oracle.counters.items()
        if (kept := {n: v for n, v in counts.items() if v})
    }
    assert oracle.evicted == 0
    assert counters_of(lane) == expected
    for name, user in oracle.users.items():
        fences = [row["fence"] for kind in "cx" if (row := lane.row(kind, name)) is not None]
        assert [int(max(fence[slot] for fence in fences)) for slot in range(len(SOURCES))] == [
            user.fences.get(t, -1) for t in SOURCES
        ]


def test_profiles_of_one_topic_equal_one_event_at_a_time() -> None:
    catalog, rng, log = catalogue(categories=True), random.Random(4), Log()
    for user in USERS[:12]:
        consent(log, user)
    for i in range(1_500):
        user = rng.choice(USERS[:12])
        item = catalog.items[(USERS.index(user) + 7 * (i // 500)) * 3 % len(catalog.items)].item_id
        add(log, CLICK.name, user, NOW_MS + i * 60_000, id=f"k{i}", item_id=item)
    rows = []
    for size in (1_500, 1):
        reference = ProfilesReference(SETTINGS)
        for record in records_of(replace(catalog, detector=DetectorSettings(threshold=3.0, warm_up=4))):
            reference.on_record(ARTIFACT, artifact_key(record), record, (), 0)
        lane = MemoryLane(reference, SETTINGS)
        lane.apply(log.records[CONSENT.name])
        for start in range(0, 1_500, size):
            lane.apply(log.records[CLICK.name][start : start + size])
        lane.flush()
        rows.append(payloads(lane, "cpx"))
        assert len(lane.sent(REQUEST.name)) > 12
    assert rows[0] == rows[1]


def test_rows_equal_the_oracle_when_lists_overflow() -> None:
    """Few users and many events: in the same order of topics, evictions included."""
    log = random_log(21, USERS[:5], 900)
    oracle, lane = oracle_of(log, ORDER), lane_of()
    for topic in ORDER:
        for start in range(0, len(log.records[topic]), 50):
            lane.apply(log.records[topic][start : start + 50])
    lane.flush()
    expected = {
        key: kept
        for key, counts in oracle.counters.items()
        if (kept := {n: v for n, v in counts.items() if v})
    }
    assert oracle.evicted > 100
    assert counters_of(lane) == expected


def test_any_split_of_one_topic_gives_the_same_bytes() -> None:
    log = random_log(11, USERS[:15], 1_500, gap_ms=900)
    one = Log(records={topic: log.records[topic] for topic in (CONSENT.name, IMPRESSION.name)})
    whole, split = run(one, 1, most=500, flush_share=0.0), run(one, 2, most=7, flush_share=0.5)
    assert payloads(whole, "cpxa") == payloads(split, "cpxa")
    assert len(payloads(whole, "x")) >= 13


def test_a_replay_changes_nothing() -> None:
    log = random_log(5, USERS, 600)
    lane = run(log, 5)
    before, sent = payloads(lane, "cpxa"), len(lane.sent(CREATIVE.name))
    again = lane.crashed(ProfilesReference(SETTINGS), SETTINGS)
    for batch in batches(log, random.Random(6), 90):
        again.apply(batch)
    again.flush()
    assert payloads(again, "cpxa") == before
    assert sent == 0 or not again.sent(CREATIVE.name)


def test_a_crash_between_flushes_loses_and_doubles_nothing() -> None:
    log = random_log(8, USERS_MANY, 500)
    expected = run(log, 8)
    rng, lane = random.Random(9), lane_of()
    durable = dict.fromkeys(log.records, 0)
    order = [CONSENT.name, *sorted(set(log.records) - {CONSENT.name})]
    at = dict(durable)
    while any(at[topic] < len(records) for topic, records in log.records.items()):
        open_topics = [topic for topic in order if at[topic] < len(log.records[topic])]
        topic = CONSENT.name if CONSENT.name in open_topics else rng.choice(open_topics)
        batch = log.records[topic][at[topic] : at[topic] + rng.randint(1, 40)]
        lane.apply(batch)
        at[topic] += len(batch)
        if rng.random() < 0.25:
            lane.flush()
            if rng.random() < 0.5:
                durable = dict(at)  # flushed and committed; otherwise flushed only
        if rng.random() < 0.2:
            lane, at = lane.crashed(ProfilesReference(SETTINGS), SETTINGS), dict(durable)
    lane.flush()
    assert counters_of(lane) == counters_of(expected)


def test_click_and_impression_together_ten_thousand_times() -> None:
    """One hot user; both topics a batch apart in turn, so that either may come first."""
    log, user, lane = Log(), USERS[0], lane_of()
    consent(log, user)
    lane.apply(log.records[CONSENT.name])
    n, ahead = 10_000, random.Random(3)
    for i in range(n):
        ts = 1_795_291_200_000 + i * 2_000
        add(log, IMPRESSION.name, user, ts, id=f"i{i}", creative_id=None, campaign_id="c1", slot="native")
        add(log, CLICK.name, user, ts + 500, id=f"k{i}", imp_id=f"i{i}", campaign_id="c1")
    for start in range(0, n, 500):
        for topic in ahead.sample((IMPRESSION.name, CLICK.name), 2):
            lane.apply(log.records[topic][start : start + 500])
    lane.flush()
    total: np.ndarray[tuple[int], np.dtype[np.int64]] = np.zeros(len(COUNTER_FIELDS), np.int64)
    for (_, size, _), counts in counters_of(lane).items():
        if size == 86_400:
            total += [counts.get(name, 0) for name in COUNTER_FIELDS]
    assert total[COUNTER_FIELDS.index("impressions")] == n
    clicks, invalid = (total[COUNTER_FIELDS.index(name)] for name in ("clicks", "invalid_clicks"))
    assert clicks + invalid == n and invalid < 500, "only those that no exposure had come before"
    assert lane.row("p", user)["n_imp"] == lane.row("p", user)["n_click"] == n

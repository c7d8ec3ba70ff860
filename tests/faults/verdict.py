"""The verdict over one run: rows, changelog, outcomes and requests against what the input says, read back
from the topics.

Users of one topic are compared byte for byte with a lane in memory that was never killed; all users with the
oracle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from agents.profiles.reference import ProfilesReference
from models.earned.counters import Field
from models.earned.exposures import EXPOSURES, WHAT
from models.event.consent import CONSENT_ROW
from models.interest.profile import PROFILE
from streams import records as r
from streams.artifacts.catalog_version import records_of
from streams.artifacts.kinds import artifact_key
from streams.rows.ownership import Succession
from streams.rows.rows_on_disk import LaneStore, open_rows
from streams.rows.sparse_rows import unpacked_bytes
from streams.topics import ARTIFACT, CAMPAIGN, CONSENT, CREATIVE, OUTCOME, REQUEST, USER_TOPICS
from streams.worker.app import changelog_of
from tests.agents.profiles.memory_lane import MemoryLane
from tests.faults.cluster import Cluster, campaigns, small_catalogue
from tests.faults.counted import Rows, check_counters
from tests.faults.crowd import SINGLE
from tests.faults.oracle import DAY_S, PLAYED, Oracle, User

BATCH: Final = 37
ORDER: Final = (CONSENT, *(spec for spec in USER_TOPICS if spec is not CONSENT))


@dataclass
class Run:
    """What a run left: input by topic, rows by lane, outputs."""

    inputs: dict[str, list[Any]]
    lanes: list[Rows]
    outcomes: list[Any]
    requests: list[Any]
    rows: Rows = field(default_factory=dict)

    def __post_init__(self) -> None:
        for lane in self.lanes:
            self.rows |= {key: value for key, value in lane.items() if chr(key[0]) in "cpx"}


async def run_of(cluster: Cluster) -> Run:
    """Everything, from the topics."""
    inputs = {spec.name: await cluster.read(spec.name) for spec in USER_TOPICS}
    changelog = await cluster.read(changelog_of(cluster.settings, "profiles").name)
    lanes = [
        compacted(each for each in changelog if each.partition == n)
        for n in range(cluster.settings.partitions)
    ]
    return Run(inputs, lanes, await cluster.read(OUTCOME.name), await cluster.read(REQUEST.name))


def compacted(records: Iterable[Any]) -> Rows:
    """The rows of one lane's changelog as a restore takes them: per key the last that no later owner was
    before; a null removes.

    A worker that slept wakes up with rows of a higher fence than its successor's may ever have: the fences of
    two owners need not be comparable.
    """
    found: Rows = {}
    succession = Succession()
    for each in records:
        beaten = succession.is_beaten(each.headers)
        assert beaten is not None, f"a row without an owner at offset {each.offset}"
        if beaten:
            continue
        if each.value is None:
            found.pop(each.key, None)
        else:
            found[each.key] = each.value
    return found


def stored(folder: Path, partitions: int) -> list[Rows]:
    """Rows of a stopped worker's RocksDB, by lane."""
    lanes = []
    for lane in range(partitions):
        db = open_rows(next(folder.rglob(f"rows-{lane}.db")))
        lanes.append(dict(LaneStore(db).scan(b"", b"")))
        db.close()
    return lanes


class Forgetful(Oracle):
    """Who takes learning and measuring back is forgotten at once."""

    def _state(self, user: User, event: Mapping[str, Any]) -> None:
        before = user.granted or frozenset()
        super()._state(user, event)
        kept = user.granted or frozenset()
        if before - kept & {"profile", "personalise"} and not kept & {"profile", "measure"}:
            for past in (user.ids, user.shown, user.acts, user.sales):
                past.clear()
            user.lost_ts = -DAY_S


def oracles_of(run: Run) -> tuple[Oracle, Oracle]:
    """The rules in plain Python, over users of one topic and over the others."""
    single, mixed = Forgetful(), Forgetful()
    for spec in ORDER:
        for each in run.inputs[spec.name]:
            if each.value is None:
                # the worker withdrew the creative of a user who never agreed: there are no rows it could
                # change
                continue
            user = user_of(each.key)
            (mixed if is_mixed(user) else single).apply(
                spec.name, each.key, each.value, each.offset, each.timestamp
            )
    return single, mixed


def user_of(key: bytes) -> str:
    return key.decode().removeprefix("u:").split("|")[0]


def is_mixed(user: str) -> bool:
    return user.startswith("m")


def check_users(run: Run, *oracles: Oracle) -> int:
    """Fences, consent, exposures, conversions and clicks of every user equal the oracles'. Returns how many
    users."""
    checked = 0
    withdrawn: defaultdict[str, set[int]] = defaultdict(set)
    for each in run.inputs[CREATIVE.name]:
        if each.value is None:
            withdrawn[user_of(each.key)].add(each.offset)
    for oracle in oracles:
        for name, user in oracle.users.items():
            c, x = _row(run, b"c", name, CONSENT_ROW), _row(run, b"x", name, EXPOSURES)
            for spec, slot in ((spec, n) for n, spec in enumerate(USER_TOPICS)):
                fences = [int(row["fence"][slot]) for row in (c, x) if row is not None]
                applied, told = max(fences, default=-1), user.fences.get(spec.name, -1)
                # The null of a creative that was revoked is applied where the user has rows
                nulls = withdrawn[name] if spec is CREATIVE else ()
                assert applied == told or (applied > told and applied in nulls), (name, spec.name)
            granted = {
                purpose
                for k, purpose in enumerate(("profile", "personalise", "measure", "train"))
                if c is not None and c["granted"] >> k & 1
            }
            assert granted == set(user.granted or ()), name
            kept = (
                (x["shown_ts"][: x["n_shown"]].tolist(), int(x["n_sales"]), _reactions(x))
                if x is not None
                else ([], 0, 0)
            )
            # A play is kept where it came before its creative, which the order of topics does not say
            reactions = sum(each.field not in PLAYED.values() for each in user.acts)
            assert kept == ([each.ts for each in user.shown], len(user.sales), reactions), name
            checked += 1
    return checked


def _reactions(x: Any) -> int:
    """Clicks and reactions of a row, without plays of clips."""
    whats = x["act_field"][: x["n_acts"]] & WHAT
    return int(np.count_nonzero((whats < Field.STARTS) | (whats > Field.COMPLETIONS)))


def _row(run: Run, kind: bytes, user: str, dtype: np.dtype[Any]) -> Any:
    value = run.rows.get(kind + user.encode())
    return None if value is None else np.frombuffer(unpacked_bytes(value), dtype)[0]


def unkilled(cluster: Cluster, run: Run) -> tuple[Rows, dict[str, r.CreativeRequest]]:
    """Rows and requests of a worker that never stopped, which takes users of one topic in other batches,
    topic after topic."""
    rows: Rows = {}
    asked: dict[str, r.CreativeRequest] = {}
    for number in range(cluster.settings.partitions):
        lane = MemoryLane(_reference(cluster), cluster.settings, lane=number)
        for spec in USER_TOPICS:
            mine = [
                each
                for each in run.inputs[spec.name]
                if each.partition == number and not is_mixed(user_of(each.key))
            ]
            for count, batch in enumerate(batches(mine)):
                lane.apply(batch)
                if count % 20 == 0:
                    lane.flush()
            lane.flush()
        rows |= {key: value for key, value in lane.store.items() if chr(key[0]) in "cpx"}
        made = [
            msgspec.json.decode(each.value or b"", type=r.CreativeRequest) for each in lane.sent(REQUEST.name)
        ]
        asked |= {each.request_id: each for each in made}
    return rows, asked


def batches(records: Sequence[Any]) -> Iterator[list[Any]]:
    """Small ones; a record that takes consent back begins one, so that all triggers before it ask."""
    batch: list[Any] = []
    for record in records:
        if batch and (len(batch) == BATCH or denies(record)):
            yield batch
            batch = []
        batch.append(record)
    if batch:
        yield batch


def denies(record: Any) -> bool:
    """Whether an event takes consent back."""
    return b'"explicit": {"profile": false' in record.value


def _reference(cluster: Cluster) -> ProfilesReference:
    reference = ProfilesReference(cluster.settings)
    for record in records_of(small_catalogue()):
        reference.on_record(ARTIFACT, artifact_key(record), record, (), 0)
    for campaign in campaigns():
        reference.on_record(CAMPAIGN, campaign.campaign_id, campaign, (), 0)
    return reference


def check_single(cluster: Cluster, run: Run) -> int:
    """Rows of users of one topic, byte for byte, and the requests made for them. Returns how many requests
    there had to be."""
    expected, asked = unkilled(cluster, run)
    found = {key: value for key, value in run.rows.items() if not is_mixed(key[1:].decode())}
    assert found.keys() == expected.keys()
    assert [key for key, value in found.items() if value != expected[key]] == []
    got = {each.request_id for each in decoded(run) if not is_mixed(each.user)}
    assert got <= asked.keys()
    withdrawn, offsets = denials(run), {spec.name: offsets_of(run, spec.name) for spec in SINGLE}
    for missing in (asked[each] for each in asked.keys() - got):
        at = offsets[missing.cause.topic][missing.cause.id]
        batch = range(at, at + cluster.settings.batch_records)
        assert any(offset in batch for offset in withdrawn[missing.user]), (missing.user, missing.cause)
    return len(got)


def denials(run: Run) -> dict[str, list[int]]:
    """Per user of one topic the offsets of events that took consent back. A trigger in the same batch before
    it asks for nothing."""
    found: dict[str, list[int]] = defaultdict(list)
    for spec in SINGLE:
        for each in run.inputs[spec.name]:
            if denies(each):
                found[user_of(each.key)].append(each.offset)
    return found


def offsets_of(run: Run, topic: str) -> dict[str, int]:
    """Event id -> offset of its first record."""
    found: dict[str, int] = {}
    for each in run.inputs[topic]:
        found.setdefault(msgspec.json.decode(each.value)["id"], each.offset)
    return found


def check_mixed_requests(run: Run) -> int:
    """For users of all topics another order may be decided on in a replay; but what their rows say was asked
    for, was asked for."""
    asked: dict[str, set[int]] = defaultdict(set)
    for each in decoded(run):
        asked[each.user].add(each.n_trig)
    total = 0
    for key, value in run.rows.items():
        if key[:1] == b"p" and is_mixed(user := key[1:].decode()):
            triggers = int(np.frombuffer(unpacked_bytes(value), PROFILE)[0]["n_trig"])
            assert asked[user] >= set(range(1, triggers + 1)), user
            total += triggers
    return total


def decoded(run: Run) -> list[r.CreativeRequest]:
    return [msgspec.json.decode(each.value, type=r.CreativeRequest) for each in run.requests]


async def exact(cluster: Cluster) -> Run:
    """The whole verdict over a run of a Crowd."""
    run = await run_of(cluster)
    single, mixed = oracles_of(run)
    assert mixed.evicted == 0, "the order between topics would matter"
    windows = check_counters(run.lanes, run.outcomes, single, mixed)
    users = check_users(run, single, mixed)
    asked = check_single(cluster, run)
    triggers = check_mixed_requests(run)
    assert min(single.evicted, mixed.statuses["duplicate"], mixed.statuses["denied"], asked, triggers) > 0, (
        "the input tests too little"
    )
    sent = len(run.requests) - len({each.request_id for each in decoded(run)})
    print(
        f"exact: {users} users, {windows} counter windows, {asked} + {triggers} requests, {sent} of them "
        "sent again"
    )
    return run

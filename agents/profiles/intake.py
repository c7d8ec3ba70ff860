"""From a fetched batch to records that may be applied: decoded, in the right partition, of known campaigns; the rest has gone elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from agents.profiles.work import Work, refuse
from streams.codecs import decode_batch
from streams.columns import Events, campaign_refusals, columns
from streams.output import Output
from streams.partition import partitions
from streams.records import Consent, Explicit
from streams.refusals import Reason, Reject
from streams.topics import BY_NAME, CONSENT, PRIVACY_REQUEST
from streams.view import Record, RecordBatch, View

RE_SENT: Final = frozenset({CONSENT.name, PRIVACY_REQUEST.name})
"""What a user refuses must not wait for a person: from the wrong partition it is sent to the right one at once."""
WRONG_PARTITION: Final = (
    "the key's partition is another: the producer needs partitioner=murmur2_random (librdkafka, kcat) or Java's default"
)
NOTHING: Final = Explicit(profile=False, personalise=False, measure=False, train=False)


@dataclass(frozen=True)
class Intake:
    """What is left of a batch, all of the same length; `decoded` None = tombstone."""

    topic: str
    decoded: Sequence[Any]
    records: Sequence[Record]

    def keys(self) -> list[bytes]:
        return [record.key for record in self.records]  # type: ignore[misc]


def take(view: View, batch: RecordBatch, work: Work) -> Intake:
    """Decode a batch; refused records become dead letters."""
    decoded, rejects = decode_batch(BY_NAME[batch.topic], batch.records, work.limits)
    refused = {reject.index: reject for reject in rejects}
    away = [i for i in misplaced(batch, work.settings.partitions) if i not in refused]
    for i in away:
        if batch.topic in RE_SENT:
            record = batch.records[i]
            view.send(Output(batch.topic, record.key, record.value, None, list(record.headers)))
        else:
            refused[i] = Reject(i, Reason.WRONG_PARTITION, "validate", WRONG_PARTITION)
    refuse(view, batch, refused.values(), work.settings)
    gone = refused.keys() | set(away)
    if not gone:
        return Intake(batch.topic, decoded, batch.records)
    kept = [i for i in range(len(decoded)) if i not in gone]
    return Intake(batch.topic, [decoded[i] for i in kept], [batch.records[i] for i in kept])


def misplaced(batch: RecordBatch, n: int) -> list[int]:
    """Indices of records whose key belongs to another partition."""
    where = partitions([record.key or b"" for record in batch.records], n)
    return [i for i in np.flatnonzero(where != batch.partition).tolist() if batch.records[i].key is not None]


def events_of(view: View, intake: Intake, work: Work) -> tuple[Events, Intake]:
    """The event array of decoded records; what cannot be one is refused."""
    decoded = intake.decoded
    if intake.topic == CONSENT.name:
        decoded = [_withdrawal(record) if each is None else each for each, record in zip(decoded, intake.records, strict=True)]
    offsets = [record.offset for record in intake.records]
    events, rejects = columns(intake.topic, decoded, offsets, [record.timestamp for record in intake.records], work.ref.items, work.cells)
    rejects += campaign_refusals(intake.topic, decoded, work.ref.campaigns.keys())
    if not rejects:
        return events, replace(intake, decoded=decoded)
    refused = {reject.index: reject for reject in reversed(rejects)}
    refuse(view, RecordBatch(intake.topic, view.lane, intake.records), refused.values(), work.settings)
    kept = [i for i in range(len(decoded)) if i not in refused]
    return events[kept], Intake(intake.topic, [decoded[i] for i in kept], [intake.records[i] for i in kept])


def _withdrawal(record: Record) -> Consent:
    """A null on the consent topic withdraws everything, as of its append time."""
    assert record.key is not None
    return Consent(record.key.decode(), record.timestamp, explicit=NOTHING)

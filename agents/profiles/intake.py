"""From a fetched batch to records that may be applied: decoded, in the right partition, of known campaigns;
the rest has gone elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import numpy as np

from agents.profiles.work import Work, refuse
from models.arrays import Rows
from models.event.layout import CONSENT_KNOWN, NARROWS, NO_LINES
from streams.columns.decoded import Events, columns, order_lines_of
from streams.columns.scanning import scannable, scanned
from streams.mapping.statements import withdrawal
from streams.topics import BY_NAME, CONSENT, CONVERSION, IDENTITY, PRIVACY_REQUEST
from streams.wire.codecs import collected, decode_batch, message
from streams.wire.output import Output
from streams.wire.partition import partitions
from streams.wire.record_columns import offsets_of, record_keys_of, times_of
from streams.wire.refusals import Reason, Reject
from streams.wire.view import ConsumedRecord, RecordBatch, View

RE_SENT: Final = frozenset({CONSENT.name, IDENTITY.name, PRIVACY_REQUEST.name})
"""What a user refuses must not wait for a person: from the wrong partition it is sent to the right one at
once."""
WRONG_PARTITION: Final = (
    "the key's partition is another: the producer needs partitioner=murmur2_random (librdkafka, kcat) or "
    "Java's default"
)

Content = TypeVar("Content", list[Any], Events)


@dataclass(frozen=True)
class Intake(Generic[Content]):
    """The records of a batch that may be applied, and what they say, of the same length: messages (None =
    tombstone), or an EVENT array; LINE (k,) of the orders among them."""

    topic: str
    records: Sequence[ConsumedRecord]
    content: Content
    lines: Rows = field(default_factory=lambda: NO_LINES)

    def keys(self) -> list[bytes]:
        return record_keys_of(self.records)

    def message(self, i: int) -> Any:
        """What record i says in full: of events, the columns alone were kept."""
        return message(BY_NAME[self.topic], self.records[i].value)


def take(view: View, batch: RecordBatch, work: Work) -> Intake[list[Any]]:
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
        return Intake(batch.topic, batch.records, decoded)
    kept = [i for i in range(len(decoded)) if i not in gone]
    return Intake(batch.topic, [batch.records[i] for i in kept], [decoded[i] for i in kept])


def misplaced(batch: RecordBatch, n: int) -> list[int]:
    """Indices of records whose key belongs to another partition."""
    where = partitions(record_keys_of(batch.records), n)
    return [i for i in np.flatnonzero(where != batch.partition).tolist() if batch.records[i].key is not None]


def events_of(view: View, batch: RecordBatch, work: Work) -> Intake[Events]:
    """The events of a batch in its order: the kernel reads what it can, the decoder the rest; what is no
    event is refused."""
    if not scannable(batch.topic):
        return _decoded(view, batch, work)
    ref, n = work.ref, work.settings.partitions
    events, read = scanned(
        batch.topic,
        batch.partition,
        batch.records,
        ref.items,
        work.cells,
        ref.known_campaigns,
        work.limits,
        n,
    )
    if read.all():
        return Intake(batch.topic, batch.records, events)
    left = np.flatnonzero(~read).tolist()
    slow = _decoded(view, RecordBatch(batch.topic, batch.partition, [batch.records[i] for i in left]), work)
    place = {record.offset: i for i, record in enumerate(batch.records)}
    again = [place[record.offset] for record in slow.records]
    events[again] = slow.content
    kept = np.sort(np.concatenate([np.flatnonzero(read), np.array(again, np.int64)]))
    return Intake(batch.topic, [batch.records[i] for i in kept.tolist()], events[kept])


def _decoded(view: View, batch: RecordBatch, work: Work) -> Intake[Events]:
    intake = take(view, batch, work)
    decoded, records = intake.content, intake.records
    if batch.topic == CONSENT.name:
        decoded = [
            withdrawal((record.key or b"").decode(), record.timestamp) if each is None else each
            for each, record in zip(decoded, records, strict=True)
        ]
    offsets, times = offsets_of(records).tolist(), times_of(records).tolist()
    ref = work.ref
    events, rejects = columns(
        batch.topic,
        decoded,
        offsets,
        times,
        ref.items,
        work.cells,
        ref.known_campaigns,
        work.settings.tcf_vendor,
    )
    _narrow_collected(events, records)
    lines = order_lines_of(decoded, offsets, ref.items) if batch.topic == CONVERSION.name else NO_LINES
    if not rejects:
        return Intake(batch.topic, records, events, lines)
    refused = {reject.index: reject for reject in reversed(rejects)}
    refuse(view, RecordBatch(batch.topic, view.lane, records), refused.values(), work.settings)
    kept = [i for i in range(len(decoded)) if i not in refused]
    return Intake(batch.topic, [records[i] for i in kept], events[kept], lines)


def _narrow_collected(events: Events, records: Sequence[ConsumedRecord]) -> None:
    """What a call of a tracker says of consent takes back, and grants nothing: no seal covers it."""
    stating = np.flatnonzero(events["consent"] & CONSENT_KNOWN).tolist()
    events["consent"][[i for i in stating if collected(records[i].headers)]] |= np.uint8(NARROWS)

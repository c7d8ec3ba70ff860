"""What was refused: dead letters with Kafka Connect's headers, what is read back from them, and the alarm on
their share."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from streams.metrics.lanes import DEAD_LETTERS
from streams.topics import BY_NAME, DEAD, PER_USER
from streams.wire.codecs import COMPOSITE_KEY_MAX_BYTES, Headers
from streams.wire.ids import hash64
from streams.wire.output import Output
from streams.wire.partition import partition

BYTES_KEPT: Final = 64 * 1024
"""Of any key and value; a larger value that its topic takes stays with fewer headers: a letter fits, too."""
HEADER_BYTES_KEPT: Final = 16 * 1024
HEADER_BYTES_BESIDE_LARGE: Final = 3 * 1024
MESSAGE_CHARS: Final = 500
CONNECT: Final = "__connect.errors."
OWN: Final = "shiftcast."
REASON: Final = OWN + "reason"
VALUE_SHA256: Final = OWN + "value.sha256"
VALUE_BYTES: Final = OWN + "value.bytes"
VALUE_NULL: Final = OWN + "value.null"
REPLAYED: Final = OWN + "replayed"
"""On a record that was sent again: the id of its dead letter."""
MARK: Final = OWN + "mark.replayed"
"""On a record of ads.dead.v1 that is no letter: it says that the letter of this id was sent again."""
ALARM_SHARE: Final = 0.2
ALARM_LEAST: Final = 100


class Refused(Protocol):
    """The consumed Kafka record that was refused (aiokafka's ConsumerRecord is one)."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


def letter_id(topic: str, partition: int, offset: int) -> str:
    """A dead letter is named by where its record came from, so a replay of the input makes the same one
    again."""
    return f"{topic}/{partition}/{offset}"


def dead_letter(record: Refused, app_id: str, stage: str, reason: str, message: str) -> Output:
    """The refused record for `ads.dead.v1`: key, bytes and headers as they came, why and where in headers. It
    is counted here.

    Of a value that no reader of its topic would take, even if it were sent again, and of one over 64 KB under
    a key that none would take, only the SHA-256 and the length travel on.
    """
    DEAD_LETTERS.labels(record.topic, stage, str(reason)).inc()
    value = record.value
    why = [
        (CONNECT + "topic", record.topic.encode()),
        (CONNECT + "partition", str(record.partition).encode()),
        (CONNECT + "offset", str(record.offset).encode()),
        (CONNECT + "connector.name", app_id.encode()),
        (CONNECT + "stage", stage.encode()),
        (CONNECT + "exception.class.name", b"Rejected"),
        (CONNECT + "exception.message", message[:MESSAGE_CHARS].encode("utf-8", "replace")),
        (REASON, str(reason).encode()),
        (OWN + "id", letter_id(record.topic, record.partition, record.offset).encode()),
    ]
    if value is None:
        why.append((VALUE_NULL, b"1"))
    elif len(value) > _most_bytes(record):
        why += [
            (VALUE_SHA256, hashlib.sha256(value).hexdigest().encode()),
            (VALUE_BYTES, str(len(value)).encode()),
        ]
        value = b""
    key = record.key if record.key is None or len(record.key) <= BYTES_KEPT else None
    room = HEADER_BYTES_KEPT if len(value or b"") <= BYTES_KEPT else HEADER_BYTES_BESIDE_LARGE
    original = [
        (name, bytes(data or b"")) for name, data in record.headers if name == REPLAYED or not _ours(name)
    ]
    if sum(len(name) + len(data) for name, data in original) > room:
        original = []
    # No key would make the client choose a partition at random on each replay
    where = None if key else record.partition
    return Output(DEAD.name, key, value if value is not None else b"", where, original + why)


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter as it is listed and replayed."""

    id: str
    topic: str
    partition: int
    offset: int
    reason: str
    stage: str
    app_id: str
    message: str
    when_ms: int
    size: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]  # the original ones
    whole: bool  # False: only hash and length were kept, it cannot be sent again

    @classmethod
    def of(cls, record: Any) -> DeadLetter:
        """From a record of ads.dead.v1; what is missing in a foreign one is empty."""
        why = {
            name: bytes(data or b"").decode("utf-8", "replace")
            for name, data in record.headers
            if _ours(name)
        }
        topic = why.get(CONNECT + "topic", "")
        part, offset = _number(why.get(CONNECT + "partition")), _number(why.get(CONNECT + "offset"))
        null = VALUE_NULL in why
        return cls(
            id=letter_id(topic, part, offset),
            topic=topic,
            partition=part,
            offset=offset,
            reason=why.get(REASON, "unknown"),
            stage=why.get(CONNECT + "stage", ""),
            app_id=why.get(CONNECT + "connector.name", ""),
            message=why.get(CONNECT + "exception.message", ""),
            when_ms=record.timestamp,
            size=_number(why.get(VALUE_BYTES)) if VALUE_BYTES in why else len(record.value or b""),
            key=record.key,
            value=None if null else record.value,
            headers=tuple((name, bytes(data or b"")) for name, data in record.headers if not _ours(name)),
            whole=VALUE_SHA256 not in why and bool(topic),
        )

    @property
    def key_hash(self) -> str:
        """The key as an operator may see it."""
        return f"{hash64(self.key):016x}" if self.key is not None else ""

    def again(self, partitions: int) -> Output:
        """The original record for its original topic: same bytes, same headers, same event id, the user's own
        partition.

        A header marks it as replayed; records of topics without users go back to the partition they came
        from.
        """
        where = partition(self.key, partitions) if self.key and self.topic in PER_USER else self.partition
        kept = [pair for pair in self.headers if pair[0] != REPLAYED]
        return Output(self.topic, self.key, self.value, where, [*kept, (REPLAYED, self.id.encode())])

    def mark(self) -> Output:
        """The record that keeps this letter from being sent again a second time."""
        return Output(
            DEAD.name, self.key, b"", None if self.key else self.partition, [(MARK, self.id.encode())]
        )


def dead_letters_of(records: Iterable[Any]) -> tuple[list[DeadLetter], set[str]]:
    """Dead letters among the records of ads.dead.v1, oldest first and each once, and the ids that were sent
    again already."""
    letters: dict[str, DeadLetter] = {}
    replayed: set[str] = set()
    for record in records:
        marks = [bytes(data) for name, data in record.headers if name == MARK]
        if marks:
            replayed.add(marks[0].decode())
        else:
            letter = DeadLetter.of(record)
            letters.setdefault(letter.id, letter)
    return sorted(
        letters.values(), key=lambda each: (each.when_ms, each.topic, each.partition, each.offset)
    ), replayed


class DeadLetterRate:
    """Share of refused records in the last `window_ms`: above 20 % it is a bad deploy, not bad data. Time
    comes from the caller."""

    def __init__(
        self, window_ms: int = 60_000, alarm_share: float = ALARM_SHARE, least: int = ALARM_LEAST
    ) -> None:
        self._window_ms = window_ms
        self._alarm_share = alarm_share
        self._least = least
        self._seen: deque[tuple[int, int, int]] = deque()
        self._taken = 0
        self._refused = 0
        self._totals = (0, 0)

    def add(self, now_ms: int, taken: int, refused: int) -> None:
        """Count one batch: `taken` records in all, `refused` among them."""
        self._seen.append((now_ms, taken, refused))
        self._taken += taken
        self._refused += refused

    def observe(self, now_ms: int, taken_total: int, refused_total: int) -> float:
        """Count by totals that only grow (counters of metrics) instead of batch by batch; returns the
        share."""
        self.add(now_ms, taken_total - self._totals[0], refused_total - self._totals[1])
        self._totals = (taken_total, refused_total)
        return self.share(now_ms)

    def share(self, now_ms: int) -> float:
        """Refused / taken over the window, 0 without records."""
        while self._seen and self._seen[0][0] <= now_ms - self._window_ms:
            _when, taken, refused = self._seen.popleft()
            self._taken -= taken
            self._refused -= refused
        return self._refused / self._taken if self._taken else 0.0

    def alarm(self, now_ms: int) -> bool:
        """Is the share too high, on at least `least` records?"""
        return self.share(now_ms) > self._alarm_share and self._taken >= self._least


def _most_bytes(record: Refused) -> int:
    spec = BY_NAME.get(record.topic)
    if spec is None or len(record.key or b"") > COMPOSITE_KEY_MAX_BYTES:
        return BYTES_KEPT
    return max(BYTES_KEPT, spec.value_bytes)


def _ours(name: str) -> bool:
    return name.startswith((CONNECT, OWN))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0

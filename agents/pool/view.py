"""The followed pool: all entries of ads.copy.v1 by what they stand on, and the texts of as many as there is
room for, of the items that were asked for last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from agents.pool.basis import mark_of
from models.choice.headlines import headline_hash
from models.text.variety import Pairs, said_pairs
from streams import records as r
from streams.metrics.pool import POOL_BYTES, POOL_ENTRIES
from streams.wire.codecs import encode

INDEX_BYTES: Final = 400
"""What an entry takes beside its text."""
_decoder: Final = msgspec.json.Decoder(r.CopyEntry)

Offered = tuple[str, str]
"""Campaign and item."""


class KeptEntry(NamedTuple):
    """One entry. `text` None: it is cold, there was no room for it."""

    slot: str
    locale: str
    style: str
    number: int
    status: str
    mark: int
    expires_ms: int
    headline: int
    copy_id: str
    text: bytes | None

    def entry(self) -> r.CopyEntry:
        """The whole of one that is not cold."""
        assert self.text is not None
        return _decoder.decode(self.text)


class PoolView:
    """By campaign and item. `changes` rises with each record."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: dict[Offered, dict[str, KeptEntry]] = {}
        self._offered: dict[str, Offered] = {}  # by key of an entry
        self._warm: OrderedDict[Offered, None] = OrderedDict()  # the one asked for last at the end
        self.changes = 0

    def __len__(self) -> int:
        return len(self._offered)

    @property
    def is_full(self) -> bool:
        """Whether a new entry makes another item cold."""
        return self._bytes > 0.95 * self._most_bytes

    def take(self, key: str, record: r.Record | None) -> None:
        """What a Follower of ads.copy.v1 brings; None = the entry is gone."""
        self._drop(key)
        if isinstance(record, r.CopyEntry):
            offered, kept = (record.campaign_id, record.item_id), _kept(record)
            self._offered[key] = offered
            self._entries.setdefault(offered, {})[key] = kept
            self._warm.setdefault(offered, None)
            self._bytes += _bytes_of(kept)
            while self._bytes > self._most_bytes and self._warm:
                self._cool(self._warm.popitem(last=False)[0])
        self.changes += 1
        POOL_ENTRIES.set(len(self._offered))
        POOL_BYTES.set(self._bytes)

    def of(self, offered: Offered) -> dict[str, KeptEntry]:
        """Entries of a campaign and item, by key."""
        return self._entries.get(offered, {})

    def ask(self, offered: Offered) -> dict[str, KeptEntry]:
        """`of` for a request: texts of other items have to go first."""
        if offered in self._warm:
            self._warm.move_to_end(offered)
        return self.of(offered)

    def offered(self) -> Iterator[tuple[Offered, dict[str, KeptEntry]]]:
        """Everything that is there now."""
        for offered in list(self._entries):
            yield offered, dict(self.of(offered))

    def _drop(self, key: str) -> None:
        offered = self._offered.pop(key, None)
        if offered is None:
            return
        entries = self._entries[offered]
        self._bytes -= _bytes_of(entries.pop(key))
        if not entries:
            del self._entries[offered]
            self._warm.pop(offered, None)

    def _cool(self, offered: Offered) -> None:
        for key, each in self._entries[offered].items():
            self._bytes -= len(each.text or b"")
            self._entries[offered][key] = each._replace(text=None)


def said_by_entries(entries: Iterable[KeptEntry]) -> Pairs:
    """Neighbouring words of what entries say; of cold ones nothing is known."""
    texts = (each.entry().copy for each in entries if each.text is not None)
    return frozenset[tuple[str, str]]().union(
        *(said_pairs(text.headline, text.description) for text in texts)
    )


def _bytes_of(kept: KeptEntry) -> int:
    return INDEX_BYTES + len(kept.text or b"")


def _kept(entry: r.CopyEntry) -> KeptEntry:
    return KeptEntry(
        entry.slot,
        entry.locale,
        entry.style,
        entry.number,
        entry.status,
        mark_of(entry.basis, entry.status),
        entry.expires,
        headline_hash(entry.copy.headline),
        entry.copy_id,
        encode(entry),
    )

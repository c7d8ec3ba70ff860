"""Files of creatives that must not be had any more: an erased user's, as their tombstones name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agents.rendering.files.file_names import NAME
from agents.rendering.files.store import AssetStore
from streams.wire.view import ConsumedRecord
from streams.wire.withdrawals import withdrawn_creative, withdrawn_files


class Gone(NamedTuple):
    """A creative, and the name of its files."""

    creative_id: str
    name: str


def gone_of(records: Iterable[ConsumedRecord]) -> list[Gone]:
    """What a batch of ads.creative.v1 says is to go; creatives, and tombstones that name no files of a
    store, are not read."""
    found = []
    for record in records:
        name = withdrawn_files(record.headers) or ""
        if record.value is None and NAME.fullmatch(name):
            found.append(Gone(withdrawn_creative(record.headers) or "", name))
    return found


def let_go(store: AssetStore, gone: Sequence[Gone], now_ms: int) -> None:
    """The mark first: whoever holds the files for such a creative from now on, asks for it afterwards. Raises
    OSError."""
    for each in gone:
        store.mark_gone(each.creative_id, now_ms)
        store.let_go(each.name, each.creative_id, now_ms)


def gone_meanwhile(store: AssetStore, named: Mapping[str, str], now_ms: int) -> set[str]:
    """Which of these creatives, by id, must not be published: they were let go while their files, by name,
    were made, which go as well. Raises OSError."""
    gone = [Gone(each, name) for each, name in named.items() if store.is_gone(each)]
    let_go(store, gone, now_ms)
    return {each.creative_id for each in gone}

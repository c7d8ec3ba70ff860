"""Whether an id that a person typed is known: what revokes nothing should not look as if it did."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import msgspec
from aiokafka.errors import KafkaError

from models.revocations import SWITCH, template_in
from streams.broker.read_once import read_topics
from streams.loud_end import RefusedError, line_of
from streams.settings import Settings
from streams.topics import CAMPAIGN, CATALOG, COPY, CREATIVE

LOOK_UP_S: Final = 10.0
_TOPIC: Final = {
    "campaign": CAMPAIGN,
    SWITCH: CAMPAIGN,
    "template": CAMPAIGN,
    "item": CATALOG,
    "creative": CREATIVE,
    "copy": COPY,
    "picture": CREATIVE,
}
_LIVES_ON: Final = ("creative", "copy", "picture")
"""Kinds that a newer record of the key does not end: what they are is in creatives that were made of them. Of
the others only what the newest record says stands."""
_COMPARED: Final = 50_000
"""Ids among which the nearest is looked for: more take seconds."""


@dataclass(frozen=True)
class LookedUp:
    """`known` None: nobody looked, or for `why` it could not be found out. `near`: the id most like it."""

    known: bool | None
    near: str = ""
    why: str = ""


class _Template(msgspec.Struct):
    template_id: str


class _Asset(msgspec.Struct):
    shown: list[str] = []


class _Named(msgspec.Struct):
    """The ids that a record holds."""

    templates: list[_Template] = []
    creative_id: str = ""
    copy_id: str = ""
    assets: list[_Asset] = []


async def look_up(settings: Settings, kind: str, id: str) -> LookedUp:
    """Reads the topic of the kind, for `LOOK_UP_S` at most."""
    topic, standing = _TOPIC[kind].name, _Standing(kind)
    try:
        async with asyncio.timeout(LOOK_UP_S), aclosing(read_topics(settings, [topic])) as records:
            async for raw in records:
                if id in standing.take(raw.key or b"", raw.value) and kind in _LIVES_ON:
                    return LookedUp(True)
    except TimeoutError:
        if id in standing.ids():
            return LookedUp(True)
        return LookedUp(None, why=f"{topic} was not read to its end within {LOOK_UP_S:g} s")
    except (RefusedError, KafkaError, OSError) as error:
        return LookedUp(None, why=line_of(error))
    ids = standing.ids()
    if id in ids:
        return LookedUp(True)
    near = get_close_matches(id, ids, n=1) if len(ids) <= _COMPARED else []
    return LookedUp(False, near[0] if near else "")


class _Standing:
    """The ids of one kind that stand after all records taken so far."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._of_key: dict[bytes, set[str]] = {}

    def take(self, key: bytes, value: bytes | None) -> set[str]:
        """The next record of its topic; the ids that its key holds then. One that cannot be read changes
        nothing, as for those who obey."""
        try:
            record = None if value is None else msgspec.json.decode(value, type=_Named)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self._of_key.get(key, set())
        ids = set() if record is None else _ids(self._kind, key.decode(errors="replace"), record)
        if self._kind in _LIVES_ON:
            ids |= self._of_key.get(key, set())
        self._of_key[key] = ids
        return ids

    def ids(self) -> set[str]:
        """All of them."""
        return set().union(*self._of_key.values())


def _ids(kind: str, key: str, record: _Named) -> set[str]:
    if kind == "template":
        own = [each.template_id for each in record.templates]
        return {*own, *(template_in(key, each) for each in own)}
    if kind == "picture":
        return {id for each in record.assets for id in each.shown}
    if kind in _LIVES_ON:
        return {record.creative_id if kind == "creative" else record.copy_id} - {""}
    return {key}

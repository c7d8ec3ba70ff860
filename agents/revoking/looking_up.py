"""Whether an id that a person typed is known: what revokes nothing should not look as if it did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import orjson
from aiokafka.errors import KafkaError

from models.revocations import SWITCH, template_in
from streams.broker.follow import read_topics
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
}
_COMPARED: Final = 50_000
"""Ids among which the nearest is looked for: more take seconds."""


@dataclass(frozen=True)
class LookedUp:
    """`known` None: nobody looked, or for `why` it could not be found out. `near`: the id most like it."""

    known: bool | None
    near: str = ""
    why: str = ""


async def look_up(settings: Settings, kind: str, id: str) -> LookedUp:
    """Reads the topic of the kind until the id comes, for `LOOK_UP_S` at most."""
    topic, seen = _TOPIC[kind].name, set[str]()
    try:
        async with asyncio.timeout(LOOK_UP_S), aclosing(read_topics(settings, [topic])) as records:
            async for raw in records:
                ids = set(_ids(kind, raw.key.decode(errors="replace"), raw.value))
                if id in ids:
                    return LookedUp(True)
                seen |= ids
    except TimeoutError:
        return LookedUp(None, why=f"{topic} was not read to its end within {LOOK_UP_S:g} s")
    except (RefusedError, KafkaError, OSError) as error:
        return LookedUp(None, why=line_of(error))
    near = get_close_matches(id, seen, n=1) if len(seen) <= _COMPARED else []
    return LookedUp(False, near[0] if near else "")


def _ids(kind: str, key: str, value: bytes | None) -> Iterator[str]:
    if kind in ("campaign", SWITCH, "item"):
        yield key
        return
    record = _read(value)
    if kind == "template":
        for each in record.get("templates") or ():
            yield str(each.get("template_id"))
            yield template_in(key, str(each.get("template_id")))
    elif f"{kind}_id" in record:
        yield str(record[f"{kind}_id"])


def _read(value: bytes | None) -> dict[str, Any]:
    try:
        record = orjson.loads(value or b"{}")
    except ValueError:
        return {}  # a dead letter by now
    return record if isinstance(record, dict) else {}

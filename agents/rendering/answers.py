"""Where the pictures of a creative go: a user's comes again with them, a shared one's are told to whoever
keeps the shelf. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agents.creatives.pictures import drawn_of, next_version
from agents.creatives.publication import creative_output
from streams import records as r
from streams.artifacts.outputs import artifact_output
from streams.artifacts.pictured import Pictured, pictured_record
from streams.wire.output import Output
from streams.wire.topic_codec import creative_key

_HOUR_MS: Final = 3_600_000


def held_until_ms(creative: r.Creative) -> int:
    """How long the files must be there. A shared creative is published again, with the same picture, when the
    one before has still some time to live."""
    return creative.expires + (0 if for_one_user(creative) else _HOUR_MS)


def for_one_user(creative: r.Creative) -> bool:
    """Whether nobody else is shown it."""
    return creative.audience.type == "user"


def render_answer(
    request: r.RenderRequest, assets: Sequence[r.Asset], kept_ms: int, partitions: int, now_ms: int
) -> Output | None:
    """What to publish. No assets: there are none to be had, which only a shelf has to know, lest it asks
    again. `kept_ms`: how long a file stays after the time it is held until."""
    creative = request.creative
    key = creative_key(creative)
    if for_one_user(creative):
        made = next_version(request, assets)
        if not assets or made.assets == creative.assets:  # the first version named them already
            return None
        return creative_output(key, made, partitions, now_ms)
    until_ms = held_until_ms(creative) + kept_ms
    told = Pictured(creative.creative_id, creative.version, drawn_of(request), until_ms, list(assets))
    return artifact_output(pictured_record(key, told), now_ms)

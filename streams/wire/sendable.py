"""What a command is about to send, read first as every reader will read it: a record that is refused must not
be said to stand, nor stand in place of a good one."""

from __future__ import annotations

from collections.abc import Sequence

from streams.loud_end import RefusedError
from streams.topics import BY_NAME
from streams.wire.codecs import Rejected, WireLimits, decode
from streams.wire.output import Output


def check_sendable(outputs: Sequence[Output], limits: WireLimits, now_ms: int) -> None:
    """Raises RefusedError for the first that would become a dead letter."""
    for each in outputs:
        spec = BY_NAME.get(each.topic)
        if spec is None or spec.record is None:
            continue
        try:
            decode(spec, each.value, each.key, each.headers, now_ms, limits)
        except Rejected as refused:
            raise RefusedError(
                f"nothing was sent: every reader of {spec.name} would refuse this record: {refused.message}"
            ) from None

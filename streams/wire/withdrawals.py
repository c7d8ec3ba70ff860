"""The one tombstone of a creative: a null value for its key, with the creative that is meant in a header.

A key may carry a newer creative by the time a tombstone is read: whoever knows that one publishes it again.
"""

from __future__ import annotations

from typing import Final

from streams.topics import CREATIVE
from streams.wire.codecs import Headers, headers
from streams.wire.output import Output

CAP_REACHED: Final = "cap"
"""Cause of the withdrawal of a user's creatives once he has seen enough of their campaign."""
CREATIVE_CAP_REACHED: Final = "cap-creative"
"""Of one creative, once the user has seen enough of it alone."""
DENIED_CAUSE: Final = "denied"
"""Of a user's creatives once he takes a purpose back."""
ERASED_CAUSE: Final = "erased"
WITHDRAWN_HEADER: Final = "creative_id"
FILES_HEADER: Final = "files"


def withdrawal_output(
    key: str, creative_id: str, cause: str, partition: int, now_ms: int, files: str = ""
) -> Output:
    """Withdraws one creative from ad servers. `ce_id` is `<creative_id>-<cause>`: a replay makes it again.
    `files`: the name of its picture or clip, where it must not be had any more either."""
    stamped = headers(CREATIVE.withdrawn_type, f"{creative_id}-{cause}", now_ms)
    named = [(WITHDRAWN_HEADER, creative_id.encode())]
    if files:
        named.append((FILES_HEADER, files.encode()))
    return Output(CREATIVE.name, key.encode(), None, partition, [*stamped, *named])


def withdrawn_creative(headers: Headers) -> str | None:
    """Which creative a tombstone means; None when it does not say."""
    return _said(headers, WITHDRAWN_HEADER)


def withdrawn_files(headers: Headers) -> str | None:
    """The name of the files that go with a tombstone's creative; None where none do."""
    return _said(headers, FILES_HEADER)


def withdrawn_because(headers: Headers) -> str | None:
    """The cause of a tombstone of ours; None when it does not say."""
    given = {name: bytes(value).decode("utf-8", "replace") for name, value in headers}
    creative_id = given.get(WITHDRAWN_HEADER)
    if creative_id is None or not given.get("ce_id", "").startswith(f"{creative_id}-"):
        return None
    return given["ce_id"].removeprefix(f"{creative_id}-")


def _said(headers: Headers, header: str) -> str | None:
    named = (bytes(value) for name, value in headers if name == header)
    return next((value.decode("utf-8", "replace") for value in named), None)

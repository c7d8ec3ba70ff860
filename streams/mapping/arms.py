"""The posterior of one arm, to ads.arm.v1."""

from __future__ import annotations

from streams.records import ArmPosterior
from streams.topics import ARM
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.topic_codec import codec_of


def arm_output(record: ArmPosterior, now_ms: int) -> Output:
    """As it is published at `now_ms`."""
    key = codec_of(ARM).key_of(record) or ""
    stamped = headers(ARM.ce_type, f"{key}|{record.version}", now_ms)
    return Output(ARM.name, key.encode(), encode(record), 0, stamped)

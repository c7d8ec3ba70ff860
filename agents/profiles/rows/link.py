"""Row `i` of a user: the link that he states, and what his partner said last. The link counts while the
partner is known to state it too.

Statements and summaries have no fence: they come again after a crash, each topic in its own order. A
statement that is older than the one kept changes nothing, nor does a summary.
"""

from __future__ import annotations

from typing import Final

import msgspec

from models.event.consent import ALL_PURPOSES
from models.event.layout import Purpose
from streams import records as r
from streams.wire.view import ConsumedRecord, View

NEVER: Final = (0, 0)


class LinkRow(msgspec.Struct, array_like=True, frozen=True):
    """What stands in it."""

    partner: str
    stated: int  # append time of the statement
    offset: int  # and its place on ads.identity.v1
    heard: r.PartnerSummary | None = None  # None: the partner is not known to state the link
    ended: tuple[int, int] = NEVER  # (term, flush) at which the partner last ended a link with this user
    told: int = 0  # hash of what the partner was told last, 0 nothing
    heard_ms: int = 0  # append time of what the partner said last, an end included
    heard_offset: int = -1  # and its place on ads.partner.v1


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(LinkRow)


def link_key(user: bytes) -> bytes:
    return b"i" + user


def link_row_of(payload: bytes | None) -> LinkRow | None:
    """What stands in row i."""
    return None if payload is None else _decoder.decode(payload)


def read_link(view: View, user: bytes) -> LinkRow | None:
    """The link that a user states, None = there is none."""
    return link_row_of(view.get(link_key(user)))


def write_link(view: View, user: bytes, row: LinkRow | None) -> None:
    view.put(link_key(user), None if row is None else _encoder.encode(row))


def with_statement(row: LinkRow | None, partner: str, stated: int, offset: int) -> LinkRow | None:
    """The row after a statement; None when it is not newer than the one that stands. Whoever names another
    partner has heard nothing of that one."""
    if row is None or row.partner != partner:
        return LinkRow(partner, stated, offset) if row is None or offset > row.offset else None
    return msgspec.structs.replace(row, stated=stated, offset=offset) if offset > row.offset else None


def with_summary(row: LinkRow, said: r.PartnerSummary, record: ConsumedRecord) -> LinkRow | None:
    """The row after a summary of its partner; None when it is older than what is known.

    A lane that lost its rows counts from the beginning again, and says at first that it knows nobody: what
    it says from then on counts, and what is known until then stays.
    """
    if is_known(row, record):
        return None
    row = _heard_until(row, record)
    if (said.term, said.flush) >= max(row.ended, _version(row.heard)):
        return msgspec.structs.replace(row, heard=said)
    if said.allows is not None:
        return None
    known = said
    if row.heard is not None:
        known = msgspec.structs.replace(row.heard, stated=said.stated, term=said.term, flush=said.flush)
    return msgspec.structs.replace(row, heard=known, ended=NEVER)


def with_end(row: LinkRow, term: int, flush: int, record: ConsumedRecord) -> LinkRow:
    """The row after its partner ended the link at (term, flush)."""
    return msgspec.structs.replace(_heard_until(row, record), heard=None, ended=(term, flush))


def is_known(row: LinkRow, record: ConsumedRecord) -> bool:
    """Whether the partner said this before, or something since: then it is read again. Numbers of an end
    decide nothing: a lane that lost its rows counts from the beginning, and nobody may go on with what was
    ended. A broker's clock may step back, and a topic made anew counts its places anew: news is what is later
    by one of the two."""
    return record.offset <= row.heard_offset and record.timestamp <= row.heard_ms


def _heard_until(row: LinkRow, record: ConsumedRecord) -> LinkRow:
    return msgspec.structs.replace(
        row,
        heard_ms=max(row.heard_ms, record.timestamp),
        heard_offset=max(row.heard_offset, record.offset),
    )


def denied_by(heard: r.PartnerSummary | None) -> int:
    """Purpose bits that a partner does not grant; 0 while the link does not count."""
    if heard is None or heard.allows is None:
        return 0
    granted = sum(int(p) for p in Purpose if p.name and getattr(heard.allows, p.name.lower()))
    return ALL_PURPOSES & ~granted


def heard_of(view: View, user: bytes, linked: bool) -> r.PartnerSummary | None:
    """What the partner of a user knows, None = nothing or no partner."""
    row = read_link(view, user) if linked else None
    return None if row is None or row.heard is None or row.heard.allows is None else row.heard


def _version(heard: r.PartnerSummary | None) -> tuple[int, int]:
    return NEVER if heard is None else (heard.term, heard.flush)

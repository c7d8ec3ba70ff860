"""A user's statement on ads.identity.v1 and the null that withdraws it; the null on ads.partner.v1 that ends
a link."""

from __future__ import annotations

from typing import Final, NamedTuple

from streams import records as r
from streams.topics import IDENTITY, PARTNER
from streams.wire.codecs import Headers, encode, headers
from streams.wire.ids import link_id
from streams.wire.output import Output
from streams.wire.topic_codec import partner_key

ERASED: Final = "erased"
WITHDRAWN: Final = "withdrawn"
END_HEADERS: Final = ("cause", "of", "term", "flush")
"""As the fields of LinkEnd."""


def statement_output(user: str, partner: str, ts_ms: int) -> Output:
    """`user` states that `partner` is the same person."""
    head = headers(IDENTITY.ce_type, link_id(user, partner, ts_ms), ts_ms)
    return Output(IDENTITY.name, user.encode(), encode(r.IdentityLink(user, partner, ts_ms)), None, head)


def unlink_output(user: str, cause_ms: int, now_ms: int) -> Output:
    """What `user` stated counts no more. `cause_ms`: when what ends it happened; a replay makes the same
    id."""
    head = headers(IDENTITY.withdrawn_type, link_id(user, "", cause_ms), now_ms)
    return Output(IDENTITY.name, user.encode(), None, None, head)


class LinkEnd(NamedTuple):
    """Why a summary is withdrawn. of: append time of the receiver's statement that ends with it, 0 = none:
    the sender never knew of one."""

    cause: str
    of: int
    term: int
    flush: int


def end_output(sender: str, receiver: str, end: LinkEnd, where: int, now_ms: int) -> Output:
    """The null for what `sender` told, with the end in headers; `where`: the receiver's partition."""
    key = partner_key(receiver, sender)
    head = headers(PARTNER.withdrawn_type, f"{key}|{end.term}|{end.flush}|{end.cause}", now_ms)
    said = [(name, str(value).encode()) for name, value in zip(END_HEADERS, end, strict=True)]
    return Output(PARTNER.name, key.encode(), None, where, [*head, *said])


def end_of(head: Headers) -> LinkEnd:
    """The end that a null says; of one that says nothing, the oldest there can be."""
    said = {name: bytes(value).decode("utf-8", "replace") for name, value in head if name in END_HEADERS}
    of, term, flush = (_number(said.get(name, "")) for name in END_HEADERS[1:])
    return LinkEnd(said.get(END_HEADERS[0], ""), of, term, flush)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0

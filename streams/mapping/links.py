"""A user's statement on ads.identity.v1, and the null that withdraws it."""

from __future__ import annotations

from streams import records as r
from streams.topics import IDENTITY
from streams.wire.codecs import encode, headers
from streams.wire.ids import link_id
from streams.wire.output import Output


def statement_output(user: str, partner: str, ts_ms: int) -> Output:
    """`user` states that `partner` is the same person."""
    head = headers(IDENTITY.ce_type, link_id(user, partner, ts_ms), ts_ms)
    return Output(IDENTITY.name, user.encode(), encode(r.IdentityLink(user, partner, ts_ms)), None, head)


def unlink_output(user: str, cause_ms: int, now_ms: int) -> Output:
    """What `user` stated counts no more. `cause_ms`: when what ends it happened; a replay makes the same
    id."""
    head = headers(IDENTITY.withdrawn_type, link_id(user, "", cause_ms), now_ms)
    return Output(IDENTITY.name, user.encode(), None, None, head)

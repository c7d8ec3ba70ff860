"""Linked pseudonyms: what a user states on ads.identity.v1, what a partner says on ads.partner.v1.

A link counts where both users state it: each then knows of the other what its own consent allows, what either
denies is denied to both, and either ends it for both. Each keeps rows, counters and money of its own.
"""

from __future__ import annotations

import re
from typing import Any, Final

from agents.profiles.erasure import consent_lost
from agents.profiles.intake import Intake, take
from agents.profiles.linked import end_link, tell_partner, tell_unlinked, withdraw_capped_together
from agents.profiles.rows.link import (
    LinkRow,
    denied_by,
    is_known,
    read_link,
    with_end,
    with_statement,
    with_summary,
    write_link,
)
from agents.profiles.work import Users, Work, load_users, refuse
from models.event.layout import Purpose
from streams import records as r
from streams.mapping.links import ERASED, WITHDRAWN, LinkEnd, end_of, unlink_output
from streams.metrics.profiles import LINKS
from streams.records.base import USER_PATTERN
from streams.wire.refusals import Reason, Reject
from streams.wire.view import ConsumedRecord, RecordBatch, View

_LOST: Final = int(Purpose.PROFILE | Purpose.PERSONALISE)
NO_PARTNER: Final = (
    "`partner` is the user itself or no user key (1 to 128 characters of A-Z a-z 0-9 _ -): name the other "
    "pseudonym"
)


def apply_statements(view: View, batch: RecordBatch, work: Work) -> None:
    """One batch of ads.identity.v1."""
    intake = _of_users(view, take(view, batch, work), work)
    if not intake.records:
        return
    index, users = load_users(view, intake.keys())
    for user, record, said in zip(index.tolist(), intake.records, intake.content, strict=True):
        row = read_link(view, users.keys[user])
        if said is None:
            if row is not None and record.offset > row.offset:
                end_link(view, users, user, row, WITHDRAWN, work)
        elif record.timestamp > int(users.consent["erased_ts"][user]):
            _state(view, users, user, row, record, said, work)
    users.mark(view)


def apply_summaries(view: View, batch: RecordBatch, work: Work) -> None:
    """One batch of ads.partner.v1."""
    intake = take(view, batch, work)
    if not intake.records:
        return
    parties = [(record.key or b"").partition(b"|")[::2] for record in intake.records]
    index, users = load_users(view, [receiver for receiver, _ in parties])
    for user, (_, sender), record, said in zip(
        index.tolist(), parties, intake.records, intake.content, strict=True
    ):
        row = read_link(view, users.keys[user])
        if row is None or row.partner.encode() != sender:
            if said is not None and said.allows is not None:
                tell_unlinked(view, users.keys[user].decode(), said.sender, work)
        elif said is None:
            _ended(view, users, user, row, record, end_of(record.headers), work)
        elif (heard := with_summary(row, said, record)) is not None:
            _hear(view, users, user, heard, record, work, again=_is_news(row, said))
            if row.heard is None:
                LINKS.labels("begun").inc()
    users.mark(view)


def _of_users(view: View, intake: Intake[list[Any]], work: Work) -> Intake[list[Any]]:
    """The statements whose partner another user can be; the others are refused."""
    wrong = {
        i
        for i, said in enumerate(intake.content)
        if said is not None and (said.partner == said.user or not re.fullmatch(USER_PATTERN, said.partner))
    }
    if not wrong:
        return intake
    rejects = [Reject(i, Reason.BAD_KEY, "validate", NO_PARTNER) for i in sorted(wrong)]
    refuse(view, RecordBatch(intake.topic, view.lane, intake.records), rejects, work.settings)
    kept = [i for i in range(len(intake.records)) if i not in wrong]
    return Intake(intake.topic, [intake.records[i] for i in kept], [intake.content[i] for i in kept])


def _state(
    view: View,
    users: Users,
    user: int,
    before: LinkRow | None,
    record: ConsumedRecord,
    said: r.IdentityLink,
    work: Work,
) -> None:
    row = with_statement(before, said.partner, record.timestamp, record.offset)
    if row is None:
        return
    if before is not None and before.partner != row.partner:
        end_link(view, users, user, before, WITHDRAWN, work)
    write_link(view, users.keys[user], row)
    users.link(user, True, denied_by(row.heard))
    tell_partner(view, users, user, row, work)


def _hear(
    view: View, users: Users, user: int, row: LinkRow, record: ConsumedRecord, work: Work, *, again: bool
) -> None:
    """Keep what the partner said and obey it; `again`: the partner knows nothing of this user any more."""
    allowed = users.purposes(user, work.default_purposes)
    write_link(view, users.keys[user], row)
    users.link(user, True, denied_by(row.heard))
    if allowed & ~users.purposes(user, work.default_purposes) & _LOST:
        consent_lost(view, users, user, work)
    withdraw_capped_together(view, users, user, row, record.timestamp, work)
    tell_partner(view, users, user, row, work, again=again)


def _is_news(row: LinkRow, said: r.PartnerSummary) -> bool:
    """Whether the partner has stated the link anew: what it knew went with the statement before."""
    return row.heard is None or row.heard.stated != said.stated


def _ended(
    view: View, users: Users, user: int, row: LinkRow, record: ConsumedRecord, end: LinkEnd, work: Work
) -> None:
    """The partner ended the link. The user's own statement ends with it, unless it is newer."""
    if is_known(row, record):
        return
    if row.stated <= end.of or (end.cause == ERASED and row.stated <= record.timestamp):
        end_link(view, users, user, row, end.cause, work)
        view.send(unlink_output(users.keys[user].decode(), record.timestamp, view.now_ms))
        return
    row = with_end(row, end.term, end.flush, record)
    write_link(view, users.keys[user], row)
    users.link(user, True, 0)
    tell_partner(view, users, user, row, work)

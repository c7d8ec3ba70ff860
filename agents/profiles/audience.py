"""Which segment a user is in, told to ad servers on ads.audience.v1: with each request, and again when a new
catalogue version numbers the segments otherwise; withdrawn with the consent to personalise."""

from __future__ import annotations

from agents.profiles.work import Users, Work
from models.choice.served import nearest_segment
from models.event.layout import Purpose
from models.segments import segment_name
from streams.records import AudienceSegment
from streams.topics import AUDIENCE
from streams.wire.codecs import encode, headers
from streams.wire.ids import segment_id
from streams.wire.output import Output
from streams.wire.view import View


def tell_segment(view: View, users: Users, user: int, segment: int, version: int, ts: int) -> None:
    """Publish a segment of catalogue version `version` as of event time `ts`, -1 = none any more, unless that
    was said before."""
    row = users.profiles[user]
    said = (int(row["audience"]), int(row["audience_version"]))
    if said == ((segment + 1, version) if segment >= 0 else (0, 0)):
        return
    if segment < 0:
        withdraw_segment(view, users, user, ts)
        return
    row["audience"], row["audience_version"] = segment + 1, version
    users.changed_p[user] = True
    key, name = users.keys[user], segment_name(segment)
    head = headers(AUDIENCE.ce_type, segment_id(key.decode(), name, version, ts), view.now_ms)
    value = encode(AudienceSegment(key.decode(), name, version, ts))
    view.send(Output(AUDIENCE.name, key, value, view.lane, head))


def tell_renumbered(view: View, users: Users, work: Work) -> None:
    """The segments of users whose profile has just moved to another catalogue version."""
    rows, catalog = users.profiles, work.ref.catalog
    moved = (rows["audience"] != 0) & (rows["audience_version"] != rows["head"]["catalog_version"])
    for user in moved.nonzero()[0].tolist():
        row = rows[user]
        segment = -1 if catalog is None else nearest_segment(row, catalog.segments)
        if users.may(user, Purpose.PERSONALISE, work.default_purposes):
            tell_segment(view, users, user, segment, int(row["head"]["catalog_version"]), int(row["t_seen"]))


def withdraw_segment(view: View, users: Users, user: int, ts: int) -> None:
    """Take a user's segment back, as of `ts`. Also where no row says that one was published: the row may be
    lost, or written again."""
    if users.profiles["audience"][user]:
        users.profiles["audience"][user] = users.profiles["audience_version"][user] = 0
        users.changed_p[user] = True
    key = users.keys[user]
    head = headers(AUDIENCE.withdrawn_type, segment_id(key.decode(), "", 0, ts), view.now_ms)
    view.send(Output(AUDIENCE.name, key, None, view.lane, head))

"""What a linked user's lane tells the partner's: as much as the user's own consent allows, again when a
request of the partner would say something else because of it; and the end of a link."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from typing import Final

import msgspec
import numpy as np

from agents.profiles.made.creatives import count_shown, is_live, withdraw_campaign
from agents.profiles.rows import portfolio
from agents.profiles.rows.link import LinkRow, read_link, write_link
from agents.profiles.work import Users, Work, explicit_of
from models.choice.served import served_vector, top_codes
from models.event.layout import Purpose
from models.interest.profile import DIMENSIONS
from models.linked.caps import campaign_counts
from models.linked.merging import mass_at
from streams import records as r
from streams.mapping.links import WITHDRAWN, LinkEnd, end_output
from streams.metrics.profiles import LINKS
from streams.topics import PARTNER
from streams.wire.codecs import encode, headers
from streams.wire.ids import hash64
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.topic_codec import partner_key
from streams.wire.view import View
from streams.wire.withdrawals import CAP_REACHED

_NO_START: Final = np.zeros(DIMENSIONS, np.float32)


def tell_partners(view: View, users: Users, now_ms: int, work: Work) -> None:
    """For the linked ones of these users, who may have changed; nobody else costs anything."""
    for user in users.consent["linked"].nonzero()[0].tolist():
        row = read_link(view, users.keys[user])
        if row is not None:
            withdraw_capped_together(view, users, user, row, now_ms, work)
            tell_partner(view, users, user, row, work)


def tell_partner(
    view: View, users: Users, user: int, row: LinkRow, work: Work, *, again: bool = False
) -> None:
    """Send what the user's row says now, unless the partner was told the same; `again`: even so."""
    said = _summary(users, user, row, view, work)
    told = hash64(encode(_gist(said)))
    if told == row.told and not again:
        return
    key = partner_key(said.receiver, said.sender)
    head = headers(PARTNER.ce_type, f"{key}|{said.term}|{said.flush}|{told:016x}", view.now_ms)
    where = partition(said.receiver.encode(), work.settings.partitions)
    view.send(Output(PARTNER.name, key.encode(), encode(said), where, head))
    write_link(view, users.keys[user], msgspec.structs.replace(row, told=told))


def end_link(view: View, users: Users, user: int, row: LinkRow, cause: str, work: Work) -> None:
    """Nothing of the partner stays in the user's rows, and nothing of the user with the partner."""
    of = 0 if row.heard is None else row.heard.stated
    _send_end(view, users.keys[user].decode(), row.partner, cause, of, work)
    if row.heard is not None:
        LINKS.labels("ended").inc()
    write_link(view, users.keys[user], None)
    users.link(user, False, 0)


def tell_unlinked(view: View, user: str, other: str, work: Work) -> None:
    """To one who goes on as if the user stated the link: his lane lost its rows, or its end was not heard."""
    _send_end(view, user, other, WITHDRAWN, 0, work)


def _send_end(view: View, user: str, partner: str, cause: str, of: int, work: Work) -> None:
    end = LinkEnd(cause, of, view.generation, view.flush)
    where = partition(partner.encode(), work.settings.partitions)
    view.send(end_output(user, partner, end, where, view.now_ms))


def withdraw_capped_together(
    view: View, users: Users, user: int, row: LinkRow, now_ms: int, work: Work
) -> None:
    """The live creatives of campaigns whose cap both users together have reached go at once."""
    if row.heard is None or not (row.heard.caps or row.heard.missed):
        return
    held = portfolio.read_portfolio(view, users.keys[user])
    live = {each.campaign_id for each in held.held if is_live(users, user, each.creative_id)}
    for campaign in filter(None, map(work.ref.campaigns.get, sorted(live))):
        counted = partial(count_shown, users.exposures[user], "", campaign.campaign_id, now_ms)
        if any(counted(cap, row.heard) >= cap.n for cap in campaign.caps if cap.scope == "campaign"):
            withdraw_campaign(view, users, user, held, campaign.campaign_id, CAP_REACHED)


def _summary(users: Users, user: int, row: LinkRow, view: View, work: Work) -> r.PartnerSummary:
    """The statement alone while the partner is not known to state the link too."""
    said = r.PartnerSummary(row.partner, users.keys[user].decode(), row.stated, view.generation, view.flush)
    if row.heard is None:
        return said
    own = users.own_purposes(user, work.default_purposes)
    said = msgspec.structs.replace(said, allows=explicit_of(own))
    if own & Purpose.PROFILE and own & Purpose.PERSONALISE:
        said = _with_interests(said, users, user, work)
    if own & Purpose.MEASURE:
        x = users.exposures[user]
        caps = [r.PartnerCap(*each) for each in campaign_counts(x)]
        said = msgspec.structs.replace(
            said, caps=caps, missed=int(x["cap_missed"]), missed_s=int(x["cap_missed_s"])
        )
    return said


def _with_interests(said: r.PartnerSummary, users: Users, user: int, work: Work) -> r.PartnerSummary:
    profile = users.profiles[user]
    if not float(profile["m_long"]) > 0:
        return said
    ts = int(profile["t_seen"])
    vector = served_vector(profile, _NO_START, ts).astype("<f2").tobytes()
    return msgspec.structs.replace(
        said,
        ts=ts,
        vector=b64encode(vector).decode(),
        mass=round(mass_at(float(profile["m_long"]), int(profile["t_ref"]), ts), 3),
        catalog_version=int(profile["head"]["catalog_version"]),
        top=[r.Weighted(work.code_name(code), round(share, 2)) for code, share in top_codes(profile, ts)],
    )


def _gist(said: r.PartnerSummary) -> r.PartnerSummary:
    """What makes a summary another: not its number, nor what every event moves a little."""
    mass = float(f"{said.mass:.1g}")
    return msgspec.structs.replace(said, term=0, flush=0, ts=0, vector="", mass=mass)

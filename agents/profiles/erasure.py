"""Privacy requests: erasure deletes, object and restrict deny, access exports. Each is acknowledged, store by
store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from agents.creatives.publication import LIFE_MS
from agents.profiles.audience import withdraw_segment
from agents.profiles.intake import take
from agents.profiles.linked import end_link, tell_partners
from agents.profiles.made.creatives import is_live, tombstone, withdraw
from agents.profiles.rows import outcomes, portfolio
from agents.profiles.rows.link import LinkRow, denied_by, link_key, read_link
from agents.profiles.rows.made import forget_interests, forget_made, made_key, read_made
from agents.profiles.rows.told import tell_consent, tell_exposures, tell_link, tell_made, tell_portfolio
from agents.profiles.work import Users, Work, load_users
from agents.rendering.files.file_names import CACHED_S, KEPT_AFTER_MS, LET_GO_MS
from models.choice.served import describe
from models.event.consent import ALL_PURPOSES, KIND_C, erase_row, keep_fences, open_row, state_consent
from models.event.layout import EventSource, Purpose
from models.row import CONSENT_VERSION
from streams import records as r
from streams.mapping.links import ERASED, unlink_output
from streams.metrics.profiles import ERASURES
from streams.topics import (
    AUDIENCE,
    CONSENT,
    CREATIVE,
    DAY_MS,
    HOUR_MS,
    IDENTITY,
    IMPRESSION,
    PARTNER,
    PERSONAL,
    PRIVACY_ACK,
    TopicSpec,
)
from streams.wire.codecs import encode, headers
from streams.wire.output import Output
from streams.wire.view import ConsumedRecord, RecordBatch, View
from streams.wire.withdrawals import DENIED_CAUSE, ERASED_CAUSE

_SOURCE: Final = int(EventSource.PRIVACY)
COMPACTION_MS: Final = 2 * DAY_MS
"""Upper bound until a compacted topic has dropped what a null removed: max.compaction.lag of a day, and the
cleaner's round."""
FILES_GONE_MS: Final = LET_GO_MS + HOUR_MS
"""Upper bound until files that only the user's creatives name are removed: how long a renderer leaves them,
and its round. It has to be running by then."""
FORGOTTEN_FILES_GONE_MS: Final = LIFE_MS + KEPT_AFTER_MS + HOUR_MS
"""Of creatives that no row names any more: a day after the last of those would have expired."""
ERASED_KEPT_MS: Final = (IMPRESSION.retention_ms or 0) + DAY_MS
"""How long the `erased` row stays: until no event of before the erasure can be read again."""
MALFORMED: Final = 1
"""raResultCode of the IAB's framework."""


def apply_privacy(view: View, batch: RecordBatch, work: Work) -> None:
    """One batch of ads.privacy.request.v1."""
    intake = take(view, batch, work)
    if not intake.records:
        return
    index, users = load_users(view, intake.keys())
    for user, record, request in zip(index.tolist(), intake.records, intake.content, strict=True):
        if not users.applied(user, _SOURCE, record.offset):
            _acknowledge(view, _carry_out(view, users, user, record, request, work), request)
    tell_partners(view, users, batch.records[-1].timestamp, work)
    users.mark(view)


def _carry_out(
    view: View, users: Users, user: int, record: ConsumedRecord, request: r.PrivacyRequest, work: Work
) -> r.PrivacyAck:
    if request.type == "erasure":
        ack = erase(view, users, user, record, request, work)
    elif request.type in ("object", "restrict"):
        ack = _deny(view, users, user, record, request, work)
    elif request.type == "access":
        ack = r.PrivacyAck(
            request.request_id,
            request.type,
            "done",
            done_ts=view.now_ms,
            export=export_user(view, users, user, work),
        )
    else:
        ack = r.PrivacyAck(
            request.request_id, request.type, "rejected", raResultCode=MALFORMED, done_ts=view.now_ms
        )
    users.fence_consent(user, _SOURCE, record.offset)
    return ack


def erase(
    view: View, users: Users, user: int, record: ConsumedRecord, request: r.PrivacyRequest, work: Work
) -> r.PrivacyAck:
    """Forget a user: rows go, one row stays that says so, and the user's creatives are withdrawn.

    What the user stated after the request stays in force: a lane that lost its rows reads all statements
    again before all requests.
    """
    key = users.keys[user]
    held = portfolio.read_portfolio(view, key)
    files = {each.creative_id: each.asset for each in read_made(view, key).made if each.asset}
    tombstones = _withdraw_all(view, users, user, held, files)
    had = [("consent", users.consent["version"][user]), ("profile", users.profiles["head"]["version"][user])]
    had += [
        ("exposures", users.exposures["version"][user]),
        ("creatives", int(view.get(portfolio.row_key(key)) is not None)),
        ("made", int(view.get(made_key(key)) is not None)),
        ("link", int(view.get(link_key(key)) is not None)),
    ]
    withdraw_segment(view, users, user, record.timestamp)
    keep_fences(users.consent, users.exposures, user)
    users.drop("p", user)
    users.drop("x", user)
    view.put(portfolio.row_key(key), None)
    forget_made(view, key)
    stated, had_link = users.consent[user].copy(), read_link(view, key)
    link = _forget_link(view, users, user, record, work)
    erase_row(users.consent, user, record.timestamp)
    if link is not None:
        users.link(user, True, denied_by(link.heard))
    stated_since = bool(stated["known"] and stated["stated_ts"] > record.timestamp)
    if stated_since:
        state_consent(users.consent[user], stated["stated_ts"], stated["stated_ts"], stated["granted"])
    else:
        head = headers(CONSENT.withdrawn_type, f"{request.request_id}:consent", view.now_ms)
        view.send(Output(CONSENT.name, key, None, view.lane, head))
    users.changed_c[user] = True
    ERASURES.inc()
    done = record.timestamp
    nulls = {
        CONSENT.name: int(not stated_since),
        CREATIVE.name: tombstones,
        AUDIENCE.name: 1,
        IDENTITY.name: int(link is None),
        PARTNER.name: int(link is None and had_link is not None),
    }
    stores = [r.StoreReport(f"rows:{name}", int(version != 0), done + COMPACTION_MS) for name, version in had]
    stores += [_report(spec, nulls, done) for spec in PERSONAL]
    stores += _files_report(len(set(files.values())), done)
    stores += [r.StoreReport("rows:erased", 0, done + ERASED_KEPT_MS)]
    return r.PrivacyAck(
        request.request_id, request.type, "done", 0, stores, tombstones, view.now_ms, done + COMPACTION_MS
    )


def _withdraw_all(
    view: View, users: Users, user: int, held: portfolio.Portfolio, files: Mapping[str, str]
) -> int:
    """Tombstones for all live creatives of a user, and for those of before whose files may still be held.
    Returns how many."""
    live = {each.creative_id for each in held.held if is_live(users, user, each.creative_id)}
    of_before = [
        each for each in read_made(view, users.keys[user]).made if each.creative_id in files.keys() - live
    ]
    for each in of_before:
        key = f"u:{users.keys[user].decode()}|{each.campaign_id}|{each.slot}"
        tombstone(view, key, each.creative_id, ERASED_CAUSE, each.asset)
    return len(of_before) + withdraw(view, users, user, held, lambda _: True, ERASED_CAUSE, files)


def _files_report(let_go: int, done: int) -> list[r.StoreReport]:
    """Of pictures and clips. What others' creatives name as well stays, and is no longer the user's."""
    gone_ms = done + FILES_GONE_MS
    return [
        r.StoreReport("files:pictures", let_go, gone_ms),
        r.StoreReport("files:pictures:forgotten", 0, done + FORGOTTEN_FILES_GONE_MS),
        r.StoreReport("files:pictures:caches", 0, gone_ms + CACHED_S * 1_000),
    ]


def _report(spec: TopicSpec, nulls: Mapping[str, int], done: int) -> r.StoreReport:
    """From a compacted topic goes what nulls were sent for; from the others only time removes what was
    sent."""
    if spec.compacted:
        return r.StoreReport(spec.name, nulls[spec.name], done + COMPACTION_MS)
    return r.StoreReport(spec.name, 0, done + (spec.retention_ms or 0))


def _forget_link(view: View, users: Users, user: int, record: ConsumedRecord, work: Work) -> LinkRow | None:
    """End the link and withdraw its statement; one that was made after the request stays."""
    row = read_link(view, users.keys[user])
    if row is not None and row.stated > record.timestamp:
        return row
    if row is not None:
        end_link(view, users, user, row, ERASED, work)
    view.send(unlink_output(users.keys[user].decode(), record.timestamp, view.now_ms))
    return None


def _deny(
    view: View, users: Users, user: int, record: ConsumedRecord, request: r.PrivacyRequest, work: Work
) -> r.PrivacyAck:
    """An objection forbids profiling and personal creatives, a restriction forbids everything, until the user
    states something newer. Where that is there already, nothing is denied, and the answer says so."""
    now = users.own_purposes(user, work.default_purposes)
    denied = ALL_PURPOSES if request.type == "restrict" else int(Purpose.PROFILE | Purpose.PERSONALISE)
    row = users.consent[user]
    open_row(row, KIND_C, CONSENT_VERSION)
    state_consent(row, record.timestamp, record.timestamp, now & ~denied)
    if users.own_purposes(user, work.default_purposes) & denied:
        return r.PrivacyAck(request.request_id, request.type, "superseded", done_ts=view.now_ms)
    tombstones = withdraw(
        view, users, user, portfolio.read_portfolio(view, users.keys[user]), lambda _: True, DENIED_CAUSE
    )
    withdraw_segment(view, users, user, record.timestamp)
    return r.PrivacyAck(request.request_id, request.type, "done", tombstones=tombstones, done_ts=view.now_ms)


def consent_lost(view: View, users: Users, user: int, work: Work) -> None:
    """The user took a purpose back: what was kept for it goes at once."""
    purposes = users.purposes(user, work.default_purposes)
    key = users.keys[user]
    withdraw(view, users, user, portfolio.read_portfolio(view, key), lambda _: True, DENIED_CAUSE)
    if not purposes & Purpose.PERSONALISE:
        withdraw_segment(view, users, user, int(users.consent["stated_ts"][user]))
    if purposes & Purpose.PROFILE:
        return
    users.drop("p", user)
    view.put(portfolio.row_key(key), None)
    if purposes & Purpose.MEASURE:
        forget_interests(view, key)
    else:
        forget_made(view, key)
        keep_fences(users.consent, users.exposures, user)
        users.changed_c[user] = True
        users.drop("x", user)


def export_user(view: View, users: Users, user: int, work: Work) -> dict[str, Any]:
    """All that is kept of a user, in words: what an access request is answered with."""
    profile, names = users.profiles[user], partial(outcomes.cell_names, view, work.cells)
    kept: dict[str, Any] = {
        "consent": tell_consent(users.consent[user]),
        "exposures": tell_exposures(users.exposures[user], names),
        **tell_portfolio(portfolio.read_portfolio(view, users.keys[user])),
        **tell_made(read_made(view, users.keys[user])),
        **tell_link(read_link(view, users.keys[user])),
    }
    if profile["head"]["version"] != 0 and work.ref.catalog is not None:
        kept["profile"] = describe(profile, work.ref.catalog, view.now_ms)
    return kept


def _acknowledge(view: View, ack: r.PrivacyAck, request: r.PrivacyRequest) -> None:
    head = headers(PRIVACY_ACK.ce_type, f"{request.request_id}:{ack.status}", view.now_ms)
    view.send(Output(PRIVACY_ACK.name, request.request_id.encode(), encode(ack), None, head))

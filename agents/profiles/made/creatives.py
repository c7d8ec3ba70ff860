"""Creatives for one user: taken into the user's rows as they are published, withdrawn as soon as they must
not be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from agents.profiles.intake import take
from agents.profiles.made.makings import count_creative
from agents.profiles.made.trials import EXPERIMENT_CAUSE, is_of_another_arm, names_of
from agents.profiles.rows import outcomes, portfolio
from agents.profiles.rows.link import heard_of
from agents.profiles.rows.made import note_made, note_pictured, segment_asked
from agents.profiles.rows.portfolio import Portfolio
from agents.profiles.work import Users, Work, load_users
from models.arrays import Rows
from models.campaigns import Campaign, Cap
from models.earned.caps import shown_count
from models.earned.counters import DELTA, campaign_bits
from models.earned.exposures import IS_GONE, IS_LIVE, add_live, find_live
from models.earned.joins import know_creative
from models.event.consent import KIND_X, open_row
from models.event.layout import EventSource, Purpose
from models.linked.caps import shown_to_partner
from models.row import EXPOSURES_VERSION
from streams import records as r
from streams.columns.names import NONE, SLOT_INDEX
from streams.mapping.ads import own_files
from streams.metrics.creatives import TOMBSTONES
from streams.metrics.generation import HEADLINES_FORGOTTEN
from streams.metrics.profiles import REDECIDED
from streams.topics import CREATIVE
from streams.wire.codecs import headers
from streams.wire.ids import number_of
from streams.wire.output import Output
from streams.wire.view import ConsumedRecord, RecordBatch, View
from streams.wire.withdrawals import (
    CAP_REACHED,
    CREATIVE_CAP_REACHED,
    withdrawal_output,
    withdrawn_creative,
)

REVOKED_CAUSE: Final = "revoked"
"""Cause of the tombstones that follow a revocation."""
_PREFIX: Final = b"u:"
_SOURCE: Final = int(EventSource.CREATIVE)


def apply_creatives(view: View, batch: RecordBatch, work: Work) -> None:
    """One batch of ads.creative.v1: the users' own creatives and their tombstones, in order."""
    intake = take(view, batch, work)
    own = [
        (record, each)
        for record, each in zip(intake.records, intake.content, strict=True)
        if record.key and record.key.startswith(_PREFIX)
    ]
    if not own:
        return
    index, users = load_users(view, [user_of(record.key or b"") for record, _ in own])
    deltas: list[Rows] = []
    for user, (record, creative) in zip(index.tolist(), own, strict=True):
        if users.applied(user, _SOURCE, record.offset):
            continue
        if creative is None:
            _tombstone(view, users, user, record, work)
        else:
            deltas.append(_published(view, users, user, record, creative, work))
    users.mark(view)
    outcomes.add_deltas(view, work.ledger, work.cells, np.concatenate([np.zeros(0, DELTA), *deltas]))


def user_of(key: bytes) -> bytes:
    """The user of a key `u:<user>|<campaign>|<slot>`."""
    return key[len(_PREFIX) :].partition(b"|")[0]


def _published(
    view: View, users: Users, user: int, record: ConsumedRecord, creative: r.Creative, work: Work
) -> Rows:
    """Take a creative in, or withdraw it at once. Returns counter deltas."""
    heard = heard_of(view, users.keys[user], bool(users.consent["linked"][user]))
    why = _refusal(users, user, creative, record, heard, work)
    if why == "consent":
        users.fence_consent(user, _SOURCE, record.offset)
        tombstone(view, (record.key or b"").decode(), creative.creative_id, why, own_files(creative))
        return np.zeros(0, DELTA)
    users.fence_exposures(user, _SOURCE, record.offset)
    if creative.replaces_version is not None:
        _next_version(view, users, user, record, creative, work)
        return np.zeros(0, DELTA)
    held = portfolio.read_portfolio(view, users.keys[user])
    if work.revocations.why(portfolio.made_of_creative(held, creative)) is not None:
        why = REVOKED_CAUSE
    elif not why and is_of_another_arm(users.keys[user], names_of(creative), record.timestamp, work):
        why = EXPERIMENT_CAUSE
    if portfolio.regime_of(held, creative.request_id or NONE) is None:
        REDECIDED.inc()
    key = (record.key or b"").decode()
    for other in held.held:
        if other.key == key or (not why and other.request_id != (creative.request_id or NONE)):
            _replace(view, users, user, other, key)
    portfolio.hold(held, creative, key)
    if portfolio.remember_headline(held, creative, work.settings.headline_window_s * 1000):
        HEADLINES_FORGOTTEN.inc()
    portfolio.write(view, users.keys[user], held)
    deltas = _know(view, users, user, creative, record.offset, work)
    note_made(view, users.keys[user], creative, users.exposures[user])
    if why:
        withdraw(view, users, user, held, lambda each: each.key == key, why)
    else:
        view.put(_value_key(key), record.value)
    return deltas


def _next_version(
    view: View, users: Users, user: int, record: ConsumedRecord, creative: r.Creative, work: Work
) -> None:
    """A creative again, with its pictures: it takes the place of the version that it names while that is
    live, and nothing that it shows was revoked. Else ad servers get what is in force under its key again: the
    newer creative, the version before, or nothing."""
    key = (record.key or b"").decode()
    row = portfolio.read_portfolio(view, users.keys[user])
    held = next((each for each in row.held if each.key == key), None)
    live = held is not None and is_live(users, user, held.creative_id)
    if held is None or not live or work.revocations.why(held.made_of()) is not None:
        tombstone(view, key, creative.creative_id, "outlived")
        return
    other = held.creative_id != creative.creative_id or held.version > creative.version
    if other or work.revocations.why(portfolio.made_of_creative(row, creative)) is not None:
        _say_again(view, key, held.creative_id)
    elif held.version == creative.replaces_version:
        portfolio.renew(row, held, creative)
        portfolio.write(view, users.keys[user], row)
        note_pictured(view, users.keys[user], creative)
        view.put(_value_key(key), record.value)


def _refusal(
    users: Users,
    user: int,
    creative: r.Creative,
    record: ConsumedRecord,
    heard: r.PartnerSummary | None,
    work: Work,
) -> str | None:
    """Why a creative that arrives must not be shown: consent, a cap that is reached, or None."""
    erased = int(users.consent["erased_ts"][user])
    late = erased > 0 and (
        creative.cause is None or creative.cause.ts <= erased or record.timestamp <= erased
    )
    if late or not users.may(user, Purpose.PERSONALISE, work.default_purposes):
        return "consent"
    campaign = work.ref.campaigns.get(creative.campaign_id)
    if campaign is None:
        return None
    return cap_reached(users.exposures[user], creative.creative_id, campaign, record.timestamp, heard)


def cap_reached(
    x: Any, creative_id: str, campaign: Campaign, now_ms: int, heard: r.PartnerSummary | None = None
) -> str | None:
    """CAP_REACHED where the user has seen enough of the campaign, CREATIVE_CAP_REACHED where it is enough of
    the creative alone, else None; by row x and what a partner says."""
    reached = {
        cap.scope
        for cap in campaign.caps
        if count_shown(x, creative_id, campaign.campaign_id, now_ms, cap, heard) >= cap.n
    }
    if "campaign" in reached:
        return CAP_REACHED
    return CREATIVE_CAP_REACHED if reached else None


def count_shown(
    x: Any, creative_id: str, campaign_id: str, now_ms: int, cap: Cap, heard: r.PartnerSummary | None = None
) -> int:
    """Impressions that count towards a cap, of row x and of what a partner says of the campaign."""
    campaign = np.uint64(campaign_bits(campaign_id))
    creative = np.uint64(number_of(creative_id)) if creative_id else np.uint64(0)
    per_creative, per_s = cap.scope == "creative", cap.per_s or 0
    own = int(shown_count(x, creative, campaign, now_ms // 1000, per_s, per_creative))
    if heard is None or per_creative:
        return own
    return own + shown_to_partner(
        heard.caps, heard.missed, heard.missed_s, int(campaign), now_ms // 1000, per_s
    )


def _replace(view: View, users: Users, user: int, other: portfolio.Held, key: str) -> None:
    """A newer creative takes the place of another: the same key is overwritten, other keys are withdrawn."""
    if _set_gone(users, user, other.creative_id) and other.key != key:
        tombstone(view, other.key, other.creative_id, "replaced")
        view.put(_value_key(other.key), None)


def _know(view: View, users: Users, user: int, creative: r.Creative, offset: int, work: Work) -> Rows:
    """Enter a creative into row x, with what it counts for."""
    experiment = creative.experiment
    names = (
        creative.campaign_id,
        creative.slot,
        experiment.arm if experiment else NONE,
        creative.template_id,
        segment_asked(view, users.keys[user], creative.request_id) or NONE,
    )
    count_creative(view, creative, names, work)
    cell, number = work.cells.number(names), number_of(creative.creative_id)
    outcomes.name_cell(view, work.cells, cell)
    x = users.exposures[user]
    known = int(find_live(x, np.uint64(number)))
    if known >= 0:
        x["live_state"][known], x["live_expires"][known] = IS_LIVE, creative.expires // 1000
    else:
        open_row(x, KIND_X, EXPOSURES_VERSION)
        add_live(
            x, np.uint64(number), np.uint64(cell), creative.expires // 1000, SLOT_INDEX.get(creative.slot, 0)
        )
    return know_creative(users.exposures, user, number, cell, _SOURCE, offset, work.ref.joins)


def _tombstone(view: View, users: Users, user: int, record: ConsumedRecord, work: Work) -> None:
    """A key was withdrawn. When that was meant for an older creative than the one we know, ad servers get the
    newer one again, unless it was revoked."""
    if users.exposures["version"][user] == 0:
        return
    users.fence_exposures(user, _SOURCE, record.offset)
    key = (record.key or b"").decode()
    held = next(
        (each for each in portfolio.read_portfolio(view, users.keys[user]).held if each.key == key), None
    )
    if held is None or not is_live(users, user, held.creative_id):
        return
    withdrawn = withdrawn_creative(record.headers)
    stays = work.revocations.why(held.made_of()) is None
    another = withdrawn is not None and withdrawn != held.creative_id
    if stays and another and _say_again(view, key, held.creative_id):
        return
    _set_gone(users, user, held.creative_id)
    view.put(_value_key(key), None)


def _say_again(view: View, key: str, creative_id: str) -> bool:
    """Ad servers get the live creative of a key once more. False when nothing is kept of it."""
    value = view.get(_value_key(key))
    if value is not None:
        stamped = headers(CREATIVE.ce_type, creative_id, view.now_ms)
        view.send(Output(CREATIVE.name, key.encode(), value, view.lane, stamped))
    return value is not None


def withdraw(
    view: View,
    users: Users,
    user: int,
    held: Portfolio,
    which: Callable[[portfolio.Held], bool],
    why: str,
    files: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Tombstones for the user's live creatives that `which` picks; `files`: names of those that go with a
    creative, by its id. Returns how many."""
    gone = [each for each in held.held if which(each) and is_live(users, user, each.creative_id)]
    for each in gone:
        _set_gone(users, user, each.creative_id)
        tombstone(view, each.key, each.creative_id, why, files.get(each.creative_id, ""))
        view.put(_value_key(each.key), None)
    return len(gone)


def withdraw_campaign(
    view: View, users: Users, user: int, held: Portfolio, campaign_id: str, why: str
) -> int:
    """Tombstones for the user's live creatives of one campaign. Returns how many."""
    return withdraw(view, users, user, held, lambda each: each.campaign_id == campaign_id, why)


def tombstone(view: View, key: str, creative_id: str, why: str, files: str = "") -> None:
    """Withdraw one creative from ad servers, and its files from their store."""
    view.send(withdrawal_output(key, creative_id, why, view.lane, view.now_ms, files))
    TOMBSTONES.labels(why).inc()


def is_live(users: Users, user: int, creative_id: str) -> bool:
    """Whether row x counts the creative as live."""
    x = users.exposures[user]
    k = int(find_live(x, np.uint64(number_of(creative_id))))
    return k >= 0 and bool(x["live_state"][k] == IS_LIVE)


def _set_gone(users: Users, user: int, creative_id: str) -> bool:
    """Row x keeps what the creative counts for, but it is no longer live. False when it was not."""
    if not is_live(users, user, creative_id):
        return False
    x = users.exposures[user]
    x["live_state"][int(find_live(x, np.uint64(number_of(creative_id))))] = IS_GONE
    users.changed_x[user] = True
    return True


def _value_key(key: str) -> bytes:
    """Row that holds a live creative as it was published."""
    return b"v" + key.encode()

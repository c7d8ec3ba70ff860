"""A batch of events: admitted, learnt, joined, counted; triggers become requests."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any, Final

import numpy as np

from agents.profiles import requests
from agents.profiles.audience import tell_renumbered
from agents.profiles.clock import TOPICS
from agents.profiles.erasure import consent_lost
from agents.profiles.exposures import send_exposures
from agents.profiles.intake import Intake, events_of
from agents.profiles.linked import tell_partners
from agents.profiles.made.creatives import cap_reached, withdraw, withdraw_campaign
from agents.profiles.made.stated import STATED, withdraw_contradicted
from agents.profiles.rows import outcomes, portfolio
from agents.profiles.rows.inputs import inputs_at
from agents.profiles.rows.triggers import note_totals
from agents.profiles.thresholds import thresholds_of
from agents.profiles.withdrawals import before_statements, tell_withdrawals
from agents.profiles.work import Users, Work, load_users
from models.earned.admission import admit
from models.earned.joins import JoinTally, join_events
from models.event.gist import bits_of, gist_of
from models.event.layout import CONSENT_KNOWN, PLAYED_KINDS, Status
from models.inputs.counts import add_inputs
from models.interest.counted import POSITIVES, event_counts_of
from models.interest.profile import FIRST_TRIGGER
from models.interest.threshold.budget import TriggerTotals
from models.interest.update import Updates, update_profiles
from streams.columns.decoded import Events
from streams.metrics.earned import (
    CAPS_REACHED,
    CLIP_PLAYS,
    EXPOSURE_EVICTIONS,
    INVALID_TRAFFIC,
    REATTRIBUTED,
    UNATTRIBUTED_CLICKS,
    UNCOUNTED_IMPRESSIONS,
    UNCREDITED_RETURNS,
)
from streams.metrics.profiles import (
    CONSENT_DENIED,
    DUPLICATES,
    EVENTS_ADMITTED,
    LATE,
    POSITIVE_EVENTS,
    SHIFTS,
)
from streams.topics import CONSENT
from streams.wire.ids import number_of
from streams.wire.record_columns import distinct_keys_of, newest_of
from streams.wire.view import RecordBatch, View
from streams.wire.withdrawals import CAP_REACHED, CREATIVE_CAP_REACHED

OWN_SOURCE: Final = ("ce_source", b"/shiftcast")
"""Header of what Shiftcast itself wrote."""
_INVALID: Final = (
    ("impression", "bot"),
    ("click", "bot"),
    ("click", "too_fast"),
    ("click", "repeated"),
    ("click", "no_exposure"),
)
"""As the last numbers of JoinTally."""
_APPLIED: Final = int(Status.APPLIED)
_PLAYED: Final = bits_of(PLAYED_KINDS.values())


def apply_events(view: View, batch: RecordBatch, work: Work) -> None:
    """One batch of impressions, clicks, conversions, behaviour or consent.

    Events go through the kernels in order. Where a user takes consent back, all before it is finished first,
    then rows go, then it goes on.
    """
    intake = events_of(view, batch, work)
    events = intake.content
    if not len(events):
        return
    keys, which = distinct_keys_of(intake.records)
    index, users = load_users(view, keys)
    events["user"] = index[which]
    _ignore_own_nulls(events, intake)
    deltas = []
    gist = gist_of(events)
    before = before_statements(users, gist.consent, work.default_purposes)
    clock_s = _advance_clock(batch.topic, gist.newest_ms, view, work)
    requested = TriggerTotals()
    start = 0
    while start < len(events):
        stop, lost = admit(
            start,
            users.consent,
            users.exposures,
            events,
            work.default_purposes,
            users.changed_c,
            users.changed_x,
        )
        learnt = update_profiles(
            users.profiles,
            events[start:stop],
            work.ref.arrays,
            work.ref.detector,
            thresholds_of(events[start:stop], users.keys, work.ref),
            intake.lines,
        )
        users.changed_p |= learnt.changed
        joins = join_events(users.exposures, events, start, stop, work.ref.joins, clock_s)
        deltas.append(joins.deltas)
        send_exposures(view, users, joins.told, work)
        _withdraw_capped(view, users, events, joins.capped, work)
        if gist.kinds & STATED:
            withdraw_contradicted(view, users, events[start:stop], learnt.fires, work)
        requested = _ask(view, users, events[start:stop], intake, start, learnt, work, requested)
        if lost:
            consent_lost(view, users, int(events["user"][stop - 1]), work)
        _measure(learnt, joins.tally)
        start = stop
    tell_withdrawals(view, users, events, batch, before)
    tell_renumbered(view, users, work)
    newest_ms = newest_of(batch.records).time_ms
    tell_partners(view, users, newest_ms, work)
    users.mark(view)
    positives = _measure_events(batch.topic, events, users)
    if gist.kinds & _PLAYED:
        _measure_plays(events)
    # The ledger is not undone with the view: nothing that can fail comes behind it.
    for counted in deltas:
        outcomes.add_deltas(view, work.ledger, work.cells, counted)
    work.ledger.newest_ms = newest_ms
    note_totals(work.ledger, positives, requested)
    if batch.topic in TOPICS and work.ref.catalog is not None:
        counts = inputs_at(work.ledger, work.ref.setup, newest_ms)
        add_inputs(events, users.profiles, work.ref.arrays, counts)


def _advance_clock(topic: str, newest_ms: int, view: View, work: Work) -> int:
    """Event time that the lane has reached, in seconds, what is still late taken off. A statement of consent
    may be of any time."""
    if topic in TOPICS:
        work.clock.note(topic, newest_ms, view.now_ms)
    return work.settled_until_s(view.heard_ms)


def _ignore_own_nulls(events: Events, intake: Intake[Events]) -> None:
    """The null that an erasure itself sends is no statement: the erased row holds nothing but its fences, and
    a lane that lost its rows reads the null before the request. A null of others withdraws."""
    if intake.topic == CONSENT.name:
        own = np.array([record.value is None and OWN_SOURCE in record.headers for record in intake.records])
        events["consent"][own] &= ~np.uint8(CONSENT_KNOWN)


def _withdraw_capped(view: View, users: Users, events: Events, capped: Any, work: Work) -> None:
    """An impression reached a cap: the creative goes at once, and where it is the campaign's, all of it."""
    for i in capped.tolist():
        user = int(events["user"][i])
        held = portfolio.read_portfolio(view, users.keys[user])
        shown = next(
            (each for each in held.held if number_of(each.creative_id) == int(events["creative"][i])), None
        )
        if shown is not None:
            _withdraw_one_or_all(view, users, user, held, shown, int(events["ts"][i]), work)
            CAPS_REACHED.inc()


def _withdraw_one_or_all(
    view: View,
    users: Users,
    user: int,
    held: portfolio.Portfolio,
    shown: portfolio.Held,
    ts: int,
    work: Work,
) -> None:
    campaign = work.ref.campaigns.get(shown.campaign_id)
    x = users.exposures[user]
    if campaign is not None and cap_reached(x, shown.creative_id, campaign, ts) == CAP_REACHED:
        withdraw_campaign(view, users, user, held, shown.campaign_id, CAP_REACHED)
    else:
        withdraw(view, users, user, held, lambda each: each is shown, CREATIVE_CAP_REACHED)


def _ask(
    view: View,
    users: Users,
    events: Events,
    intake: Intake[Events],
    start: int,
    learnt: Updates,
    work: Work,
    requested: TriggerTotals,
) -> TriggerTotals:
    """Send a request for each trigger; `requested` with those that were sent."""
    for fire, snapshot in zip(learnt.fires, learnt.snapshots, strict=True):
        at = int(fire["event"])
        record, message = intake.records[start + at], intake.message(start + at)
        fired = requests.Fired(intake.topic, events[at], message, record.headers, fire, snapshot)
        kind = requests.emit_request(view, users, fired, work)
        if kind is not None:
            requested = requested._replace(**{kind: getattr(requested, kind) + 1})
    return requested


def _measure(learnt: Updates, tally: JoinTally) -> None:
    for fire in learnt.fires:
        SHIFTS.labels("first" if fire["kind"] == FIRST_TRIGGER else "shift").inc()
    if not any(tally):
        return
    for metric, count in (
        (UNATTRIBUTED_CLICKS, tally.unattributed),
        (REATTRIBUTED, tally.moved),
        (EXPOSURE_EVICTIONS, tally.evicted),
        (UNCOUNTED_IMPRESSIONS, tally.uncounted),
        (UNCREDITED_RETURNS, tally.uncredited),
        *zip(_invalid(), tally[-len(_INVALID) :], strict=True),
    ):
        if count:
            metric.inc(count)


@cache
def _invalid() -> tuple[Any, ...]:
    return tuple(INVALID_TRAFFIC.labels(*each) for each in _INVALID)


def _measure_events(topic: str, events: Events, users: Users) -> int:
    """Count the batch; how many of its events were positive."""
    counts = event_counts_of(events, users.profiles).tolist()
    for counter, count in zip(
        _counters(topic), (*counts, counts[Status.DUPLICATE], counts[Status.DENIED]), strict=True
    ):
        if count:
            counter.inc(count)
    return int(counts[POSITIVES])


def _measure_plays(events: Events) -> None:
    played = Counter(events["kind"][events["status"] == _APPLIED].tolist())
    for reached, kind in PLAYED_KINDS.items():
        if kind in played:
            CLIP_PLAYS.labels(reached).inc(played[kind])


@cache
def _counters(topic: str) -> tuple[Any, ...]:
    """Of the numbers of `counts_of`, then of duplicates and of what was denied; looked up once, for that
    costs a lock."""
    by_status = (EVENTS_ADMITTED.labels(topic, status.name.lower()) for status in Status)
    of_topic = (metric.labels(topic) for metric in (DUPLICATES, CONSENT_DENIED))
    return (*by_status, LATE.labels(topic), POSITIVE_EVENTS, *of_topic)

"""The profile agent as its lanes run it: batches by topic, counters at the flush, sweeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from agents.profiles.clock import LaneClock
from agents.profiles.erasure import apply_privacy
from agents.profiles.events import apply_events
from agents.profiles.linking import apply_statements, apply_summaries
from agents.profiles.made.creatives import apply_creatives
from agents.profiles.made.makings import apply_results, fold_makings
from agents.profiles.made.revoked import RevokingRounds
from agents.profiles.reference import ProfilesReference
from agents.profiles.rows import outcomes
from agents.profiles.rows.inputs import ToldInputs, fold_inputs, tell_inputs
from agents.profiles.rows.outcomes import Ledger
from agents.profiles.rows.triggers import ToldTotals, fold_totals, tell_totals
from agents.profiles.sweep import Cursors, sweep
from agents.profiles.work import Work
from models.row import RowLayout
from models.stored.layouts import ROW_LAYOUTS
from streams.metrics.lanes import REVOKING
from streams.settings import Settings
from streams.topics import CREATIVE, GENERATION, IDENTITY, PARTNER, PRIVACY_REQUEST, USER_TOPICS
from streams.wire.codecs import WireLimits
from streams.wire.view import RecordBatch, View

APPLY: Final[Mapping[str, Callable[[View, RecordBatch, Work], None]]] = {
    **{spec.name: apply_events for spec in USER_TOPICS},
    PRIVACY_REQUEST.name: apply_privacy,
    CREATIVE.name: apply_creatives,
    GENERATION.name: apply_results,
    IDENTITY.name: apply_statements,
    PARTNER.name: apply_summaries,
}


class ProfileWorkload:
    """The agent as the lanes run it (streams.wire.view.Workload); pure but for metrics and what it keeps per
    lane between flushes."""

    layouts: Mapping[str, RowLayout] = ROW_LAYOUTS

    def __init__(self, settings: Settings, reference: ProfilesReference) -> None:
        self._settings, self._limits, self._reference = settings, WireLimits.of(settings), reference
        self._ledgers: defaultdict[int, Ledger] = defaultdict(Ledger)
        self._cursors: defaultdict[int, Cursors] = defaultdict(Cursors)
        self._clocks: dict[int, LaneClock] = {}
        self._revoking: defaultdict[int, RevokingRounds] = defaultdict(RevokingRounds)
        self._told: defaultdict[int, ToldTotals] = defaultdict(ToldTotals)
        self._told_inputs: defaultdict[int, ToldInputs] = defaultdict(ToldInputs)

    def apply(self, view: View, batch: RecordBatch) -> None:
        APPLY[batch.topic](view, batch, self._work(view))

    def assigned(self, view: View) -> None:
        self._ledgers[view.lane], self._cursors[view.lane] = Ledger(), Cursors()
        self._revoking[view.lane], self._clocks[view.lane] = RevokingRounds(), LaneClock(view.now_ms)
        self._told[view.lane], self._told_inputs[view.lane] = ToldTotals(), ToldInputs()
        tell_totals(view, self._told[view.lane])
        tell_inputs(view, self._told_inputs[view.lane])
        outcomes.publish_again(view, self._reference.cells, self._settings.partitions)

    def before_flush(self, view: View) -> None:
        fold_inputs(view, self._ledgers[view.lane])
        fold_totals(view, self._ledgers[view.lane])
        fold_makings(view, self._ledgers[view.lane], self._reference.cells)
        outcomes.close_counters(view, self._ledgers[view.lane], self._reference.cells)

    def after_flush(self, view: View, flush: int) -> None:
        outcomes.publish_outcomes(
            view, self._ledgers[view.lane], self._reference.cells, self._settings.partitions, flush
        )
        tell_totals(view, self._told[view.lane])
        tell_inputs(view, self._told_inputs[view.lane])

    def sweep(self, view: View, now_ms: int) -> bool:
        work, revoking = self._work(view), self._revoking[view.lane]
        if revoking.under_way:
            return _measured(revoking.go_on(view, work, now_ms), view.lane)
        if not work.ledger.sums:
            outcomes.publish_outcomes(
                view, work.ledger, work.cells, self._settings.partitions, view.flush - 1, swept=True
            )
        more = sweep(view, now_ms, self._cursors[view.lane], work)
        return _measured(revoking.begin(work, now_ms), view.lane) or more

    def _work(self, view: View) -> Work:
        return Work(
            self._settings,
            self._limits,
            self._reference.snapshot(),
            self._reference.cells,
            self._ledgers[view.lane],
            self._reference.revocations,
            self._clocks[view.lane],
        )


def _measured(revoking: bool, lane: int) -> bool:
    REVOKING.labels(lane).set(revoking)
    return revoking

"""The profile agent as its lanes run it: batches by topic, counters at the flush, sweeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from agents.profiles import outcomes
from agents.profiles.creatives import apply_creatives
from agents.profiles.erasure import apply_privacy
from agents.profiles.events import apply_events
from agents.profiles.outcomes import Ledger
from agents.profiles.reference import ProfilesReference
from agents.profiles.sweep import Cursors, sweep
from agents.profiles.work import Work
from models.earned.attribution import known
from models.earned.counters import DELTA, Sums
from models.earned.exposures import EXPOSURES
from models.earned.joins import join_events, know_creative
from models.event.consent import CONSENT_ROW, admit
from models.event.counted import counts_of
from models.event.layout import empty_events
from models.interest.profile import empty_profiles
from models.interest.update import warm_up_profiles as warm_up_profiles
from models.kernels.lookup import Lookup
from models.row import RowLayout
from models.stored.layouts import ROW_LAYOUTS
from streams.settings import Settings
from streams.topics import CREATIVE, IMPRESSION, PRIVACY_REQUEST, USER_TOPICS
from streams.wire.codecs import WireLimits
from streams.wire.columns import Cells, Items
from streams.wire.scanning import scanned
from streams.wire.view import RecordBatch, View

APPLY: Final[Mapping[str, Callable[[View, RecordBatch, Work], None]]] = {
    **{spec.name: apply_events for spec in USER_TOPICS},
    PRIVACY_REQUEST.name: apply_privacy,
    CREATIVE.name: apply_creatives,
}


class ProfileWorkload:
    """The agent as the lanes run it (streams.wire.view.Workload); pure but for metrics and what it keeps per
    lane between flushes."""

    layouts: Mapping[str, RowLayout] = ROW_LAYOUTS

    def __init__(self, settings: Settings, reference: ProfilesReference) -> None:
        self._settings, self._limits, self._reference = settings, WireLimits.of(settings), reference
        self._ledgers: defaultdict[int, Ledger] = defaultdict(Ledger)
        self._cursors: defaultdict[int, Cursors] = defaultdict(Cursors)

    def apply(self, view: View, batch: RecordBatch) -> None:
        APPLY[batch.topic](view, batch, self._work(view))

    def assigned(self, view: View) -> None:
        self._ledgers[view.lane], self._cursors[view.lane] = Ledger(), Cursors()
        outcomes.publish_again(view, self._reference.cells, self._settings.partitions)

    def before_flush(self, view: View) -> None:
        outcomes.close_counters(view, self._ledgers[view.lane], self._reference.cells)

    def after_flush(self, view: View, flush: int) -> None:
        outcomes.publish_outcomes(
            view, self._ledgers[view.lane], self._reference.cells, self._settings.partitions, flush
        )

    def sweep(self, view: View, now_ms: int) -> None:
        work = self._work(view)
        if not work.ledger.sums:
            outcomes.publish_outcomes(
                view, work.ledger, work.cells, self._settings.partitions, view.flush - 1, swept=True
            )
        sweep(view, now_ms, self._cursors[view.lane], work)

    def _work(self, view: View) -> Work:
        return Work(
            self._settings,
            self._limits,
            self._reference.snapshot(),
            self._reference.cells,
            self._ledgers[view.lane],
        )


def warm_up_kernels() -> None:
    """Compile the kernels, or load them from numba's cache: seconds that no first event should wait for."""
    events = empty_events(1)
    consent, exposures = np.zeros(1, CONSENT_ROW), np.zeros(1, EXPOSURES)
    reference = known({}, [])
    admit(0, consent, exposures, events, 0, np.zeros(1, np.bool_), np.zeros(1, np.bool_))
    join_events(exposures, events, 0, 1, reference)
    know_creative(exposures, 0, 1, 1, 0, 0, reference)
    Sums().add(np.zeros(1, DELTA))
    counts_of(events, empty_profiles(1))
    scanned(IMPRESSION.name, 0, [], Items(), Cells(), Lookup(), WireLimits(), 1)
    warm_up_profiles()

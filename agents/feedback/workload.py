"""The feedback agent as its lanes run it: absolute counters of the profile lanes become totals of published
cells and sums of arms by stretches of time.

Rows, all in the one table of the app: `s` the last value said under each key of ads.outcome.v1, `t` totals
of a published cell, `q` what an arm earned lately, `k` from how many users on a campaign's cells are told. A
value that comes replaces the last one of its key: the totals change by the difference, which is exact because
both stand in the same flush. An older value, or the same again, changes nothing. All outcomes of a campaign
come in one partition, so workers share the load by campaign. The compacted topic alone could rebuild the
totals, but not in bounded memory: the minutes of eight days are too many, and a late event may correct each
of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import msgspec

from agents.feedback.arms import ARM_ROWS, add_to_arm, arm_names, posterior_output, with_faded_sums
from agents.feedback.cells import Cell, cells_of, totals_of
from agents.feedback.metric import metric_of
from agents.feedback.reference import FeedbackReference
from agents.feedback.suppression import ToldThresholds
from models.measured.totals import Totals, totals_with_plays
from models.row import Earlier, RowLayout
from streams import records as r
from streams.metrics.earned import ARMS_TOLD, CREATIVE_METRICS, STALE_OUTCOMES
from streams.records.feedback import EVERY
from streams.settings import Settings
from streams.topics import CREATIVE_METRIC, DAY_MS, HOUR_MS, OUTCOME
from streams.wire.codecs import WireLimits, decode_batch, encode, headers
from streams.wire.dead_letters import dead_letter
from streams.wire.output import Output
from streams.wire.partition import partition
from streams.wire.view import RecordBatch, View

FEEDBACK_APP: Final = "feedback"
MAKING_SUFFIX: Final = b"|making"
"""Of the keys of outcomes that say how creatives were made."""
SAID: Final = b"s"
TOTALS: Final = b"t"
ARMS_MS: Final = 5_000
"""Posteriors that changed leave this often: the generator plans anew for each."""
ARMS_AGAIN_MS: Final = HOUR_MS
"""And all of them this often, for they decay."""
_SWEPT: Final = 2_000
_decoder: Final = msgspec.json.Decoder(r.Outcome)


@dataclass
class Waiting:
    """What one lane has changed and not yet published."""

    cells: set[bytes] = field(default_factory=set)
    arms: set[bytes] = field(default_factory=set)
    arms_ms: int = 0  # when posteriors left last
    all_arms_ms: int = 0  # when all of them did
    after: dict[bytes, bytes] = field(default_factory=dict)  # where the rounds of the sweep stand
    thresholds: ToldThresholds = field(default_factory=ToldThresholds)


class FeedbackWorkload:
    """See streams.wire.view.Workload; pure but for metrics and what waits per lane."""

    layouts: Mapping[str, RowLayout] = {
        "s": RowLayout("last value"),
        "t": RowLayout("totals", before=(Earlier(None, totals_with_plays),)),
        "q": RowLayout("arm", before=(Earlier(None, with_faded_sums),)),
        "k": RowLayout("told threshold"),
    }

    def __init__(self, settings: Settings, reference: FeedbackReference) -> None:
        self._settings, self._limits, self._reference = settings, WireLimits.of(settings), reference
        self._waiting: defaultdict[int, Waiting] = defaultdict(Waiting)

    def apply(self, view: View, batch: RecordBatch) -> None:
        decoded, rejects = decode_batch(OUTCOME, batch.records, self._limits)
        app_id = self._settings.app_id(FEEDBACK_APP)
        for each in rejects:
            record = batch.records[each.index]
            view.send(dead_letter(record, app_id, each.stage, each.reason, each.message))
        refused, totals = {each.index for each in rejects}, dict[bytes, Totals]()
        waiting = self._waiting[view.lane]
        for index, (record, outcome) in enumerate(zip(batch.records, decoded, strict=True)):
            if index not in refused and isinstance(outcome, r.Outcome):
                self._take(view, SAID + (record.key or b""), record.value or b"", outcome, totals, waiting)
        for key, total in totals.items():
            view.put(key, total.to_bytes())
        waiting.cells |= totals.keys()

    def _take(
        self,
        view: View,
        key: bytes,
        value: bytes,
        outcome: r.Outcome,
        totals: dict[bytes, Totals],
        waiting: Waiting,
    ) -> None:
        before = view.get(key)
        old = None if before is None else _decoder.decode(before)
        if old is not None and (outcome.generation, outcome.flush) <= (old.generation, old.flush):
            STALE_OUTCOMES.inc()
            return
        view.put(key, value)
        own, campaign = cells_of(outcome)
        change = totals_of(outcome)
        if old is not None:
            change.add(totals_of(old), -1)
        campaign_users = outcome.counts.campaign_users - (old.counts.campaign_users if old else 0)
        _totals(view, own, totals).add(change)
        whole = msgspec.structs.replace(change, users=campaign_users)
        if outcome.making is None:
            whole.arms = {outcome.arm: change.count("impressions")}
        _totals(view, campaign, totals).add(whole)
        if outcome.window_s * 1_000 == HOUR_MS and outcome.making is None:
            waiting.arms.add(add_to_arm(view, outcome, change, self._half_life_ms))

    @property
    def _half_life_ms(self) -> int:
        return int(self._settings.arm_half_life_s * 1_000)

    def assigned(self, view: View) -> None:
        """Posteriors that changed may not have left: all are told again."""
        self._waiting[view.lane] = Waiting()

    def before_flush(self, view: View) -> None:
        """Values leave before the rows that hold them are durable: after a crash they are made again."""
        waiting = self._waiting[view.lane]
        cells = [(key, Cell.of_row(key[len(TOTALS) :])) for key in sorted(waiting.cells)]
        for campaign_id in sorted({cell.campaign_id for _, cell in cells}):
            waiting.thresholds.leave(view, campaign_id, self._reference.k(campaign_id))
        for key, cell in cells:
            view.send(self._metric(view, cell, Totals.of_bytes(view.get(key))))
        CREATIVE_METRICS.inc(len(waiting.cells))
        waiting.cells.clear()
        self._tell_arms(view, waiting)

    def after_flush(self, view: View, flush: int) -> None:
        """Nothing is told only now."""

    def sweep(self, view: View, now_ms: int) -> bool:
        waiting = self._waiting[view.lane]
        if not 0 <= now_ms - waiting.all_arms_ms < ARMS_AGAIN_MS:
            waiting.all_arms_ms = now_ms
            waiting.arms |= {key for key, _ in view.scan(ARM_ROWS)}
        self._tell_arms(view, waiting)
        for kind in (SAID, TOTALS):
            self._forget(view, kind, now_ms, waiting)
        campaigns, partitions = self._reference.thresholds(), self._settings.partitions
        again = waiting.thresholds.cells_to_tell(view, campaigns, TOTALS, partitions, _SWEPT)
        waiting.cells |= set(again)
        return len(again) == _SWEPT

    def _metric(self, view: View, cell: Cell, totals: Totals) -> Output:
        key, k = cell.key.encode(), self._reference.k(cell.campaign_id)
        stamped = headers(CREATIVE_METRIC.ce_type, f"{cell.key}|{view.generation}|{view.flush}", view.now_ms)
        home = partition(cell.campaign_id.encode(), self._settings.partitions)
        return Output(CREATIVE_METRIC.name, key, encode(metric_of(cell, totals, k)), home, stamped)

    def _tell_arms(self, view: View, waiting: Waiting) -> None:
        if 0 <= view.now_ms - waiting.arms_ms < ARMS_MS:
            return
        waiting.arms_ms = view.now_ms
        for key in sorted(waiting.arms):
            campaign_id = arm_names(key)[0]
            whole = Cell(campaign_id, EVERY, EVERY, EVERY, EVERY, 0, 0)
            life = Totals.of_bytes(view.get(TOTALS + whole.row))
            view.send(posterior_output(view, key, self._reference.goal(campaign_id), life))
        ARMS_TOLD.inc(len(waiting.arms))
        waiting.arms.clear()

    def _forget(self, view: View, kind: bytes, now_ms: int, waiting: Waiting) -> None:
        """Windows that nothing can change any more go, a bounded part per visit."""
        kept_ms = max(OUTCOME.retention_ms or 0, int(self._settings.max_event_age_s * 1_000) + DAY_MS)
        seen = 0
        for key, _ in list(islice(view.scan(kind, waiting.after.get(kind, b"")), _SWEPT)):
            seen += 1
            waiting.after[kind] = key
            size_s, start_ms = window_of(key)
            if size_s and start_ms + size_s * 1_000 < now_ms - kept_ms:
                view.put(key, None)
        if seen < _SWEPT:
            waiting.after[kind] = b""


def window_of(key: bytes) -> tuple[int, int]:
    """Size in s and start in ms of the window that a row's key ends in."""
    text = key.removesuffix(MAKING_SUFFIX)
    size, _, start = text[max(text.rfind(b"|"), text.rfind(b"\x1f")) + 1 :].partition(b":")
    return int(size), int(start)


def _totals(view: View, cell: Cell, totals: dict[bytes, Totals]) -> Totals:
    key = TOTALS + cell.row
    if key not in totals:
        totals[key] = Totals.of_bytes(view.get(key))
    return totals[key]

"""How many requests the detector makes: absolute counts of one lane."""

from __future__ import annotations

from streams.records.base import Count, Ms, Record


class TriggerCount(Record):
    """Since the lane began: positive events of users who agreed to profiling, and requests by what triggered
    them. The newest value of a partition is the truth."""

    source_partition: Count
    positives: Count
    first: Count
    shift: Count
    ts: Ms

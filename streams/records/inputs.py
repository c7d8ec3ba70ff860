"""What came in lately: sums of one lane."""

from __future__ import annotations

from streams.records.base import Count, Ms, Record


class InputCounts(Record):
    """Events of the last hours and what they lacked, and over the last day the positives that the detector
    judged, by interest code and by bin of its score. The newest value of a partition is the truth; sums of
    partitions say something together where catalogue version and calibration are the same."""

    source_partition: Count
    catalog_version: Count
    calibration: str
    ts: Ms
    codes: list[Count]
    scores: list[Count]
    events: Count
    duplicate: Count
    late: Count
    bot: Count
    with_item: Count
    no_item: Count
    unknown_item: Count
    no_price: Count
    spread_blocks: Count = 0
    """Blocks of six hours that codes and scores come from; 0 = not told, by a worker of before."""

"""When, where and on what a user acts, and what the user spends: counters that no order of events can change,
and a few running means."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.event.layout import EventKind
from models.interest.decay import LONG, add_count, step
from models.kernels.compiled import part
from models.kernels.half import half_to_float

FULL: Final = 65_535
SLOWEST: Final = 0.1
"""Least share of a new value in a running mean: about the last ten values count."""

_IMPRESSION: Final = int(EventKind.IMPRESSION)
_CLICK: Final = int(EventKind.CLICK)
_CONVERSION: Final = int(EventKind.CONVERSION)


@part
def count_context(row: Any, event: Any) -> None:
    """Counters of any event: newest time, hour, weekday, device, place, and the decayed counts per kind."""
    ts = np.int64(event["ts"])
    second = ts // 1000
    row["t_seen"] = max(np.int64(row["t_seen"]), ts)
    if event["hour"] < 24 and row["hours"][event["hour"]] < FULL:
        row["hours"][event["hour"]] += 1
    if event["weekday"] < 7 and row["weekdays"][event["weekday"]] < FULL:
        row["weekdays"][event["weekday"]] += 1
    device = np.int64(event["device"]) - 1
    if 0 <= device < 8 and row["devices"][device] < FULL:
        row["devices"][device] += 1
    newer = second > row["t_place"] or (second == row["t_place"] and event["geo"] > row["place"])
    if event["geo"] != 0 and newer:
        row["place"] = event["geo"]
        row["t_place"] = second
    kind = event["kind"]
    if kind == _IMPRESSION:
        row["n_imp"] += 1
        row["ew_imp"] = add_count(row["ew_imp"], row["t_imp"], second, LONG)
        row["t_imp"] = max(np.int64(row["t_imp"]), second)
    elif kind == _CLICK:
        row["n_click"] += 1
        row["ew_click"] = add_count(row["ew_click"], row["t_click"], second, LONG)
        row["t_click"] = max(np.int64(row["t_click"]), second)
    elif kind == _CONVERSION and not is_return(event):
        row["n_conv"] += 1
        row["ew_conv"] = add_count(row["ew_conv"], row["t_conv"], second, LONG)
        row["t_conv"] = max(np.int64(row["t_conv"]), second)
        spend(row, event["value_minor"], event["currency"])


@part
def is_return(event: Any) -> Any:
    """Whether it gives money back: nothing was wanted then."""
    return event["kind"] == _CONVERSION and event["value_minor"] < 0


@part
def spend(row: Any, value_minor: Any, currency: Any) -> None:
    """Running mean of ln(value) of conversions; starts anew when the currency changes. Nothing for values of
    0 and below."""
    if value_minor <= 0:
        return
    if row["currency"] != currency:
        row["currency"] = currency
        row["n_spend"] = 0
    row["spend"] = step(
        row["spend"], math.log(float(value_minor)), max(SLOWEST, 1.0 / (1.0 + row["n_spend"]))
    )
    if row["n_spend"] < 255:
        row["n_spend"] += 1


@part
def price(row: Any, z: Any) -> None:
    """Running mean and variance of the price z of what the user chose; nothing when z is not finite."""
    if not math.isfinite(z):
        return
    share = max(SLOWEST, 1.0 / (1.0 + row["n_price"]))
    apart = z - half_to_float(row["price_mean"])
    row["price_mean"] = step(row["price_mean"], z, share)
    row["price_var"] = step(row["price_var"], (1.0 - share) * apart * apart, share)
    if row["n_price"] < 255:
        row["n_price"] += 1

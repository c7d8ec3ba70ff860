"""What one event teaches: vectors, tastes, detector; and whether it asks for a creative."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from models.event.layout import EventKind, Purpose
from models.interest.context import is_return, price
from models.interest.decay import DAY
from models.interest.detector.price_scan import BOTH, PRICE, cause, price_level
from models.interest.detector.regimes import (
    change_slot,
    fire_first,
    fire_price,
    fire_shift,
    is_confirmed,
    keep_direction,
    split_shares,
    total_variation,
)
from models.interest.detector.shift import add_draw, forget_code, growth, observe
from models.interest.profile import HAS_CREATIVE
from models.interest.sessions import SESSION, note_click, start_session, was_clicked
from models.interest.signals import DRAWS, weight_of
from models.interest.stated import prefer
from models.interest.taste import (
    FOR_GOOD,
    LATEST,
    SUPPRESSION_DAYS,
    advance,
    attract,
    count_positive,
    note_newest,
    remember_item,
    repel,
    suppress,
    usable,
)
from models.kernels.compiled import part

_PERSONALISE: Final = int(Purpose.PERSONALISE)
_CLICK: Final = int(EventKind.CLICK)
_CONVERSION: Final = int(EventKind.CONVERSION)
_CART: Final = int(EventKind.CART)
_HIDE: Final = int(EventKind.HIDE)
_REPORT: Final = int(EventKind.REPORT)
_LIKE: Final = int(EventKind.LIKE)
_PREFER: Final = int(EventKind.PREFER)
_AVOID: Final = int(EventKind.AVOID)


@part
def learn(row: Any, event: Any, bot: Any, catalog: Any, settings: Any, threshold: Any, fire: Any) -> Any:
    """Vectors, tastes and detector of one event, of a `bot` or not. True when it fired; `fire` is then
    filled, but for event and user."""
    if is_return(event):
        return False
    kind = event["kind"]
    weight = weight_of(kind, event["dwell_ms"])
    hidden = kind in (_HIDE, _REPORT, _AVOID)
    if weight == 0.0 and not hidden:
        return False
    ts = np.int64(event["ts"])
    item = event["item"]
    code = np.int64(event["code"])
    if code < 0 and item >= 0:
        code = np.int64(catalog.codes[item])
    positive = kind in (_CLICK, _LIKE, _CART, _CONVERSION)
    if positive:
        row["n_pos"] += 1
    if hidden:
        if kind != _AVOID:
            row["n_hide"] += 1
        if code >= 0:
            suppress(row, code, FOR_GOOD if kind == _AVOID else ts // DAY + SUPPRESSION_DAYS)
    if np.int64(row["t_ref"]) - ts > LATEST:
        return False
    advance(row, ts)
    known = item >= 0 and usable(catalog.vectors[item])
    if hidden:
        if known:
            repel(row, catalog.vectors[item], 2.0, ts)
        if code >= 0:
            forget_code(row, code)
        return False
    if kind == _PREFER:
        return code >= 0 and prefer(row, code, ts, event["purposes"], bot, catalog, settings, fire)
    if known:
        attract(row, catalog.vectors[item], weight, ts)
    elif item < 0 and code >= 0 and usable(catalog.centroids[code]):
        attract(row, catalog.centroids[code], weight, ts)
    if not positive:
        if bot or code < 0:
            return False
        return learn_signal(row, event, weight, code, ts, catalog, settings, threshold, fire)
    return learn_positive(row, event, weight, code, ts, bot, catalog, settings, threshold, fire)


@part
def learn_positive(
    row: Any,
    event: Any,
    weight: Any,
    code: Any,
    ts: Any,
    bot: Any,
    catalog: Any,
    settings: Any,
    threshold: Any,
    fire: Any,
) -> Any:
    """Counts, items and price of a positive, then the detector."""
    count_positive(row, ts)
    item = event["item"]
    key = np.uint32(0)
    if item >= 0:
        key = catalog.item_keys[item]
        remember_item(row, key, weight, ts)
    z = np.float64(event["price_z"])
    if item >= 0 and not math.isfinite(z):
        z = np.float64(catalog.price_z[item])
    price(row, z)
    apart = ts - np.int64(row["t_pos"])
    fresh = apart > SESSION
    if fresh:
        start_session(row, apart)
    bought_what_was_clicked = event["kind"] == _CONVERSION and was_clicked(row, key)
    if event["kind"] == _CLICK and key != 0:
        note_click(row, key)
    row["t_pos"] = max(np.int64(row["t_pos"]), ts)
    late = -apart > SESSION
    if not late:
        note_newest(row, key)
    if bot or code < 0 or bought_what_was_clicked:
        return False
    scale = growth(row, ts)
    if late:
        add_draw(row, code, scale)
        return False
    score = observe(row, code, price_level(z), fresh, scale, catalog, settings)
    if row["n_seen"] >= settings.warm_up:
        event["score"] = score
    return decide(row, score > threshold, score, ts, scale, event["purposes"], catalog, settings, fire)


@part
def learn_signal(
    row: Any,
    event: Any,
    weight: Any,
    code: Any,
    ts: Any,
    catalog: Any,
    settings: Any,
    threshold: Any,
    fire: Any,
) -> Any:
    """What is no positive: a strong one enters the ring as draws of its own, a weak one the history of codes;
    a weak one may ask for the first creative, and never for another."""
    scale = growth(row, ts)
    draws = DRAWS[event["kind"]]
    apart = ts - np.int64(row["t_pos"])
    if draws == 0 or -apart > SESSION:
        add_draw(row, code, weight * scale)
        if row["head"]["flags"] & HAS_CREATIVE != 0:
            return False
        return decide(row, False, 0.0, ts, scale, event["purposes"], catalog, settings, fire)
    if apart > SESSION:
        start_session(row, apart)
    row["t_pos"] = max(np.int64(row["t_pos"]), ts)
    score = 0.0
    for _ in range(draws):
        score = observe(row, code, 0, True, scale, catalog, settings)
    return decide(row, score > threshold, score, ts, scale, event["purposes"], catalog, settings, fire)


@part
def decide(
    row: Any,
    high: Any,
    score: Any,
    ts: Any,
    scale: Any,
    purposes: Any,
    catalog: Any,
    settings: Any,
    fire: Any,
) -> Any:
    """Whether this event, whose score is `high` or not, triggers a creative; then carries the trigger out.
    Enough is known after as many positives as the warm-up, or weaker signs of the same weight."""
    cool = row["cool"]
    if cool > 0:
        row["cool"] = cool - 1
    known = max(np.float64(row["n_seen"]), float(row["hist_mass"]) / scale)
    if purposes & _PERSONALISE == 0 or known < settings.warm_up:
        return False
    if row["head"]["flags"] & HAS_CREATIVE == 0:
        fire_first(row, ts, fire)
    else:
        if cool > 0 or not high or ts - np.int64(row["t_trig"]) < settings.cooldown_ms:
            return False
        changed = cause(row, settings.price_share, settings.both_share)
        if changed == PRICE:
            fire_price(row, ts, fire)
        else:
            slot = change_slot(row)
            before, after = split_shares(row, slot, scale)
            if total_variation(before, after) < settings.tv_gate:
                return False
            if not is_confirmed(row, slot, before, settings.confirm_positives):
                return False
            fire_shift(row, slot, before, after, changed == BOTH, ts, catalog, fire)
    fire["score"] = score
    row["cool"] = settings.cooldown_events
    keep_direction(row)
    return True

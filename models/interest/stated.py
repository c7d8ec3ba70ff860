"""What a user states to prefer counts at once: it is the strongest interest from that event on, whatever the
history says, and asks for a creative without waiting for evidence or a cooldown."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.event.layout import EventKind, Purpose
from models.interest.detector.regimes import fire_first, fire_shift, keep_direction, split_shares
from models.interest.detector.shift import add_draw, growth, observe
from models.interest.profile import CODES, HAS_CREATIVE, RING
from models.interest.sessions import SESSION, start_session
from models.interest.signals import DRAWS, WEIGHT
from models.interest.taste import attract, lift
from models.kernels.compiled import part
from models.kernels.half import half_to_float

_PERSONALISE: Final = int(Purpose.PERSONALISE)
_DRAWS: Final = int(DRAWS[EventKind.PREFER])
_WEIGHT: Final = float(WEIGHT[EventKind.PREFER])


@part
def prefer(
    row: Any, code: Any, ts: Any, purposes: Any, bot: Any, catalog: Any, settings: Any, fire: Any
) -> Any:
    """A stated preference for `code`, on a row advanced to `ts`. True when it asks for a creative; `fire` is
    then filled. What is the strongest interest already asks for none."""
    lift(row, code)
    if bot:
        return False
    first = row["head"]["flags"] & HAS_CREATIVE == 0
    asks = purposes & _PERSONALISE != 0 and (first or strongest(row) != code)
    scale = growth(row, ts)
    apart = ts - np.int64(row["t_pos"])
    if apart > SESSION:
        start_session(row, apart)
    row["t_pos"] = max(np.int64(row["t_pos"]), ts)
    score = 0.0
    for _ in range(_DRAWS):
        score = observe(row, code, 0, True, scale, catalog, settings)
    if asks and not first:
        before, after = split_shares(row, RING - _DRAWS, scale)
        fire_shift(row, RING - _DRAWS, before, after, False, ts, catalog, fire)
    else:
        lead = half_to_float(row["hist"][strongest(row)])
        add_draw(row, code, max(lead - half_to_float(row["hist"][code]), 0.0) + scale)
        attract(row, catalog.centroids[code], _WEIGHT, ts)
    if not asks:
        return False
    if first:
        fire_first(row, ts, fire)
    fire["score"] = score
    row["cool"] = settings.cooldown_events
    keep_direction(row)
    return True


@part
def strongest(row: Any) -> Any:
    """The code with the most weight in the history, the lowest of equals."""
    best = 0
    for c in range(1, CODES):
        if half_to_float(row["hist"][c]) > half_to_float(row["hist"][best]):
            best = c
    return best

"""Events into profiles: one sequential pass over a batch (see update_profiles)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.profile import Rows


class Updates(NamedTuple):
    """What one pass did. `fires` FIRE (k,) in event order, `snapshots` PROFILE (k,) rows right after each fire; changed, cleared bool (users,).

    A cleared row is all zero (version 0): delete it. It is in `changed` as well.
    """

    fires: Rows
    snapshots: Rows
    changed: NDArray[np.bool_]
    cleared: NDArray[np.bool_]

"""What every row of the one table begins with: its version and the fence that makes a replay harmless."""

from __future__ import annotations

from typing import Final

import numpy as np

FENCES: Final = 8
"""Fence slots per row, one per source topic (models.event.layout.EventSource), one spare."""

HEADER: Final = np.dtype(
    [
        ("version", "u1"),
        ("kind", "u1"),  # the kind byte of the row key
        ("flags", "<u2"),
        ("catalog_version", "<u4"),
        ("fence", "<i8", (FENCES,)),  # last applied offset per source topic, -1 none
        ("epoch", "<u2", (FENCES,)),  # how often that topic was created anew
    ]
)

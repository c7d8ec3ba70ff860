"""What a clip sounds like: mean and spread of its log-mel bands (Davis and Mermelstein 1980)."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from models.arrays import FloatArray

SOUND_HZ: Final = 16_000
BANDS: Final = 40
_FRAME: Final = 400
_HOP: Final = 160
_POINTS: Final = 512
_FLOOR: Final = 1e-10


def sound_features(samples: FloatArray) -> FloatArray | None:
    """(2 x BANDS,): means of the bands, then standard deviations, of mono samples -1 to 1 at SOUND_HZ; None
    of what is shorter than a frame."""
    if len(samples) < _FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), _POINTS)) ** 2
    bands = np.log10(np.maximum(power @ _filters().T, _FLOOR))
    return np.concatenate((bands.mean(axis=0), bands.std(axis=0))).astype(np.float32)


@cache
def _filters() -> FloatArray:
    """Triangles, evenly spaced in mel (O'Shaughnessy 1987), (BANDS, bins)."""
    top = 2595 * np.log10(1 + SOUND_HZ / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(_POINTS, 1 / SOUND_HZ)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)

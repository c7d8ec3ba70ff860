"""How loud sound is (ITU-R BS.1770-4, EBU R 128), and sound made as loud as ads are to be."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE: Final = 48_000
"""Samples per second; what follows holds at this rate."""
TARGET_LUFS: Final = -18.0
MOST_DBTP: Final = -1.0
"""AES TD1008.1.21-9, table 1: speech and advertisements in streams of internet players."""
_CHANNELS: Final = 2
"""Both speakers say the same."""
_SHELF: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""BS.1770-4, tables 1 and 2: what a head does to sound, and what ears do not hear."""
_BLOCK: Final = RATE * 4 // 10
_STEP: Final = _BLOCK // 4
_SILENCE_LUFS: Final = -70.0
_QUIETER_LU: Final = -10.0
_FINER: Final = 4
"""The true peak lies between samples."""
_TRIES: Final = 4
_NEAR_LU: Final = 0.1
_LOOK: Final = RATE // 200
"""The limiter turns down over 5 ms on either side of a peak."""


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS of a voice that both channels carry; -inf for silence."""
    weighted = _weighted(samples) ** 2
    sums = np.concatenate(([0.0], np.cumsum(weighted)))
    starts = np.arange(0, max(1, len(samples) - _BLOCK + 1), _STEP)
    ends = np.minimum(starts + _BLOCK, len(samples))
    powers = _CHANNELS * (sums[ends] - sums[starts]) / _BLOCK
    powers = powers[powers > _power(_SILENCE_LUFS)]
    if not len(powers):
        return float("-inf")
    loud = powers[powers > _power(_lufs(powers.mean()) + _QUIETER_LU)]
    return _lufs(loud.mean())


def normalised(samples: Samples) -> Samples:
    """The same as loud as ads are to be, its peaks turned down to what players take."""
    made, now = samples, loudness(samples)
    for _ in range(_TRIES):  # turning peaks down makes it quieter
        if not np.isfinite(now):
            break
        made = _limited(made * np.float32(10 ** ((TARGET_LUFS - now) / 20)))
        now = loudness(made)
        if abs(now - TARGET_LUFS) < _NEAR_LU:
            break
    return made


def resampled(samples: Samples, rate: int, to_rate: int) -> Samples:
    """The same curve at another rate."""
    length = round(len(samples) * to_rate / rate)
    if not len(samples) or length == len(samples):
        return samples
    waves = np.fft.rfft(samples.astype(np.float64))
    return (np.fft.irfft(_fitted(waves, length // 2 + 1), length) * (length / len(samples))).astype(
        np.float32
    )


def _fitted(waves: NDArray[np.complex128], size: int) -> NDArray[np.complex128]:
    return np.concatenate((waves[:size], np.zeros(max(0, size - len(waves)))))


def _limited(samples: Samples) -> Samples:
    """No sample, and next to none between two, above the highest peak."""
    ceiling = 10 ** ((MOST_DBTP - 0.3) / 20)
    fine = np.abs(resampled(samples, RATE, RATE * _FINER)).reshape(len(samples), _FINER).max(axis=1)
    needed = np.minimum(1.0, ceiling / np.maximum(fine, 1e-9))
    padded = np.pad(needed, 2 * _LOOK, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * _LOOK + 1).min(axis=1)
    window = np.hanning(2 * _LOOK + 3)[1:-1]
    return (samples * np.convolve(least, window / window.sum(), mode="valid")).astype(np.float32)


def _weighted(samples: Samples) -> NDArray[np.float64]:
    size = 2 * len(samples)
    at = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    heard = np.ones_like(at)
    for above, below in (_SHELF, _HIGH_PASS):
        heard *= np.polyval(above[::-1], at) / np.polyval(below[::-1], at)
    return np.fft.irfft(np.fft.rfft(samples.astype(np.float64), size) * heard, size)[: len(samples)]


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(power))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))

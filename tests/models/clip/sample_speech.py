"""Tones in the place of speech, and what meters say of them."""

from __future__ import annotations

import wave
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from models.clip.loudness import RATE, resampled


def tone(
    lasts_s: float, dbfs: float = -12.0, rate: int = 48_000, hertz: float = 997.0
) -> NDArray[np.float32]:
    """A sine with its peaks at `dbfs`."""
    at = np.arange(round(lasts_s * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def silence(lasts_s: float, rate: int = 48_000) -> NDArray[np.float32]:
    return np.zeros(round(lasts_s * rate), np.float32)


def wav(samples: NDArray[np.float32], rate: int = 48_000, channels: int = 1) -> bytes:
    """A WAV file of 16 bits."""
    data = BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat((samples * 32_767).astype("<i2"), channels).tobytes())
    return data.getvalue()


def true_peak(samples: NDArray[np.float32]) -> float:
    """The highest point of the curve through the samples, in dBTP (BS.1770-4, annex 2)."""
    return 20 * float(np.log10(np.abs(resampled(samples, RATE, RATE * 4)).max()))

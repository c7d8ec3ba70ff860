"""Sentences that an engine spoke as the sound of a clip."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from io import BytesIO
from typing import Final

import numpy as np

from models.clip.loudness import RATE, Samples, normalised, resampled
from models.clip.story import LASTS_S

SOUND_RENDERER: Final = 2
"""Version of everything that turns a story into sound: raise it when the same story sounds otherwise."""
_AAC_FRAME: Final = 1024
LENGTH: Final = (LASTS_S * RATE // _AAC_FRAME - 1) * _AAC_FRAME
"""Samples of a clip's sound: whole frames of the encoder, with the one it puts before them none beyond the
clip."""
_SILENT: Final = 0.01
"""Of the loudest sample: below it nobody speaks."""
_MARGIN: Final = RATE // 50
_RATES: Final = range(4_000, 192_001)
_SHORTEST_S: Final = 0.01
_LONGEST_S: Final = 60.0
"""An engine that says a sentence for longer speaks of something else."""
_FULL: Final = 32_767


class NoSoundError(ValueError):
    """No speech in what an engine made."""


def speech_of(wav: bytes) -> Samples:
    """What is said in a WAV file of 16 bits, without the silence before and after. Raises NoSoundError."""
    try:
        with wave.open(BytesIO(wav)) as file:
            channels, bits, rate = file.getnchannels(), 8 * file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, RuntimeError) as error:  # the last where a part ends behind the file
        raise NoSoundError(f"no WAV file: {error}") from error
    if bits != 16 or rate not in _RATES or len(data) % (2 * channels):
        raise NoSoundError(
            f"a WAV file of {bits} bits at {rate} Hz; 16 bits at {_RATES[0]} to {_RATES[-1]} are understood"
        )
    lasts_s = len(data) / (2 * channels * rate)
    if lasts_s > _LONGEST_S:
        raise NoSoundError(f"{lasts_s:.0f} s for a sentence")
    said = np.frombuffer(data, "<i2").reshape(-1, channels).mean(axis=1, dtype=np.float32) / _FULL
    loud = np.flatnonzero(np.abs(said) > _SILENT * np.abs(said).max(initial=0.0))
    if lasts_s < _SHORTEST_S or not len(loud):
        raise NoSoundError("nothing but silence")
    at_rate = resampled(said.astype(np.float32), rate, RATE)
    first, last = (round(each * RATE / rate) for each in (loud[0], loud[-1]))
    return at_rate[max(0, first - _MARGIN) : last + _MARGIN]


def soundtrack(said: Sequence[Samples], begins_s: Sequence[float]) -> bytes:
    """The sound of the whole clip, one channel of 16 bits, as loud as ads are to be."""
    track = np.zeros(LENGTH, np.float32)
    for samples, start_s in zip(said, begins_s, strict=True):
        start = round(start_s * RATE)
        track[start : start + len(samples)] += samples[: max(0, LENGTH - start)]
    return np.round(normalised(track).clip(-1, 1) * _FULL).astype("<i2").tobytes()

"""What sound features tell."""

from __future__ import annotations

import numpy as np

from models.arrays import FloatArray
from models.material.sound import BANDS, SOUND_HZ, sound_features


def _tone(hz: float, seconds: float = 1.0) -> FloatArray:
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * SOUND_HZ)) / SOUND_HZ).astype(np.float32)


def test_a_higher_tone_lies_in_a_higher_band() -> None:
    low, high = sound_features(_tone(300)), sound_features(_tone(3_000))
    assert low is not None and high is not None
    assert len(low) == 2 * BANDS
    assert int(low[:BANDS].argmax()) < int(high[:BANDS].argmax())


def test_what_comes_and_goes_has_more_spread() -> None:
    steady, broken = _tone(440), _tone(440)
    broken[: SOUND_HZ // 2] = 0
    one, other = sound_features(steady), sound_features(broken)
    assert one is not None and other is not None
    assert other[BANDS:].mean() > one[BANDS:].mean()


def test_less_than_a_frame_says_nothing() -> None:
    assert sound_features(np.zeros(10, np.float32)) is None

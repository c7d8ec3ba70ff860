"""Loudness by signals as EBU Tech 3341 gives them to meters, and what is made of quiet and of loud sound."""

from __future__ import annotations

import numpy as np
import pytest

from models.clip.loudness import MOST_DBTP, TARGET_LUFS, loudness, normalised, resampled
from tests.models.clip.sample_speech import silence, tone, true_peak


def test_signals_for_meters_have_the_loudness_that_they_are_to_have() -> None:
    assert loudness(tone(20, -23)) == pytest.approx(-23, abs=0.1)
    assert loudness(tone(20, -33)) == pytest.approx(-33, abs=0.1)
    quieter = np.concatenate((tone(10, -36), tone(60, -23), tone(10, -36)))
    assert loudness(quieter) == pytest.approx(-23, abs=0.1), "what is 10 LU below does not count"
    assert loudness(np.concatenate((tone(3, -23), silence(3)))) == pytest.approx(-23, abs=0.3)
    assert loudness(silence(1)) == float("-inf")
    low, high = loudness(tone(3, -23, hertz=60)), loudness(tone(3, -23, hertz=4_000))
    assert low < -23 < high, "ears hear less of the low, the head adds to the high"


def test_the_peak_between_two_samples_is_found() -> None:
    quarter = np.tile(np.array([0.5, 0.5, -0.5, -0.5], np.float32), 1_000)
    assert float(np.abs(quarter).max()) == 0.5
    assert true_peak(quarter) == pytest.approx(20 * np.log10(0.5 * np.sqrt(2)), abs=0.1)


def bursts(dbfs: float) -> np.ndarray:
    """Words: short, loud beginnings of long, quiet sounds."""
    word = np.concatenate((tone(0.02, dbfs), tone(0.3, dbfs - 26), silence(0.1)))
    return np.tile(word, 12)


def clicking() -> np.ndarray:
    """As loud as it is to be, but for one click."""
    made = tone(5, TARGET_LUFS)
    made[100_000] = 1.0
    return made


@pytest.mark.parametrize("sound", [tone(5, -40), tone(5, -1), bursts(-3), bursts(-30), clicking()])
def test_sound_becomes_as_loud_as_ads_are_to_be_and_never_clips(sound: np.ndarray) -> None:
    made = normalised(sound)
    assert loudness(made) == pytest.approx(TARGET_LUFS, abs=0.2)
    assert true_peak(made) <= MOST_DBTP
    assert len(made) == len(sound)


def test_silence_stays_silence() -> None:
    assert not normalised(silence(1)).any()


def test_another_rate_keeps_the_tone_and_its_length() -> None:
    made = resampled(tone(1, -6, rate=22_050), 22_050, 48_000)
    assert np.abs(made - tone(1, -6))[500:-500].max() < 0.01

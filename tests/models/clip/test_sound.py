"""From the files of an engine to the sound of a clip."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.clip.loudness import RATE, loudness
from models.clip.sound import LENGTH, NoSoundError, soundtrack, speech_of
from models.clip.story import LASTS_S
from tests.models.clip.sample_speech import silence, tone, wav


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (22_050, 1), (48_000, 2)])
def test_speech_is_cut_out_of_its_silence_at_any_rate(rate: int, channels: int) -> None:
    padded = np.concatenate((silence(0.4, rate), tone(1, rate=rate), silence(0.7, rate)))
    assert len(speech_of(wav(padded, rate, channels))) / RATE == pytest.approx(1.04, abs=0.01)


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "no WAV"), (b"RIFF", "no WAV"), (b"<html>" * 20, "no WAV"), (wav(silence(1)), "silence")],
)
def test_what_is_no_speech_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(NoSoundError, match=why):
        speech_of(data)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.integers(0, 43), st.integers(0, 255), max_size=4), st.integers(0, 400))
def test_what_an_engine_left_is_speech_or_refused(bytes_at: dict[int, int], cut: int) -> None:
    """Whatever its header says: any other error would end the renderer."""
    data = bytearray(wav(tone(0.02, rate=8_000), 8_000))
    for at, value in bytes_at.items():
        data[at] = value
    with suppress(NoSoundError):
        assert len(speech_of(bytes(data[: len(data) - cut])))


@pytest.mark.parametrize(("rate", "lasts_s"), [(1, 0.5), (200_000, 0.5), (8_000, 0.0002), (8_000, 100)])
def test_sound_that_is_no_sentence_is_refused_before_it_takes_room(rate: int, lasts_s: float) -> None:
    with pytest.raises(NoSoundError):
        speech_of(wav(tone(lasts_s, rate=8_000), rate))


def test_sentences_stand_where_they_begin_and_nothing_is_longer_than_the_clip() -> None:
    track = np.frombuffer(soundtrack([tone(0.5), tone(2.0)], [1.0, 5.0]), "<i2")
    assert len(track) == LENGTH <= LASTS_S * RATE
    loud = np.abs(track.astype(float)) > 300
    seconds = [loud[round(at * RATE) :][:2_000].any() for at in (0.0, 0.9, 1.0, 1.4, 1.6, 4.9, 5.0, 5.9)]
    assert seconds == [False, False, True, True, False, False, True, True]
    assert loudness((track / 32_767).astype(np.float32)) == pytest.approx(-18, abs=0.2)

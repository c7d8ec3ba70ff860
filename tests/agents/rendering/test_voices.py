"""Speech engines: which voices they have, what they are told, and what becomes of those that do not work."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.rendering.voices.engines import Voice
from agents.rendering.voices.finding import Voices
from agents.rendering.voices.speaking import NoVoiceError, spoken_script
from models.clip.loudness import RATE
from models.clip.sound import LENGTH
from models.clip.voiceover import Sentence
from streams.knobs.knob import SettingsError
from streams.loud_end import RefusedError
from streams.settings import Settings
from tests.agents.rendering.speech_engines import espeak, piper

SAID = (
    Sentence("Meet the lamp", 0.15),
    Sentence("A warm light at last and a guarantee of ten years", 1.05),
    Sentence("Take a look", 4.2),
)
SCRIPTS = (SAID, (SAID[0], SAID[-1]))


def voice_of(lang: str = "en", engine: str = "espeak-ng", **settings: Any) -> Voice | None:
    voices = Voices.of(Settings(clip_voice=engine, **settings))
    assert voices is not None
    return voices.voice(lang)


def said(most_s: float = 60) -> bytes:
    voice = voice_of()
    assert voice is not None
    return asyncio.run(spoken_script(voice, SCRIPTS, most_s))


def heard_until_s(track: bytes) -> float:
    return float(np.flatnonzero(np.abs(np.frombuffer(track, "<i2")) > 300)[-1]) / RATE


def silent_s(track: bytes) -> float:
    """The longest pause between two sentences."""
    loud = np.flatnonzero(np.abs(np.frombuffer(track, "<i2")) > 300) / RATE
    return float(np.diff(loud).max())


def test_without_a_setting_nobody_speaks_and_an_unknown_engine_is_refused() -> None:
    assert Voices.of(Settings()) is None
    with pytest.raises(SettingsError, match="espeak-ng"):
        Settings(clip_voice="festival")


def test_a_locale_is_spoken_by_the_voice_that_is_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path / "bin", monkeypatch)
    names = {lang: voice.name for lang in ("en", "en_US", "en-AU", "de-AT") if (voice := voice_of(lang))}
    assert names == {
        "en": "espeak-ng 9.8.7 en-gb",
        "en_US": "espeak-ng 9.8.7 en-us",
        "en-AU": "espeak-ng 9.8.7 en-gb",
        "de-AT": "espeak-ng 9.8.7 de",
    }
    assert voice_of("zh-CN") is None


def test_voices_of_piper_are_named_by_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    piper(tmp_path / "bin", monkeypatch)
    with pytest.raises(RefusedError, match=r"SHIFTCAST_VOICE_DIR.*onnx\.json"):
        voice_of("en", "piper", voice_dir=tmp_path)
    for name in ("en_US-joe-medium", "en_GB-alan-low", "de_DE-thorsten-high", "notes"):
        (tmp_path / f"{name}.onnx").write_text(name)
        (tmp_path / f"{name}.onnx.json").write_text("{}")
    (tmp_path / "fr_FR-siwis-low.onnx").write_text("without its settings")
    american, british, any_english = (
        voice_of(each, "piper", voice_dir=tmp_path) for each in ("en-US", "en-GB", "en")
    )
    assert american is not None and british is not None
    assert british == any_english
    assert american.name.startswith("piper  en_US-joe-medium ")
    assert voice_of("fr", "piper", voice_dir=tmp_path) is None
    told = american.command(1.25, tmp_path / "x.wav")
    assert told[told.index("--length_scale") + 1] == "0.800"
    assert told[told.index("--noise_scale") + 1] == told[told.index("--noise_w") + 1] == "0"
    names = {american.name}
    for changed in ("en_US-joe-medium.onnx", "en_US-joe-medium.onnx.json"):
        (tmp_path / changed).write_text("another")
        voice = voice_of("en-US", "piper", voice_dir=tmp_path)
        assert voice is not None and voice.name not in names, changed
        names.add(voice.name)


@pytest.mark.parametrize(
    ("engine", "remedy"), [("espeak-ng", "apt-get install espeak-ng"), ("piper", "piper-tts")]
)
def test_an_engine_that_is_not_there_is_one_line_that_says_what_to_install(
    engine: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match=f"SHIFTCAST_CLIP_VOICE is '{engine}'.*{remedy}") as refused:
        Voices.of(Settings(clip_voice=engine))
    assert "\n" not in str(refused.value)


def test_an_engine_that_does_not_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    espeak(tmp_path, monkeypatch)
    (tmp_path / "espeak-ng").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(RefusedError, match=r"does not answer.* 3"):
        Voices.of(Settings(clip_voice="espeak-ng"))


def test_the_same_words_are_the_same_sound_within_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path, monkeypatch)
    track = said()
    assert len(track) == 2 * LENGTH
    assert track == said()
    assert 4.7 < heard_until_s(track) < 4.9, "the call to action is said when its card comes"


def test_a_slow_voice_hurries_and_then_says_the_shorter_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    note = f'open({str(log)!r}, "a").write(" ".join(words) + " at " + told["-s"] + chr(10))'
    espeak(tmp_path / "bin", monkeypatch, note, seconds=0.33)
    assert heard_until_s(said()) <= 5.8
    assert log.read_text().splitlines()[-3:] == [f"{each.text} at 187" for each in SAID]
    log.unlink()
    espeak(tmp_path / "bin", monkeypatch, note, seconds=0.45)
    assert heard_until_s(said()) <= 5.8
    assert log.read_text().splitlines() == [f"{each.text} at 170" for each in SAID]
    assert silent_s(said()) > 2, "the line is left out"
    espeak(tmp_path / "bin", monkeypatch, seconds=1.5)
    with pytest.raises(NoVoiceError) as long:
        said()
    assert long.value.kind == "TooLong"


@pytest.mark.parametrize("scripts", [(), ((),)])
def test_where_nothing_can_be_said_nobody_speaks(
    scripts: tuple[tuple[Sentence, ...], ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path, monkeypatch)
    voice = voice_of()
    assert voice is not None
    with pytest.raises(NoVoiceError) as nothing:
        asyncio.run(spoken_script(voice, scripts))
    assert nothing.value.kind == "Nothing"


def test_what_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child"
    hang = (
        "import subprocess; p = subprocess.Popen(['sleep', '600']); "
        f"open({str(child)!r}, 'w').write(str(p.pid)); p.wait()"
    )
    espeak(tmp_path / "bin", monkeypatch, hang)
    with pytest.raises(NoVoiceError, match="not ready after 2 s") as late:
        said(2)
    assert late.value.kind == "TimedOut"
    assert ended(int(child.read_text()))


def ended(pid: int) -> bool:
    for _ in range(200):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    os.kill(pid, 9)
    return False


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ('sys.exit("no such voice")', "code 1: no such voice"),
        ('open(told["-w"], "w").write("words"); sys.exit()', "no WAV file"),
        ("sys.exit()", "No such file"),
        ("words = []", "silence"),
    ],
)
def test_what_is_no_speech_is_told(
    before: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espeak(tmp_path, monkeypatch, before)
    with pytest.raises(NoVoiceError, match=why) as failed:
        said()
    assert failed.value.kind == "Failed"


@pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed: apt-get install espeak-ng"
)
def test_the_real_engine_says_three_languages() -> None:
    for lang in ("en", "de", "zh"):
        voice = voice_of(lang)
        assert voice is not None
        track = asyncio.run(spoken_script(voice, SCRIPTS))
        assert 4.4 < heard_until_s(track) <= 5.8
        assert track == asyncio.run(spoken_script(voice, SCRIPTS))

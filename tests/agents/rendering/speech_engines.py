"""Programs in the place of speech engines: they say a tone as long as their words take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

_ESPEAK: Final = """
import sys, time, wave
from array import array
from math import sin
if "--version" in sys.argv:
    print("eSpeak NG text-to-speech: 9.8.7  Data at: /nowhere")
elif "--voices" in sys.argv:
    print("Pty Language  Age/Gender VoiceName  File  Other Languages")
    print(" 2  en-gb  --/M  English_(Britain)  gmw/en  (en 2)")
    print(" 2  en-us  --/M  English_(America)  gmw/en-US  (en 3)")
    print(" 5  de  --/M  German  gmw/de")
else:
    told = dict(zip(sys.argv, sys.argv[1:]))
    words = sys.stdin.read().split()
    {before}
    frames = round(8000 * len(words) * {seconds} * 170 / int(told["-s"]))
    with wave.open(told["-w"], "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(array("h", (round(9000 * sin(n * 0.3)) for n in range(frames))).tobytes())
"""


def espeak(folder: Path, monkeypatch: pytest.MonkeyPatch, before: str = "pass", seconds: float = 0.2) -> None:
    """An `espeak-ng` on the path: it does `before` each sentence, and takes so long for a word."""
    program(folder / "espeak-ng", _ESPEAK.format(before=before, seconds=seconds), monkeypatch)


def piper(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `piper` on the path that answers `--version` with an error, as some do."""
    program(
        folder / "piper",
        'import sys\nsys.exit("the following arguments are required: -m/--model")',
        monkeypatch,
    )


def program(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=":")

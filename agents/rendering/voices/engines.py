"""Speech engines as command lines: words on their input, a WAV file out, the same words the same file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

ESPEAK: Final = "espeak-ng"
PIPER: Final = "piper"
_WORDS_PER_MINUTE: Final = 170


class Voice(Protocol):
    """One voice of an engine."""

    @property
    def name(self) -> str:
        """Engine, version and voice: what else than words its sound depends on."""

    def command(self, rate: float, file: Path) -> list[str]:
        """What speaks into a file, `rate` times as fast as usual."""


@dataclass(frozen=True)
class EspeakVoice:
    """`language` as the engine lists it."""

    program: str
    version: str
    language: str

    @property
    def name(self) -> str:
        return f"{ESPEAK} {self.version} {self.language}"

    def command(self, rate: float, file: Path) -> list[str]:
        pace = str(round(_WORDS_PER_MINUTE * rate))
        return [self.program, "-v", self.language, "-s", pace, "-b", "1", "-z", "-w", str(file), "--stdin"]


@dataclass(frozen=True)
class PiperVoice:
    """`digest` of the model and of its `.onnx.json`, which says how it speaks: piper itself does not
    always say its version."""

    program: str
    version: str
    model: Path
    digest: str

    @property
    def name(self) -> str:
        return f"{PIPER} {self.version} {self.model.stem} {self.digest}"

    def command(self, rate: float, file: Path) -> list[str]:
        """Without noise: with it no two files are alike."""
        return [
            self.program,
            *("--model", str(self.model)),
            *("--output_file", str(file)),
            *("--length_scale", f"{1 / rate:.3f}"),
            *("--noise_scale", "0", "--noise_w", "0"),
        ]

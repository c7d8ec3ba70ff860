"""The voices that the engine of the settings has on this machine, by language."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from agents.rendering.voices.engines import ESPEAK, EspeakVoice, PiperVoice, Voice
from models.file_sum import sha256_of
from streams.loud_end import RefusedError
from streams.settings import Settings

_ANSWERS_S: Final = 20.0
_VERSION: Final = re.compile(r"\d+\.\d[\w.+-]*")
_LISTED: Final = re.compile(r"\s*(\d+)\s+(\S+)\s")
_ALSO: Final = re.compile(r"\((\S+) (\d+)\)")
_MODEL_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?(?=-)")
_INSTALL: Final = {
    ESPEAK: "install it (Debian: apt-get install espeak-ng)",
    "piper": "install it (pip install piper-tts)",
}


@dataclass(frozen=True)
class Voices:
    """`by_tag`: one voice for each language or language with region."""

    by_tag: Mapping[str, Voice]

    @classmethod
    def of(cls, settings: Settings) -> Voices | None:
        """Those of the settings' engine; None where none is named. Raises RefusedError."""
        if not settings.clip_voice:
            return None
        program = shutil.which(settings.clip_voice)
        if program is None:
            raise RefusedError(
                f"SHIFTCAST_CLIP_VOICE is {settings.clip_voice!r}, and there is no such program here: "
                f"{_INSTALL[settings.clip_voice]}, or unset it and clips are silent"
            )
        if settings.clip_voice == ESPEAK:
            return cls(_espeak(program))
        return cls(_piper(program, settings.voice_dir))

    def voice(self, lang: str) -> Voice | None:
        """That of a locale: of its region if there is one, else of its language."""
        tag = lang.replace("_", "-").lower()
        return self.by_tag.get(tag) or self.by_tag.get(tag.partition("-")[0])


def _espeak(program: str) -> dict[str, Voice]:
    """As `--voices` lists them: each language, and others that it speaks for, with how well it does."""
    version = _version(_answer(program, "--version"))
    nearest: dict[str, tuple[int, str]] = {}
    for line in _answer(program, "--voices").splitlines():
        if (listed := _LISTED.match(line)) is None:
            continue
        priority, language = listed.groups()
        for tag, worse in ((language, "0"), *_ALSO.findall(line)):
            found = (int(worse) * 10 + int(priority), language)
            nearest[tag.lower()] = min(found, nearest.get(tag.lower(), found))
    if not nearest:
        raise RefusedError(f"{program} --voices lists no voice: install {ESPEAK} with its data")
    return {tag: EspeakVoice(program, version, language) for tag, (_, language) in nearest.items()}


def _piper(program: str, folder: Path) -> dict[str, Voice]:
    """Models are named by language, `de_DE-thorsten-medium.onnx`; the first by name speaks."""
    version = _version(_answer(program, "--version", needed=False))
    found: dict[str, Voice] = {}
    for model in sorted(folder.glob("*.onnx")):
        named = _MODEL_LANGUAGE.match(model.name)
        how_it_speaks = model.with_name(f"{model.name}.json")
        if named is None or not how_it_speaks.is_file():
            continue
        digest = sha256(f"{sha256_of(model)} {sha256_of(how_it_speaks)}".encode()).hexdigest()
        voice = PiperVoice(program, version, model.resolve(), digest[:16])
        tag = named[0].replace("_", "-").lower()
        for each in (tag, tag.partition("-")[0]):
            found.setdefault(each, voice)
    if not found:
        raise RefusedError(
            f"SHIFTCAST_VOICE_DIR is {str(folder)!r}, and there is no voice of piper in it: put one there, "
            "en_US-lessac-medium.onnx with its en_US-lessac-medium.onnx.json, or set it to where they are"
        )
    return found


def _version(told: str) -> str:
    found = _VERSION.search(told)
    return found[0] if found else ""


def _answer(program: str, option: str, needed: bool = True) -> str:
    """What a program says to an option. Raises RefusedError where that is `needed` and it does not."""
    try:
        told = subprocess.run(  # noqa: S603 - the program is the operator's, its option ours
            [program, option], capture_output=True, text=True, errors="replace", timeout=_ANSWERS_S,
            check=needed, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        if not needed:
            return ""
        raise RefusedError(f"SHIFTCAST_CLIP_VOICE: `{program} {option}` does not answer: {error}") from error
    return told.stdout if told.returncode == 0 else ""

"""A story spoken: each sentence by a process of the engine, ended when all of them take too long."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agents.rendering.clips.process import NICE
from agents.rendering.voices.engines import Voice
from models.clip.loudness import RATE, Samples
from models.clip.sound import NoSoundError, soundtrack, speech_of
from models.clip.voiceover import RATES, Sentence, beginnings

MOST_S: Final = 60.0
"""All sentences of a clip; an engine that loads a model for each takes a second or two for one."""
TIMED_OUT: Final = "TimedOut"
_MOST_BYTES: Final = 8_000_000
_LAST_LINE: Final = 200


class NoVoiceError(RuntimeError):
    """A story could not be spoken; `kind` says in a word why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


async def spoken_script(voice: Voice, scripts: Sequence[Sequence[Sentence]], most_s: float = MOST_S) -> bytes:
    """The sound of a clip: the first of the scripts that its time holds. Raises NoVoiceError."""
    if not any(scripts):
        raise NoVoiceError("Nothing", "nothing of it can be said")
    try:
        async with asyncio.timeout(most_s):
            with TemporaryDirectory() as folder:
                return await _Speaker(voice, Path(folder) / "said.wav").track(scripts)
    except TimeoutError:
        raise NoVoiceError(TIMED_OUT, f"{voice.name} was not ready after {most_s:g} s") from None
    except (OSError, NoSoundError) as error:
        raise NoVoiceError("Failed", f"{voice.name}: {error}") from error


class _Speaker:
    """Says each sentence once at each rate."""

    def __init__(self, voice: Voice, file: Path) -> None:
        self._voice = voice
        self._file = file
        self._said: dict[tuple[str, float], Samples] = {}

    async def track(self, scripts: Sequence[Sequence[Sentence]]) -> bytes:
        for sentences in scripts:
            usual_s = [_lasts_s(await self._speech(each, 1.0)) for each in sentences]
            for rate in RATES:
                if beginnings(sentences, [each / rate for each in usual_s]) is None:
                    continue
                parts = [await self._speech(each, rate) for each in sentences]
                begins_s = beginnings(sentences, [_lasts_s(each) for each in parts])
                if begins_s is not None:
                    return await asyncio.to_thread(soundtrack, parts, begins_s)
        raise NoVoiceError("TooLong", f"{self._voice.name} cannot say it before the clip ends")

    async def _speech(self, sentence: Sentence, rate: float) -> Samples:
        key = (sentence.text, rate)
        if key not in self._said:
            await _run(self._voice.command(rate, self._file), sentence.text)
            if self._file.stat().st_size > _MOST_BYTES:
                raise NoSoundError(f"more than {_MOST_BYTES} bytes for a sentence")
            self._said[key] = await asyncio.to_thread(speech_of, self._file.read_bytes())
            self._file.unlink()
        return self._said[key]


def _lasts_s(speech: Samples) -> float:
    return len(speech) / RATE


async def _run(command: Sequence[str], words: str) -> None:
    """The engine behind everything else; with what it started it is ended when nobody waits for it any
    more."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        _, told = await process.communicate(f"{words}\n".encode())
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    if process.returncode != 0:
        last = told.decode(errors="replace").strip().rpartition("\n")[2][:_LAST_LINE]
        raise NoVoiceError("Failed", f"{command[0]} ended with code {process.returncode}: {last}")

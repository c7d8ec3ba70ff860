"""Where clips are made: a process each, ended when it takes too long."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from agents.rendering.clips.orders import ClipAnswer, ClipOrder
from models.clip.formats import Codec
from models.clip.story import Story

MOST_S: Final = 120.0
"""A clip takes a few seconds; on a busy machine many more."""
PACKAGE: Final = "av"
MISSING: Final = "clips need the package av: pip install 'shiftcast[video]'"
_QUIET: Final = {"SVT_LOG": "1"}
"""The AV1 encoder tells its settings of every clip unless it is told to tell errors alone."""
_LAST_LINE: Final = 200


class NoClipError(RuntimeError):
    """A clip could not be made; `kind` says in a word why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def can_make_clips() -> bool:
    """Whether the package that encodes is installed."""
    return find_spec(PACKAGE) is not None


@dataclass(frozen=True)
class Studio:
    """`codecs` of each clip, the folder of fonts beyond the packaged ones, how long one may take."""

    codecs: tuple[Codec, ...]
    font_dir: Path
    most_s: float = MOST_S

    async def make(
        self,
        story: Story,
        xmp: bytes = b"",
        sound: bytes = b"",
        photos: Mapping[str, bytes] = MappingProxyType({}),
    ) -> dict[str, bytes]:
        """The files of a clip by suffix. Raises NoClipError."""
        order = ClipOrder(story, self.codecs, str(self.font_dir), xmp, sound, dict(photos))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "agents.rendering.clips.process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **_QUIET},
        )
        try:
            async with asyncio.timeout(self.most_s):
                out, told = await process.communicate(msgspec.msgpack.encode(order))
        except TimeoutError:
            raise NoClipError("TimedOut", f"not ready after {self.most_s:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            last = told.decode(errors="replace").strip().rpartition("\n")[2][:_LAST_LINE]
            raise NoClipError("Crashed", f"its process ended with code {process.returncode}: {last}")
        answer = msgspec.msgpack.decode(out, type=ClipAnswer)
        if answer.refused:
            raise NoClipError(answer.refused, answer.message)
        return answer.files

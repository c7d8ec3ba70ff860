"""What a clip says, as a WebVTT file: for readers and players that cannot see the letters of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from models.clip.story import TimedLine


def webvtt(said: Sequence[TimedLine]) -> str:
    """One cue for each line, until the next comes."""
    ends = [*(each.start_s for each in said[1:]), *(each.end_s for each in said[-1:])]
    cues = [
        f"{_clock(each.start_s)} --> {_clock(end_s)}\n{escape(' '.join(each.text.split()), quote=False)}\n"
        for each, end_s in zip(said, ends, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(at_s: float) -> str:
    whole_ms = round(at_s * 1_000)
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1_000:02}.{ms % 1_000:03}"

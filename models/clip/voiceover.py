"""What a voice says in a clip, and when: whole sentences, each once its words are seen, over before the clip
is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import language_of
from models.clip.story import LASTS_S, Story, TimedLine, clip_lines_told
from models.rules.promises import may_promise
from models.text.sentences import sentences_of

RATES: Final = (1.0, 1.1, 1.2, 1.3)
"""How much faster than usual a voice may speak: beyond it listeners lose words."""
_ENDS_S: Final = LASTS_S - 0.2
_PAUSE_S: Final = 0.12
_UNSAID: Final = re.compile(r"[\[\]<>{}|\s]+")
"""Brackets are commands to some engines."""
_SAYABLE: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that are seen from `start_s` on."""

    text: str
    start_s: float


def scripts(story: Story) -> tuple[tuple[Sentence, ...], ...]:
    """Everything that the clip says in letters; then, for want of time, hook and call to action alone, where
    they promise nothing: which of the lines left out is the condition of a promise nobody can tell."""
    lines, language = clip_lines_told(story), language_of(story.scene.lang)
    ends = (lines[0], lines[-1])
    whole, short = _sentences(lines), _sentences(ends)
    if short in ((), whole) or any(may_promise(each.text, language) for each in ends):
        return (whole,)
    return (whole, short)


def _sentences(lines: Sequence[TimedLine]) -> tuple[Sentence, ...]:
    said = ((_UNSAID.sub(" ", text).strip(), line.start_s) for line in lines
            for text in sentences_of(line.text))  # fmt: skip
    return tuple(Sentence(text, start_s) for text, start_s in said if _SAYABLE.search(text))


def beginnings(said: Sequence[Sentence], lasting_s: Sequence[float]) -> list[float] | None:
    """When each sentence begins: seen, and the one before it over; None where the last would not end in
    time."""
    begins: list[float] = []
    free_s = 0.0
    for sentence, lasts_s in zip(said, lasting_s, strict=True):
        begins.append(max(sentence.start_s, free_s))
        free_s = begins[-1] + lasts_s + _PAUSE_S
    return begins if free_s - _PAUSE_S <= _ENDS_S else None

"""The faces of one text: what the first lacks is set in another that has it, run by run.

A script is set in one face, where one has all its letters: those of two fonts do not join. Runs stand as they
are read, from left to right in scripts that go so, within a line that begins at either end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import regex
from PIL import ImageDraw

from models.scene.words.direction import begins_right
from models.scene.words.face import Face

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""
CLUSTER: Final = regex.compile(r"\X")
"""What a reader takes for one character."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one face draws without a break."""

    text: str
    face: Face
    rtl: bool

    @property
    def direction(self) -> str:
        """As the shaper names it."""
        return "rtl" if self.rtl else "ltr"


@dataclass(frozen=True, slots=True)
class Lettering:
    """`others`: faces by what a reader takes for one character, of what `first` does not draw."""

    first: Face
    others: Mapping[str, Face]

    @property
    def faces(self) -> list[Face]:
        """All, the first first."""
        return list({id(each): each for each in (self.first, *self.others.values())}.values())

    def face_of(self, character: str) -> Face:
        """The one that draws it."""
        return self.others.get(character, self.first)

    def width(self, line: str, pixels: float, rtl: bool) -> float:
        """About how wide a line is, a little more than it will be."""
        return sum(each.face.width(each.text, pixels, each.rtl) for each in self.runs(line, rtl))

    def ascent_descent(self, pixels: int) -> tuple[int, int]:
        """Of the first face: all stand on its baseline."""
        return self.first.sized(pixels).getmetrics()

    def tallest(self, pixels: int) -> int:
        """Height of a line that no letter of another face leaves; 0 = the first draws all."""
        return max((sum(each.sized(pixels).getmetrics()) for each in self.others.values()), default=0)

    def ink(self, line: str, pixels: int, rtl: bool) -> Edges:
        """What the letters of a line take, from where it begins on its baseline."""
        boxes = [
            (at, each.face.sized(pixels).getbbox(each.text, anchor="ls", direction=each.direction))
            for at, each in self._set(line, pixels, rtl)
        ]
        return (
            min(at + box[0] for at, box in boxes),
            min(box[1] for _, box in boxes),
            max(at + box[2] for at, box in boxes),
            max(box[3] for _, box in boxes),
        )

    def draw(
        self, mask: ImageDraw.ImageDraw, at: tuple[float, float], line: str, pixels: int, rtl: bool, lang: str
    ) -> None:
        """A line in white; `at`: where it begins on its baseline."""
        for shift, run in self._set(line, pixels, rtl):
            mask.text(
                (at[0] + shift, at[1]),
                run.text,
                fill=255,
                font=run.face.sized(pixels),
                anchor="ls",
                direction=run.direction,
                language=lang,
            )

    def _set(self, line: str, pixels: int, rtl: bool) -> Iterator[tuple[float, Run]]:
        """Runs from left to right, each with its left end from where the line begins."""
        runs = self.runs(line, rtl)
        lengths = [each.face.sized(pixels).getlength(each.text, direction=each.direction) for each in runs]
        left = -sum(lengths) if rtl else 0.0
        for each, length in zip(runs, lengths, strict=True):
            yield left, each
            left += length

    def runs(self, line: str, rtl: bool) -> list[Run]:
        """From left to right."""
        if not self.others:
            return [Run(line, self.first, rtl)]
        told: list[tuple[Face, str]] = []
        for cluster in CLUSTER.findall(line):
            face = self.face_of(cluster)
            if told and (cluster.isspace() or told[-1][0] is face):
                face = told[-1][0]
                told[-1] = face, told[-1][1] + cluster
            else:
                told.append((face, cluster))
        runs = [Run(text, face, begins_right(text, rtl)) for face, text in told]
        levels = [list(each) for _, each in groupby(runs, key=lambda run: run.rtl)]
        levels = [each[::-1] if each[0].rtl else each for each in levels]
        return [run for level in (levels[::-1] if rtl else levels) for run in level]

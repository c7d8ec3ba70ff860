"""Fonts by script: where they lie, how wide a line is in them, which characters they lack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import regex
import uharfbuzz
from PIL import ImageFont

Weight = Literal["regular", "bold"]
Script = Literal["latin", "cjk", "rtl", "thai"]

_CJK: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_RTL: Final = regex.compile(r"[\p{Arabic}\p{Hebrew}]")
_THAI: Final = regex.compile(r"\p{Thai}")
_UNDRAWN: Final = regex.compile(r"[\s\p{Cf}]")
"""Spaces and marks of direction: they need no glyph."""
_WEIGHTS: Final = {"regular": 450, "bold": 750}
"""On the axis of variable fonts: a little above the names', since small type on screens looks thin."""
_MEASURED: Final = 96
"""Pixels of the type that lines are measured in."""
_SPARE: Final = 1.01
"""Type is a little wider than its share of larger type: advances are whole pixels."""
SYSTEM_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_PACKAGED: Final[dict[Script, tuple[str, str]]] = {
    "latin": ("fontpkg_inter", "Inter[[]opsz,wght].ttf"),
    "rtl": ("fontpkg_rubik", "Rubik[[]wght].ttf"),
    "thai": ("fontpkg_noto_sans_thai", "NotoSansThai[[]wdth,wght].ttf"),
}
"""Packages of the extra `image` that carry a font, with the file in them."""
_CJK_FILES: Final[dict[Weight, str]] = {
    "regular": "**/NotoSans[SC][CJ]*Regular*",
    "bold": "**/NotoSans[SC][CJ]*Bold*",
}


class NoFontError(LookupError):
    """Text that no font at hand can draw; the message says which and where to get one."""


def script_of(text: str) -> Script:
    """The script that decides about font, direction and line breaks: whatever stands in it of one that Latin
    fonts lack."""
    if _RTL.search(text):
        return "rtl"
    if _THAI.search(text):
        return "thai"
    return "cjk" if _CJK.search(text) else "latin"


def is_rtl(text: str) -> bool:
    """Whether a reader begins at the right."""
    return script_of(text) == "rtl"


@dataclass
class Face:
    """One font file at one weight, in every size that is asked for."""

    path: Path
    weight: Weight
    _sizes: dict[int, ImageFont.FreeTypeFont] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._width = lru_cache(maxsize=8192)(self._measured)

    def _measured(self, text: str, rtl: bool) -> float:
        return self.sized(_MEASURED).getlength(text, direction="rtl" if rtl else "ltr")

    @property
    def name(self) -> str:
        """File and weight: part of what a picture is made of."""
        return f"{self.path.name}:{self.weight}"

    @cached_property
    def _characters(self) -> frozenset[int]:
        return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(self.path))).unicodes)

    def sized(self, pixels: int) -> ImageFont.FreeTypeFont:
        """The font at a size."""
        if pixels not in self._sizes:
            made = ImageFont.truetype(str(self.path), pixels, layout_engine=ImageFont.Layout.RAQM)
            if self.path.name.endswith("].ttf"):
                made.set_variation_by_axes(self._axes(made))
            self._sizes[pixels] = made
        return self._sizes[pixels]

    def _axes(self, made: ImageFont.FreeTypeFont) -> list[float]:
        wanted = {b"Weight": _WEIGHTS[self.weight]}
        axes = made.get_variation_axes()
        return [float(wanted.get(axis["name"], axis["default"] or 0)) for axis in axes]

    def width(self, text: str, pixels: float, rtl: bool) -> float:
        """About how wide a line is: measured once and scaled, a little more than it will be."""
        return self._width(text, rtl) * pixels * _SPARE / _MEASURED

    def missing(self, text: str) -> str:
        """The characters of a text that would come out as boxes."""
        drawn = _UNDRAWN.sub("", text)
        return "".join(sorted({each for each in drawn if ord(each) not in self._characters}))


def _packaged(package: str, pattern: str, below: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / below).glob(pattern))), None)


@dataclass
class Fonts:
    """The fonts of this machine: packages, then `folders`, first found first taken."""

    faces: dict[tuple[Script, Weight], Face]

    @classmethod
    def found(cls, folders: Iterable[Path]) -> Fonts:
        """Looks once; a script without a font is an error only when its text is to be drawn."""
        places = [folder for folder in folders if folder.is_dir()]
        faces: dict[tuple[Script, Weight], Face] = {}
        for script, (package, pattern) in _PACKAGED.items():
            if (path := _packaged(package, pattern, "files")) is not None:
                faces |= {(script, weight): Face(path, weight) for weight in _CJK_FILES}
        for weight, pattern in _CJK_FILES.items():
            files = (path for place in places for path in sorted(place.glob(pattern)))
            if (first := next(files, None)) is not None:
                faces["cjk", weight] = Face(first, weight)
        return cls(faces)

    def face(self, text: str, weight: Weight) -> Face:
        """The face that draws a text. Raises NoFontError."""
        script = script_of(text)
        found = self.faces.get((script, weight))
        if found is None:
            raise NoFontError(f"no font for {script} text at hand: {_REMEDY[script]}")
        if missing := found.missing(text):
            raise NoFontError(f"{found.path.name} lacks {missing[:8]!r}: use other words")
        return found

    def lacking(self) -> list[tuple[Script, str]]:
        """Scripts that cannot be drawn here, with the way to a font."""
        return [(script, _REMEDY[script]) for script in _REMEDY if (script, "bold") not in self.faces]

    def names(self, texts: Sequence[str]) -> list[str]:
        """Names of the faces that draw these texts."""
        return sorted({self.face(text, weight).name for text in texts if text for weight in _CJK_FILES})


_EXTRA: Final = "install the extra `image` (pip install 'shiftcast[image]')"
_REMEDY: Final[dict[Script, str]] = {
    "latin": _EXTRA,
    "rtl": _EXTRA,
    "thai": _EXTRA,
    "cjk": "`make fonts`, Debian's fonts-noto-cjk, or Noto Sans SC in the folder SHIFTCAST_FONT_DIR names",
}

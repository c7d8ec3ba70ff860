"""Fonts by script: where they lie, and which of them draw a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import regex
import uharfbuzz

from models.scene.words.direction import has_rtl
from models.scene.words.face import Face, Weight
from models.scene.words.lettering import CLUSTER, Lettering

Script = Literal["latin", "cjk", "rtl", "thai"]

_CJK: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_THAI: Final = regex.compile(r"\p{Thai}")
_SIGN: Final = regex.compile(
    r"[\p{So}\p{Sk}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Variation_Selector}]"
)
"""An emoji, or another sign that no word is written with."""
_SPACES: Final = regex.compile(r"\s+")
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
_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc"})
_LESS: Final = ("italic", "oblique", "mono", "condensed", "narrow", "serif", "light", "thin")
"""In names of files that are taken after others: not what an ad is set in."""
_HEAVY: Final = ("bold", "black", "heavy")


class NoFontError(LookupError):
    """Text that no font at hand can draw; the message says which and where to get one."""


def script_of(text: str) -> Script:
    """The script that decides about the first font, about line heights and breaks: whatever stands in it of
    one that Latin fonts lack."""
    if has_rtl(text):
        return "rtl"
    if _THAI.search(text):
        return "thai"
    return "cjk" if _CJK.search(text) else "latin"


def _packaged(package: str, pattern: str, below: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / below).glob(pattern))), None)


@dataclass
class Fonts:
    """The fonts of this machine: packages by script, then all that lie in folders."""

    faces: dict[tuple[Script, Weight], Face]
    others: Sequence[Path] = ()
    _read: dict[tuple[Path, Weight], Face] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lettering = lru_cache(maxsize=4096)(self._lettering)
        self.drawable = lru_cache(maxsize=4096)(self._drawable)

    @classmethod
    def found(cls, folders: Iterable[Path]) -> Fonts:
        """Looks once, in each folder and below; a script without a font is an error only when its text is to
        be drawn."""
        places = [folder for folder in folders if folder.is_dir()]
        faces: dict[tuple[Script, Weight], Face] = {}
        for script, (package, pattern) in _PACKAGED.items():
            if (path := _packaged(package, pattern, "files")) is not None:
                faces |= {(script, weight): Face(path, weight) for weight in _CJK_FILES}
        for weight, pattern in _CJK_FILES.items():
            files = (path for place in places for path in sorted(place.glob(pattern)))
            if (first := next(filter(Path.is_file, files), None)) is not None:
                faces["cjk", weight] = Face(first, weight)
        lying = (path for place in places for path in sorted(place.rglob("*"), key=_rank))
        return cls(faces, [path for path in lying if path.suffix.lower() in _SUFFIXES])

    def _lettering(self, text: str, weight: Weight) -> Lettering:
        """The faces that draw a text: that of its script, others for what it lacks. Raises NoFontError."""
        script = script_of(text)
        first = self.faces.get((script, weight))
        if first is not None and not first.missing(text):
            return Lettering(first, {})
        found: dict[str, Face] = {}
        for clusters in _by_script(text):
            if first is None or first.missing("".join(clusters)):
                found |= self._of(clusters, weight, script)
        return Lettering(first or next(iter(found.values())), found)

    def _of(self, clusters: Sequence[str], weight: Weight, script: Script) -> dict[str, Face]:
        """The first face that has all, else for each the first that has it. Raises NoFontError."""
        if (face := self._having("".join(clusters), weight)) is not None:
            return dict.fromkeys(clusters, face)
        faces = {each: self._having(each, weight) for each in clusters}
        if lacking := [each for each, face in faces.items() if face is None]:
            if (script, weight) not in self.faces:
                raise NoFontError(f"no font for {script} text at hand: {_REMEDY[script]}")
            raise NoFontError(f"every font lacks {''.join(lacking)[:8]!r}: {_ANY}, or use other words")
        return {each: face for each, face in faces.items() if face is not None}

    def _having(self, text: str, weight: Weight) -> Face | None:
        return next((each for each in self._chain(weight) if not each.missing(text)), None)

    def _chain(self, weight: Weight) -> Iterator[Face]:
        """Those of scripts, then those of folders in this weight, then all others."""
        yield from (face for (_, told), face in self.faces.items() if told == weight)
        heavy = weight == "bold"
        for path in sorted(self.others, key=lambda each: _is_heavy(each) != heavy):
            if (path, weight) not in self._read:
                self._read[path, weight] = Face(path, weight)
            yield self._read[path, weight]

    def _drawable(self, text: str, weight: Weight) -> tuple[str, int]:
        """The text without the signs that no font has, and how many those are; letters always stay."""
        clusters = CLUSTER.findall(text)
        gone = [each for each in clusters if _SIGN.search(each) and self._having(each, weight) is None]
        if not gone:
            return text, 0
        kept = "".join(each for each in clusters if each not in gone)
        return _SPACES.sub(" ", kept).strip(), len(gone)

    def lacking(self) -> list[tuple[Script, str]]:
        """Scripts that cannot be drawn here, with the way to a font."""
        return [(script, _REMEDY[script]) for script in _REMEDY if (script, "bold") not in self.faces]

    def names(self, texts: Sequence[str]) -> list[str]:
        """Names of the faces that draw these texts. Raises NoFontError."""
        drawn = ((self.drawable(text, weight)[0], weight) for text in texts for weight in _CJK_FILES)
        told = (self.lettering(text, weight) for text, weight in drawn if text)
        return sorted({face.name for each in told for face in each.faces})


def _rank(path: Path) -> tuple[int, str]:
    name = path.name.lower().replace("sansserif", "")
    return sum(each in name for each in _LESS), str(path)


def _is_heavy(path: Path) -> bool:
    return path.name.endswith("].ttf") or any(each in path.name.lower() for each in _HEAVY)


def _by_script(text: str) -> list[list[str]]:
    """What a reader takes for characters, each once, by script; signs and figures, which have none, each
    alone."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in dict.fromkeys(CLUSTER.findall(text)):
        found[_script_name(each[0]) or each].append(each)
    return list(found.values())


@lru_cache(maxsize=4096)
def _script_name(character: str) -> str | None:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(character)
    buffer.guess_segment_properties()
    return buffer.script


_EXTRA: Final = "install the extra `image` (pip install 'shiftcast[image]')"
_ANY: Final = "put a font that has it in the folder SHIFTCAST_FONT_DIR names"
_REMEDY: Final[dict[Script, str]] = {
    "latin": _EXTRA,
    "rtl": _EXTRA,
    "thai": _EXTRA,
    "cjk": "`make fonts`, Debian's fonts-noto-cjk, or Noto Sans SC in the folder SHIFTCAST_FONT_DIR names",
}

"""What a recogniser reads in drawn lines, beside what they were to say. Lines with a character that it does
not know are passed over; of characters that look alike without context (I, l, 1) one stands for all.

Latin and Chinese are read by PP-OCRv6, whose file comes in the package rapidocr (Apache-2.0; of it nothing
else is used), Arabic and Hebrew by the program tesseract where it is there with their data.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image, ImageOps

from models.scene.picture import Picture
from models.scene.words.fonts import script_of
from models.scene.words.placing import Line, Placed

_HEIGHT: Final = 48
_LEAST_WIDTH: Final = 320
_READINGS: Final = (("+eng", 64), ("", 64), ("", 48))
"""How often tesseract is asked: with which data beside those of the language, and pixels of the line."""
_DATA: Final = {"ar": "ara", "he": "heb"}
_A_LINE, _RAW_LINE = "7", "13"
"""How the program takes a page: as one line, and as one without looking for words first."""
_SHOWN: Final = 20
_ALIKE: Final = str.maketrans("I1|", "lll")


@dataclass
class Readings:
    """Lines that were read, those that came out as meant, and some of the others, by script."""

    read: Counter[str] = field(default_factory=Counter)
    alike: Counter[str] = field(default_factory=Counter)
    others: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, script: str, meant: str, found: str) -> None:
        """One line."""
        self.read[script] += 1
        if bare(meant) == bare(found):
            self.alike[script] += 1
        elif len(self.others) < _SHOWN:
            self.others.append((script, meant, found))

    def take(self, other: Readings) -> None:
        """What was read elsewhere."""
        self.read += other.read
        self.alike += other.alike
        self.others = (self.others + other.others)[:_SHOWN]

    def share(self, *scripts: str) -> float | None:
        """Of lines that came out as meant; None where none was read."""
        read = sum(self.read[each] for each in scripts)
        return round(sum(self.alike[each] for each in scripts) / read, 4) if read else None


class Reader:
    """Whatever recognisers this machine has."""

    def __init__(self) -> None:
        self.readings = Readings()
        found = find_spec("rapidocr")
        self._model = None if found is None or found.origin is None else Path(found.origin).parent / "models"
        self._languages = _installed()

    def read(self, picture: Picture, lang: str) -> None:
        """Every line of a picture that something here can read."""
        for placed in picture.placed:
            for line in placed.lines:
                script = "rtl" if lang in _DATA else script_of(line.text)
                if script == "rtl":
                    if _DATA.get(lang) in self._languages:
                        meant = line.text
                        self.readings.add(
                            script, meant, _by_program(_cut(picture, placed, line), lang, meant)
                        )
                elif self._model is not None and self._ctc.knows(line.text):
                    self.readings.add(script, line.text, self._ctc.read(_cut(picture, placed, line)))

    @cached_property
    def _ctc(self) -> _Ctc:
        assert self._model is not None
        return _Ctc(next(self._model.glob("PP-OCRv6_rec*.onnx")))


class _Ctc:
    """A line as the likeliest character of each of its columns, repeats and blanks taken out."""

    def __init__(self, file: Path) -> None:
        self._session = onnxruntime.InferenceSession(str(file), _one_thread())
        told: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self._characters = ["", *told["character"].split("\n"), " "]
        self._known = frozenset("".join(self._characters))

    def knows(self, text: str) -> bool:
        """Whether it can read each character of a text."""
        return self._known.issuperset(bare(text))

    def read(self, line: Image.Image) -> str:
        """The text of one line."""
        width = max(_LEAST_WIDTH, round(line.width * _HEIGHT / line.height))
        shown = line.resize((round(line.width * _HEIGHT / line.height), _HEIGHT), Image.Resampling.BICUBIC)
        pixels = np.asarray(shown, np.float32)[:, :, ::-1] / 127.5 - 1
        given = np.zeros((1, 3, _HEIGHT, width), np.float32)
        given[0, :, :, : shown.width] = pixels.transpose(2, 0, 1)
        [likely] = self._session.run(None, {self._session.get_inputs()[0].name: given})
        return self._text(np.asarray(likely)[0].argmax(axis=1))

    def _text(self, best: NDArray[Any]) -> str:
        kept = best[np.insert(best[1:] != best[:-1], 0, True)]
        return "".join(self._characters[each] for each in kept if each)


def bare(text: str) -> str:
    """A text without what recognisers do not tell: spaces, widths of characters, marks of direction, which of
    those that look alike a character is."""
    plain = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    return "".join(each for each in plain if unicodedata.category(each) not in ("Zs", "Cf"))


def _one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options


def _cut(picture: Picture, placed: Placed, line: Line) -> Image.Image:
    """A line with some of what it stands on."""
    left, top, right, bottom = placed.ink(line)
    pad = max(2.0, placed.pixels * 0.25)
    box = (int(left - pad), int(top - pad / 2), int(right + pad) + 1, int(bottom + pad / 2) + 1)
    return picture.image.crop(box)


def _installed() -> frozenset[str]:
    if shutil.which("tesseract") is None:
        return frozenset()
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout
    return frozenset(listed.split())


def _by_program(line: Image.Image, lang: str, meant: str) -> str:
    """What the program reads of a line: `meant` where one of its readings has the words that were meant, in
    any order (one line does not tell in which direction its reader begins), vowel signs aside. Numbers and
    Latin words among others are read once more by the data for English, since the program turns them round.
    """
    found, (native, foreign) = "", _words(meant)
    for data, pixels in _READINGS:
        page = _page(line, pixels)
        asked = _DATA[lang] + data
        read = _told(page, asked, _A_LINE) or _told(page, asked, _RAW_LINE)
        if _words(read) == (native, foreign):
            return meant
        if foreign and _words(read)[0] == native and not foreign - _words(_told(page, "eng", _A_LINE))[1]:
            return meant
        found = found or read
    return found


def _words(text: str) -> tuple[Counter[str], Counter[str]]:
    """Words of Arabic and Hebrew without vowel signs, and the others without their punctuation."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text)).replace("،", ",")
    kept = "".join(each for each in plain if unicodedata.category(each) not in ("Mn", "Cf"))
    native, foreign = Counter[str](), Counter[str]()
    for word in kept.split():
        if re.search(r"[0-9A-Za-z]", word):
            foreign[re.sub(r"[^0-9A-Za-z.,%-]", "", word).strip(".,-").translate(_ALIKE)] += 1
        elif re.search(r"\w", word):
            native[word] += 1
    return native, foreign


def _page(line: Image.Image, pixels: int) -> bytes:
    """Black on white, enlarged: what the program was made for."""
    grey = ImageOps.autocontrast(line.convert("L"))
    if np.median(np.asarray(grey)) < 128:
        grey = ImageOps.invert(grey)
    grey = grey.resize((round(grey.width * pixels / grey.height), pixels), Image.Resampling.BICUBIC)
    page, data = ImageOps.expand(grey, pixels // 3, 255), BytesIO()
    page.save(data, "PNG")
    return data.getvalue()


def _told(page: bytes, data: str, mode: str) -> str:
    asked = ["tesseract", "-", "-", "-l", data, "--psm", mode]
    told = subprocess.run(asked, input=page, capture_output=True, check=True)
    return told.stdout.decode().strip()

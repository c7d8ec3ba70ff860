"""What a recogniser reads in drawn lines, beside what they were to say. Lines with a character that it does
not know are passed over; of characters that look alike without context (I, l, 1) one stands for all.

Latin and Chinese are read by the recogniser that the renderer uses, Arabic and Hebrew by the program
tesseract where it is there with their data.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from models.scene.picture import DrawnPicture
from models.scene.recogniser import LOOK_ALIKE, Recogniser, bare, can_read, cut_out
from models.scene.words.fonts import script_of

_READINGS: Final = (("+eng", 64), ("", 64), ("", 48))
"""How often tesseract is asked: with which data beside those of the language, and pixels of the line."""
_DATA: Final = {"ar": "ara", "he": "heb"}
_A_LINE, _RAW_LINE = "7", "13"
"""How the program takes a page: as one line, and as one without looking for words first."""
_SHOWN: Final = 20


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
        self._languages = _installed()

    def read(self, picture: DrawnPicture, lang: str) -> None:
        """Every line of a picture that something here can read."""
        for placed in picture.placed:
            for line in placed.lines:
                script = "rtl" if lang in _DATA else script_of(line.text)
                if script == "rtl":
                    if _DATA.get(lang) in self._languages:
                        meant = line.text
                        self.readings.add(
                            script, meant, _by_program(cut_out(picture, placed, line), lang, meant)
                        )
                elif can_read() and self._recogniser.knows(line.text):
                    found = self._recogniser.read(cut_out(picture, placed, line))
                    self.readings.add(script, line.text, found)

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser.installed()


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
            foreign[re.sub(r"[^0-9A-Za-z.,%-]", "", word).strip(".,-").translate(LOOK_ALIKE)] += 1
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

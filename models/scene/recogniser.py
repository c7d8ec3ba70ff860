"""What is read in the drawn lines of a picture: by PP-OCRv6, whose file comes in the package rapidocr
(Apache-2.0; of it nothing else is used). It reads Latin and Chinese."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.scene.picture import DrawnPicture
from models.scene.words.fonts import script_of
from models.scene.words.placing import Placed, PlacedLine

PACKAGE: Final = "rapidocr"
MISSING: Final = f"reading pictures needs the package {PACKAGE}: pip install 'shiftcast[cpu,ocr]'"
LEAST_ALIKE: Final = 0.8
"""Of a line's characters, in their order. A recogniser slips in one or two; what is cut off, covered or drawn
without a glyph costs more."""
_HEIGHT: Final = 48
_LEAST_WIDTH: Final = 320
LOOK_ALIKE: Final = str.maketrans("I1|", "lll")
_RIGHT_TO_LEFT: Final = "rtl"


def can_read() -> bool:
    """Whether the recogniser is installed."""
    return all(find_spec(each) is not None for each in (PACKAGE, "onnxruntime"))


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as it was meant and as it was read."""

    meant: str
    found: str

    @property
    def alike(self) -> bool:
        """Whether whoever reads the one reads the other."""
        meant, found = bare(self.meant), bare(self.found)
        return SequenceMatcher(None, meant, found, autojunk=False).ratio() >= LEAST_ALIKE


class Recogniser:
    """A line as the likeliest character of each of its columns, repeats and blanks taken out."""

    def __init__(self, file: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(file), options)
        told: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self._characters = ["", *told["character"].split("\n"), " "]
        self._known = frozenset("".join(self._characters))

    @classmethod
    def installed(cls) -> Recogniser:
        """The one in the package. Raises ModuleNotFoundError."""
        found = find_spec(PACKAGE)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(MISSING, name=PACKAGE)
        return cls(next((Path(found.origin).parent / "models").glob("PP-OCRv6_rec*.onnx")))

    def lines(self, picture: DrawnPicture) -> list[ReadLine]:
        """Every line of a picture that it can read."""
        return [
            ReadLine(line.text, self.read(cut_out(picture, placed, line)))
            for placed in picture.placed
            for line in placed.lines
            if self.knows(line.text)
        ]

    def knows(self, text: str) -> bool:
        """Whether it can read each character of a text, and in its direction."""
        return script_of(text) != _RIGHT_TO_LEFT and self._known.issuperset(bare(text))

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
    plain = unicodedata.normalize("NFKC", text).translate(LOOK_ALIKE)
    return "".join(each for each in plain if unicodedata.category(each) not in ("Zs", "Cf"))


def cut_out(picture: DrawnPicture, placed: Placed, line: PlacedLine) -> Image.Image:
    """A line with some of what it stands on."""
    left, top, right, bottom = placed.ink(line)
    pad = max(2.0, placed.pixels * 0.25)
    box = (int(left - pad), int(top - pad / 2), int(right + pad) + 1, int(bottom + pad / 2) + 1)
    return picture.image.crop(box)

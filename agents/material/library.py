"""The library: one line of JSON for each file, with everything that was found of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec
import numpy as np

from agents.material.captions import FileCaption
from agents.material.folder import SuppliedFile, UnusableError
from models.arrays import FloatArray
from models.material.hashes import firsts_alike
from models.material.image_encoder import ImageEncoder
from models.material.picture import PictureFeatures, picture_features_of
from models.material.sentiment import sentiment_of
from models.material.vectors import picture_vector
from models.material.words import words_of_address
from models.scene.photo import Photo, PhotoError, read_photo, whole_photo
from models.whole_file import written_beside
from streams import records as r

_DIGITS: Final = 5
MISSING_AV: Final = "clips need the package av: pip install 'shiftcast[video]'"


class Colour(msgspec.Struct, frozen=True):
    name: str
    colour: str
    share: float


class LibraryLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """`like`: the first file that looks alike; `vector`: colour, texture and shape; `seen`: the image
    encoder's; `sound`: means and spreads of log-mel bands."""

    file: str
    kind: str
    sha256: str
    bytes: int
    width: int
    height: int
    aspect: float
    palette: list[Colour]
    texture_energy: float
    fill: float
    dhash: str
    caption: str
    sentiment: float
    vector: list[float]
    item_ids: list[str] = []
    cat: list[str] = []
    like: str = ""
    seconds: float = 0.0
    sound: list[float] = []
    encoder: str = ""
    seen: list[float] = []
    near: dict[str, float] = {}


class _Looked(NamedTuple):
    photo: Photo
    seconds: float = 0.0
    sound: FloatArray | None = None


def line_of_file(
    file: SuppliedFile, folder: Path, said: FileCaption | None, encoder: ImageEncoder | None
) -> LibraryLine:
    """Raises UnusableError."""
    data = file.read(folder)
    try:
        looked = _Looked(read_photo(data)) if file.kind == "picture" else _clip(data)
    except PhotoError as error:
        raise UnusableError(str(error)) from None
    seen = picture_features_of(looked.photo)
    caption = said.caption if said and said.caption else words_of_address(file.name)
    return LibraryLine(
        file.name,
        file.kind,
        sha256(data).hexdigest(),
        len(data),
        seen.width,
        seen.height,
        seen.aspect,
        _palette(seen),
        seen.texture_energy,
        seen.fill,
        seen.dhash,
        caption,
        sentiment_of(caption),
        _rounded(picture_vector(seen)),
        said.item_ids if said else [],
        said.categories if said else [],
        seconds=looked.seconds,
        sound=_rounded(looked.sound),
        encoder=encoder.name if encoder else "",
        seen=_rounded(encoder.of_picture(looked.photo.image)) if encoder else [],
    )


def with_likes(lines: Sequence[LibraryLine]) -> list[LibraryLine]:
    """Each near duplicate names the first of its kind."""
    firsts = firsts_alike([each.dhash for each in lines])
    return [
        each if first is None else msgspec.structs.replace(each, like=lines[first].file)
        for each, first in zip(lines, firsts, strict=True)
    ]


def write_library(path: Path, lines: Iterable[LibraryLine]) -> None:
    """Whole or not at all. Raises OSError."""
    data = b"".join(msgspec.json.encode(each) + b"\n" for each in lines)
    written_beside(path, data).replace(path)


def material_of(lines: Iterable[LibraryLine], prefix: str) -> list[r.SuppliedPicture]:
    """What a campaign's `pool.material` says of the pictures, had below `prefix`; near duplicates stand once.
    Clips are not shown as they are: creatives have clips of their own."""
    return [
        r.SuppliedPicture(
            f"{prefix.rstrip('/')}/{quote(each.file)}",
            each.caption,
            each.item_ids,
            each.cat,
            [colour.colour for colour in each.palette],
            each.sentiment,
            each.near,
        )
        for each in lines
        if each.kind == "picture" and not each.like
    ]


def _clip(data: bytes) -> _Looked:
    try:
        from models.material.clip import ClipError, read_clip
    except ImportError:
        raise UnusableError(MISSING_AV) from None
    try:
        found = read_clip(data)
    except ClipError as error:
        raise UnusableError(str(error)) from None
    return _Looked(whole_photo(found.poster), found.seconds, found.sound)


def _palette(seen: PictureFeatures) -> list[Colour]:
    return [Colour(each.name, each.colour, each.share) for each in seen.palette]


def _rounded(values: FloatArray | None) -> list[float]:
    return [] if values is None else [round(float(each), _DIGITS) for each in np.ravel(values)]

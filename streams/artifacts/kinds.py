"""What every record of ads.artifact.v1 has: a key that says its kind, and the sum of its data.

`catalog|<version>|item:<id>`    one item: its row, code and vector, with the sha256 of the three
`catalog|<version>|basis:<n>`    chunk n of the version's arrays
`catalog|<version>|manifest`     LAST: counts of items and chunks, the sum of the arrays; only now current
`detector|<version>|settings`    detector settings of that catalogue version, with prior and kernel
`portraits|<version>|groups`     portraits of groups of users, of that catalogue version (portraits.py)
`shared|0|<audience>|...`        which shared creative stands under an audience key
`pictured|0|<audience>|...`      the pictures that were drawn for it (pictured.py)
`copywriter|0|current`           who writes; `copywriter|0|shadow` beside it (announcements.py)
`click_model|<version>|...`      weights of the click model (click_model.py)
`behaviour_model|<version>|...`  the same of what is taken without an exposure
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.records import ArtifactRecord

CATALOG_KIND: Final = "catalog"
DETECTOR: Final = "detector"
SHARED: Final = "shared"
PICTURED: Final = "pictured"
PORTRAITS: Final = "portraits"
COPYWRITER_KIND: Final = "copywriter"
CLICK_MODEL: Final = "click_model"
BEHAVIOUR_MODEL: Final = "behaviour_model"
MANIFEST_PART: Final = "manifest"
_canonical: Final = msgspec.json.Encoder(order="sorted")


class DamagedError(ValueError):
    """A part of an artefact whose sum, shape or fields are not what they must be."""


def artifact_key(record: ArtifactRecord) -> str:
    """Topic key of an artefact record."""
    return f"{record.kind}|{record.version}|{record.part}"


def summed(kind: str, version: int, part: str, data: dict[str, Any]) -> ArtifactRecord:
    """A record that carries the sum of its data."""
    return ArtifactRecord(kind, version, part, {**data, "sha256": _sum(data)})


def checked_artifact(record: ArtifactRecord) -> dict[str, Any]:
    """The data of a record whose sum is right. Raises DamagedError."""
    data = {name: value for name, value in record.data.items() if name != "sha256"}
    if _sum(data) != record.data.get("sha256"):
        raise DamagedError(f"{artifact_key(record)}: the record's sum is not that of its data")
    return data


@contextmanager
def damage_of(record: ArtifactRecord) -> Iterator[None]:
    """Whatever is wrong with the fields of a record is damage to it."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:  # msgspec's errors are ValueErrors
        raise DamagedError(f"{artifact_key(record)}: {error}") from error


def _sum(data: dict[str, Any]) -> str:
    return sha256(_canonical.encode(data)).hexdigest()


def float32_text(array: NDArray[np.float32]) -> str:
    """An array as it stands in a record: little-endian float32, base64."""
    return b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def float32_array(text: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The array of `float32_text`. Raises ValueError for what is none of this shape."""
    return np.frombuffer(b64decode(text, validate=True), "<f4").reshape(shape)

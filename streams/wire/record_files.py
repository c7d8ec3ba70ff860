"""Records in a file that people write, or that was packed: one JSON object per line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from streams.loud_end import RefusedError
from streams.records import Campaign, CatalogItem, CopyEntry, Record
from streams.wire.codecs import encode

R = TypeVar("R", bound=Record)


_PRICES: Final = ("$.price`", "$.salesprice`")
_NUMBER: Final = '; write a price as a number in units of cur: "price": 19.99, "cur": "USD"'


_SAMPLES: Final[dict[type[Record], str]] = {
    CatalogItem: "catalog.jsonl",
    Campaign: "campaigns.jsonl",
    CopyEntry: "copy.jsonl.gz",
}


def _sample(kind: type[Record]) -> str:
    return f", as in deploy/demo/{_SAMPLES[kind]}" if kind in _SAMPLES else ""


def _hint(complaint: str) -> str:
    """What to write instead, where shops usually write something else."""
    return _NUMBER if "got `str`" in complaint and complaint.endswith(_PRICES) else ""


def read_lines(path: Path, kind: type[R]) -> list[R]:
    """Records of a JSON-lines file (`.gz`: packed), blank lines left out. Raises RefusedError: file, line and
    reason."""
    decoder = msgspec.json.Decoder(kind)
    found: list[R] = []
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    except (EOFError, zlib.error) as error:
        raise RefusedError(f"{path}: ends too early, or is damaged; fetch or pack it again") from error
    except OSError as error:  # gzip.BadGzipFile is one
        raise RefusedError(
            f"{path}: {error.strerror or error}; give one {kind.__name__} per line as JSON{_sample(kind)}"
        ) from error
    for number, line in enumerate(lines, start=1):
        try:
            found += [decoder.decode(line)] if line.strip() else []
        except UnicodeDecodeError as error:
            raise RefusedError(
                f"{path}, line {number}: byte {error.object[error.start]:#x} is not UTF-8; save the file "
                "as UTF-8"
            ) from error
        except msgspec.MsgspecError as error:
            raise RefusedError(f"{path}, line {number}: {error}{_hint(str(error))}") from error
    return found


def write_lines(path: Path, records: Sequence[Record]) -> None:
    """As `read_lines` reads them. The same records make the same bytes."""
    lines = b"".join(encode(each) + b"\n" for each in records)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(lines, mtime=0) if path.suffix == ".gz" else lines)

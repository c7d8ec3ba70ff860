"""Records in a file that people write, or that was packed: one JSON object per line."""

from __future__ import annotations

import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from streams.loud_end import RefusedError
from streams.records import Campaign, CatalogItem, CopyEntry, Record
from streams.topics import TopicSpec
from streams.wire.codecs import Rejected, WireLimits, decode, encode, record_key_of

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
    return [record for _, record in _numbered(path, kind)]


def read_sendable(path: Path, kind: type[R], spec: TopicSpec, limits: WireLimits) -> list[R]:
    """The same of records that are sent to a topic next, each as its readers will have it. Raises
    RefusedError also for what they would refuse."""
    found: list[R] = []
    for number, record in _numbered(path, kind):
        try:
            sent = decode(spec, encode(record), record_key_of(spec, record), (), 0, limits)
        except (Rejected, ValueError) as error:
            raise RefusedError(f"{path}, line {number}: {error}; {spec.name} refuses it so") from error
        assert isinstance(sent, kind)
        found.append(sent)
    return found


def _numbered(path: Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    decoder = msgspec.json.Decoder(kind)
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (EOFError, zlib.error) as error:
        raise RefusedError(f"{path}: ends too early, or is damaged; fetch or pack it again") from error
    except OSError as error:  # gzip.BadGzipFile is one
        raise RefusedError(
            f"{path}: {error.strerror or error}; give one {kind.__name__} per line as JSON{_sample(kind)}"
        ) from error
    for number, line in enumerate(data.removeprefix(BOM_UTF8).splitlines(), start=1):
        try:
            if line.strip():
                yield number, decoder.decode(line)
        except UnicodeDecodeError as error:
            raise RefusedError(
                f"{path}, line {number}: byte {error.object[error.start]:#x} is not UTF-8; save the file "
                "as UTF-8"
            ) from error
        except msgspec.MsgspecError as error:
            raise RefusedError(f"{path}, line {number}: {error}{_hint(str(error))}") from error


def write_lines(path: Path, records: Sequence[Record]) -> None:
    """As `read_lines` reads them. The same records make the same bytes."""
    lines = b"".join(encode(each) + b"\n" for each in records)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(lines, mtime=0) if path.suffix == ".gz" else lines)

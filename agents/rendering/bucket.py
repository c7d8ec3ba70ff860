"""Pictures and clips as objects of a bucket that speaks S3.

Beside the files of a name lies an object that says until when creatives name them; whoever is about to name
them moves that on, by a put that fails where another one was faster. There is no lock: what is removed was
held by nobody for a day, and within the last hour of that day whoever wants a name writes its files anew, so
that none goes while it is being named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from agents.rendering.file_names import FILE_NAME, FIRST, HASH, KEPT_AFTER_MS, NOTE, SUFFIXES, type_of
from agents.rendering.store import Noted, noted_of

_UNTIL: Final = ".until"
_MARGIN_MS: Final = 3_600_000
"""Longer than a round of removing takes."""
_CACHED: Final = "public, max-age=604800, immutable"
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class _Until:
    """What stands beside the files of a name, and its version."""

    ms: int
    version: dict[str, str]


class BucketStore:
    """An AssetStore in a bucket. `now_ms`: Unix ms, when it is called."""

    def __init__(self, bucket: Any, now_ms: Callable[[], int]) -> None:
        self._bucket = bucket
        self._now_ms = now_ms

    def make(self) -> None:
        """Asks what is there: a wrong name or key is told at the start."""
        with _told_as_os_errors():
            next(iter(obstore.list(self._bucket, prefix="0" * HASH)), None)

    def hold(self, name: str, until_ms: int) -> dict[str, bytes]:
        """Those of the bucket."""
        with _told_as_os_errors():
            if not self._stays(self._until(name)):
                return {}
            self._prolong(name, until_ms)
            return self._files(name)

    def put(self, name: str, files: dict[str, bytes], until_ms: int) -> dict[str, bytes]:
        """Each file where none stands yet, or over one that is about to go."""
        with _told_as_os_errors():
            before = self._prolong(name, until_ms)
            mode = "create" if before is None or self._stays(before) else "overwrite"
            for suffix in reversed(SUFFIXES):
                if suffix in files:
                    self._write(f"{name}{suffix}", files[suffix], mode)
            return self._files(name)

    def note(self, content: str, noted: Noted) -> None:
        """As an object of its own; the newest stays."""
        with _told_as_os_errors():
            obstore.put(self._bucket, f"{content}{NOTE}", msgspec.json.encode(noted), use_multipart=False)

    def noted(self, content: str) -> Noted | None:
        """By its object."""
        with _told_as_os_errors():
            try:
                return noted_of(bytes(obstore.get(self._bucket, f"{content}{NOTE}").bytes()))
            except FileNotFoundError:
                return None

    def remove_expired(self, now_ms: int) -> int:
        """By what stands beside them; where nothing does, by their age."""
        young_ms = now_ms - KEPT_AFTER_MS
        with _told_as_os_errors():
            names: dict[str, dict[str, int]] = {}
            for path, written_ms in self._listed():
                if FILE_NAME.fullmatch(path) or path.endswith((_UNTIL, NOTE)):
                    names.setdefault(path[:HASH], {})[path] = written_ms
            old = {name: paths for name, paths in names.items() if max(paths.values()) <= young_ms}
            return sum(self._removed(name, paths, young_ms) for name, paths in old.items())

    def _removed(self, name: str, paths: Iterable[str], young_ms: int) -> int:
        until = self._until(name)
        if until is not None and until.ms > young_ms:
            return 0
        files = sorted(each for each in paths if not _is_until(each))
        files.sort(key=lambda each: not each.endswith(FIRST))
        for path in files:
            obstore.delete(self._bucket, path)
        if until is not None:
            obstore.delete(self._bucket, f"{name}{_UNTIL}")
        return len(files)

    def _listed(self) -> Iterator[tuple[str, int]]:
        """Each object, and when it was written, Unix ms."""
        for page in obstore.list(self._bucket):
            for each in page:
                yield each["path"], round(each["last_modified"].timestamp() * 1_000)

    def _prolong(self, name: str, until_ms: int) -> _Until | None:
        """Moves on until when the files of a name are held. Returns what stood there before."""
        for _ in range(_TRIES):
            found = self._until(name)
            if found is not None and found.ms >= until_ms:
                return found
            mode = "create" if found is None else found.version
            with suppress(AlreadyExistsError, PreconditionError, FileNotFoundError):  # another one was faster
                obstore.put(self._bucket, f"{name}{_UNTIL}", str(until_ms).encode(), mode=mode)
                return found
        raise OSError(f"{name}{_UNTIL} was changed by others {_TRIES} times while it was to be written")

    def _stays(self, found: _Until | None) -> bool:
        return found is not None and found.ms + KEPT_AFTER_MS > self._now_ms() + _MARGIN_MS

    def _until(self, name: str) -> _Until | None:
        try:
            found = obstore.get(self._bucket, f"{name}{_UNTIL}")
        except FileNotFoundError:
            return None
        return _Until(int(bytes(found.bytes())), {"e_tag": found.meta["e_tag"]})

    def _write(self, path: str, data: bytes, mode: str) -> None:
        about = {"Content-Type": type_of(path), "Cache-Control": _CACHED}
        with suppress(AlreadyExistsError):  # the first one stays
            obstore.put(self._bucket, path, data, attributes=about, mode=mode, use_multipart=False)

    def _files(self, name: str) -> dict[str, bytes]:
        files = {}
        for suffix in SUFFIXES:
            try:
                files[suffix] = bytes(obstore.get(self._bucket, f"{name}{suffix}").bytes())
            except FileNotFoundError:
                if suffix == FIRST:
                    return {}
        return files


def bucket_at(url: str) -> Any:
    """The bucket of an address `s3://NAME/PREFIX`, with the keys and the endpoint that the environment has:
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT. Raises OSError."""
    plain = os.environ.get("AWS_ENDPOINT", "").startswith("http://")
    with _told_as_os_errors():
        return S3Store.from_url(url, client_options={"allow_http": plain})


def _is_until(path: str) -> bool:
    return path.endswith(_UNTIL)


@contextmanager
def _told_as_os_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise OSError(f"the bucket of pictures: {str(error).strip().splitlines()[0]}") from error

"""Pictures and clips as objects of a bucket that speaks S3.

Beside the files of a name lies an object that says which creatives name them, and until when; whoever is
about to name them adds itself, by a put that fails where another one was faster. There is no lock: what is
removed was held by nobody for a day, and within the last hour of that day whoever wants a name writes its
files anew, so that none goes while it is being named. Where the last that named them was let go, an object
says so, and that hour begins at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec
import obstore
from msgspec import structs
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from agents.rendering.files.file_names import (
    CACHE_CONTROL,
    FILE_NAME,
    FIRST,
    GONE,
    HASH,
    KEPT_AFTER_MS,
    LET_GO_MS,
    NOTE,
    SUFFIXES,
    gone_name,
    name_in,
    type_of,
)
from agents.rendering.files.holders import Holders, holders_of, told
from agents.rendering.files.store import Noted, noted_of

_UNTIL: Final = ".until"
_GOING: Final = ".going"
_BESIDE: Final = (_UNTIL, _GOING)
_MARGIN_MS: Final = LET_GO_MS
"""Longer than a round of removing takes."""
_TRIES: Final = 20
_RETRIES: Final[dict[str, Any]] = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
"""What takes longer is told: the renderer waits for its store by itself, others go on without."""


@dataclass(frozen=True, slots=True)
class _Until:
    """What stands beside the files of a name, and its version."""

    holders: Holders
    version: dict[str, str]

    @property
    def ms(self) -> int:
        """When the last of them expires."""
        return self.holders.until_ms


class BucketStore:
    """An AssetStore in a bucket. `now_ms`: Unix ms, when it is called."""

    def __init__(self, bucket: Any, now_ms: Callable[[], int]) -> None:
        self._bucket = bucket
        self._now_ms = now_ms

    def make(self) -> None:
        """Asks what is there: a wrong name or key is told at the start."""
        with _told_as_os_errors():
            next(iter(obstore.list(self._bucket, prefix="0" * HASH)), None)

    def hold(self, name: str, until_ms: int, holder: str) -> dict[str, bytes]:
        """Those of the bucket."""
        with _told_as_os_errors():
            return self._files(name) if self._held(name, until_ms, holder) else {}

    def keep(self, name: str, until_ms: int, holder: str) -> None:
        """Unless they are about to go: whoever draws them writes them anew."""
        with _told_as_os_errors():
            self._held(name, until_ms, holder)

    def put(self, name: str, files: dict[str, bytes], until_ms: int, holder: str) -> dict[str, bytes]:
        """Each file where none stands yet, or over one that is about to go."""
        with _told_as_os_errors():
            before = self._change(name, lambda found: found.held(holder, until_ms))
            mode = "create" if before is None or self._stays(before) else "overwrite"
            for suffix in reversed(SUFFIXES):
                if suffix in files:
                    self._write(f"{name}{suffix}", files[suffix], mode)
            return self._files(name)

    def let_go(self, name: str, holder: str, now_ms: int) -> None:
        """What says so stands before anything goes."""
        with _told_as_os_errors():
            found = self._until(name)
            if found is None or holder not in found.holders.by:
                return
            if found.holders.without(holder).until_ms + KEPT_AFTER_MS <= now_ms + LET_GO_MS:
                obstore.put(self._bucket, f"{name}{_GOING}", b"", use_multipart=False)
            self._change(name, lambda each: each.without(holder))

    def mark_gone(self, holder: str, now_ms: int) -> None:
        """By an empty object."""
        with _told_as_os_errors():
            obstore.put(self._bucket, gone_name(holder), b"", use_multipart=False)

    def is_gone(self, holder: str) -> bool:
        """By that object."""
        with _told_as_os_errors():
            try:
                obstore.head(self._bucket, gone_name(holder))
            except FileNotFoundError:
                return False
            return True

    def note(self, content: str, noted: Noted) -> None:
        """As an object of its own; the newest stays."""
        with _told_as_os_errors():
            obstore.put(self._bucket, f"{content}{NOTE}", msgspec.json.encode(noted), use_multipart=False)

    def noted(self, content: str) -> Noted | None:
        """By its object, and what stands beside the files that it names."""
        with _told_as_os_errors():
            try:
                noted = noted_of(bytes(obstore.get(self._bucket, f"{content}{NOTE}").bytes()))
            except FileNotFoundError:
                return None
            found = self._until(name_in(noted.assets[0].url)) if noted and noted.assets else None
            if noted is None or found is None or not self._stays(found):
                return None
            return structs.replace(noted, until_ms=min(noted.until_ms, found.ms))

    def remove_expired(self, now_ms: int) -> int:
        """By what stands beside them; where nothing does, by their age."""
        young_ms = now_ms - KEPT_AFTER_MS
        with _told_as_os_errors():
            names: dict[str, dict[str, int]] = {}
            for path, written_ms in self._listed():
                if FILE_NAME.fullmatch(path) or path.endswith((NOTE, GONE, *_BESIDE)):
                    names.setdefault(path[:HASH], {})[path] = written_ms
            old = [
                each
                for each, paths in names.items()
                if max(paths.values()) <= young_ms
                or paths.get(f"{each}{_GOING}", now_ms) + LET_GO_MS <= now_ms
            ]
            return sum(self._removed(each, names[each], young_ms) for each in old)

    def _removed(self, name: str, paths: Iterable[str], young_ms: int) -> int:
        until, going = self._until(name), f"{name}{_GOING}"
        files: list[str] = []
        if until is None or until.ms <= young_ms:
            files = sorted(each for each in paths if not each.endswith(_BESIDE))
            files.sort(key=lambda each: not each.endswith(FIRST))
            for path in files:
                obstore.delete(self._bucket, path)
            if until is not None:
                obstore.delete(self._bucket, f"{name}{_UNTIL}")
        if going in paths:  # of somebody before whoever holds them now
            obstore.delete(self._bucket, going)
        return len(files)

    def _listed(self) -> Iterator[tuple[str, int]]:
        """Each object, and when it was written, Unix ms."""
        for page in obstore.list(self._bucket):
            for each in page:
                yield each["path"], _written_ms(each)

    def _held(self, name: str, until_ms: int, holder: str) -> bool:
        """Whether they stay."""
        stays = self._stays(self._until(name))
        if stays:
            self._change(name, lambda found: found.held(holder, until_ms))
        return stays

    def _change(self, name: str, made: Callable[[Holders], Holders]) -> _Until | None:
        """Changes who holds the files of a name. Returns what stood there before."""
        for _ in range(_TRIES):
            found = self._until(name)
            before = Holders() if found is None else found.holders
            holders = made(before)
            if holders is before:
                return found
            mode = "create" if found is None else found.version
            with suppress(AlreadyExistsError, PreconditionError, FileNotFoundError):  # another one was faster
                obstore.put(self._bucket, f"{name}{_UNTIL}", told(holders), mode=mode)
                return found
        raise OSError(f"{name}{_UNTIL} was changed by others {_TRIES} times while it was to be written")

    def _stays(self, found: _Until | None) -> bool:
        return found is not None and found.ms + KEPT_AFTER_MS > self._now_ms() + _MARGIN_MS

    def _until(self, name: str) -> _Until | None:
        try:
            found = obstore.get(self._bucket, f"{name}{_UNTIL}")
        except FileNotFoundError:
            return None
        holders = holders_of(bytes(found.bytes()))
        holders = holders or Holders(others_ms=_written_ms(found.meta))  # of a build that tells it otherwise
        return _Until(holders, {"e_tag": found.meta["e_tag"]})

    def _write(self, path: str, data: bytes, mode: str) -> None:
        about = {"Content-Type": type_of(path), "Cache-Control": CACHE_CONTROL}
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
        return S3Store.from_url(url, client_options={"allow_http": plain}, retry_config=_RETRIES)


def _written_ms(about: Mapping[str, Any]) -> int:
    return round(about["last_modified"].timestamp() * 1_000)


@contextmanager
def _told_as_os_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise OSError(f"the bucket of pictures: {str(error).strip().splitlines()[0]}") from error

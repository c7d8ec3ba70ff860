"""Pictures and clips as files, named by what they are made of: what every store of them promises."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, Protocol

import msgspec

from agents.rendering.files.file_names import KEPT_AFTER_MS
from streams import records as r


class Noted(msgspec.Struct, frozen=True):
    """The assets of a picture, whose files are held until `until_ms` at least."""

    until_ms: int
    assets: list[r.Asset]

    @property
    def kept_ms(self) -> int:
        """Until then its files are there, unless whoever holds them lets them go."""
        return self.until_ms + KEPT_AFTER_MS


class AssetStore(Protocol):
    """Where files are kept as long as a creative names them. Any number of processes may use one."""

    def make(self) -> None:
        """What must be there before it is used. Raises OSError."""

    def hold(self, name: str, until_ms: int, holder: str) -> dict[str, bytes]:
        """The files of a name by suffix, kept a day beyond `until_ms` for a creative, by its id; empty when
        it is not there. Raises OSError."""

    def keep(self, name: str, until_ms: int, holder: str) -> None:
        """As `hold`, without reading them. Raises OSError."""

    def put(self, name: str, files: dict[str, bytes], until_ms: int, holder: str) -> dict[str, bytes]:
        """Stores files under a name, whole or not at all, for good when this returns. Returns those that
        stand there: the first that were stored stay, since creatives name them by their hashes, and the
        signatures of no two are alike. Raises OSError."""

    def let_go(self, name: str, holder: str, now_ms: int) -> None:
        """A creative names the files no longer: those that it held alone go LET_GO_MS from now. Raises
        OSError."""

    def mark_gone(self, holder: str, now_ms: int) -> None:
        """A creative is not to be shown again, whatever is still asked for it. Raises OSError."""

    def is_gone(self, holder: str) -> bool:
        """Whether that was said of it within the day. Raises OSError."""

    def note(self, content: str, noted: Noted) -> None:
        """Says which assets show a content (`content_of`). Raises OSError."""

    def noted(self, content: str) -> Noted | None:
        """What was said last, as long as the files are held; None = nothing. Raises OSError."""

    def remove_expired(self, now_ms: int) -> int:
        """Removes what no creative names since a day, and what a killed process left half written. Returns
        how many files. Raises OSError."""


_decoder: Final = msgspec.json.Decoder(Noted)


def noted_of(data: bytes) -> Noted | None:
    """What a note says; None where it is not one of this build."""
    with suppress(msgspec.DecodeError):
        return _decoder.decode(data)
    return None

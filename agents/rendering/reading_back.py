"""A share of the pictures is read back by a recogniser before it is used."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models.scene.picture import DrawnPicture
from streams.loud_end import RefusedError
from streams.metrics.pictures import PICTURES_READ
from streams.settings import Settings

if TYPE_CHECKING:
    from models.scene.recogniser import Recogniser

log = logging.getLogger(__name__)

USUAL_SHARE: Final = 0.02
"""Where a recogniser is installed and nothing is set: reading a picture takes longer than drawing it."""
_DIGITS: Final = 8


@dataclass(frozen=True)
class ReadingBack:
    """Which pictures are read follows from their names: one that is drawn again is read again."""

    recogniser: Recogniser
    share: float

    @classmethod
    def of(cls, settings: Settings) -> ReadingBack | None:
        """What the settings ask for. Raises RefusedError where the recogniser that it takes is missing."""
        from models.scene.recogniser import MISSING, Recogniser, can_read

        share = settings.read_back_share
        if share is None:
            share = USUAL_SHARE if can_read() else 0.0
        if not share:
            return None
        if not can_read():
            raise RefusedError(f"SHIFTCAST_READ_BACK_SHARE is {share:g}: {MISSING}")
        return cls(Recogniser.installed(), share)

    def is_misread(self, name: str, picture: DrawnPicture) -> bool:
        """Whether a picture of this name is among those that are read, and its words are others than those
        meant."""
        if int(name[:_DIGITS], 16) >= self.share * 16**_DIGITS:
            return False
        read = self.recogniser.lines(picture)
        wrong = [each for each in read if not each.alike]
        PICTURES_READ.labels("otherwise" if wrong else "alike" if read else "unknown_script").inc()
        for each in wrong:
            log.warning("picture %s: %r is read as %r", name, each.meant, each.found)
        return bool(wrong)

"""Things that are bought for their looks and that nothing shows: counted, and told once with what to do."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from streams import records as r
from streams.metrics.pictures import NOT_SHOWN

log = logging.getLogger(__name__)


class NotShownError(LookupError):
    """A thing that is bought for its looks has neither photo nor drawing: words alone are no ad for it."""


@dataclass
class NotShown:
    """`what` its creatives stay without: a picture or a clip. Each reason is told once."""

    what: str
    _told: set[str] = field(default_factory=set, init=False)

    def note(self, creative_id: str, error: NotShownError) -> None:
        """One more."""
        NOT_SHOWN.inc()
        reason = str(error)
        if reason not in self._told:
            self._told.add(reason)
            log.info(
                "no %s for %s: %s; the next of this kind are counted (shiftcast_not_shown_total)",
                self.what,
                creative_id,
                reason,
            )


def why_not_shown(look: r.Look) -> str:
    """With what to do about it."""
    if not look.photo:
        return "its item has no photo, and nothing draws it: give `images` in the catalogue"
    return (
        "its photo was not had, and nothing draws it: shiftcast_photos_total says why, "
        "SHIFTCAST_PHOTO_HOSTS lists the hosts that photos come from"
    )

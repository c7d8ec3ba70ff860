"""The first version of a creative names its picture where one of the same content is in the store already."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from agents.creatives.looks import last_like
from agents.creatives.pictures import PictureAsker, content_of, pictured
from agents.rendering.store import Noted
from agents.rendering.stores import store_of
from streams import records as r
from streams.loud_end import RefusedError, line_of
from streams.metrics.pictures import FIRST_PICTURES
from streams.settings import Settings

log = logging.getLogger(__name__)

PATIENCE_S: Final = 0.05
"""What a batch waits for the store at most: copy is never held up."""
Look = Callable[[str], Noted | None]
"""What is noted of a content. Raises OSError."""
Wanted = tuple[r.Creative, Sequence[str]]
"""A creative that goes out, and how the user's last pictures looked."""


class FirstPictures:
    """The renderer is asked nevertheless: it holds the files as long as the creative may be shown."""

    def __init__(self, asker: PictureAsker, look: Look, patience_s: float = PATIENCE_S) -> None:
        self._asker = asker
        self._look = look
        self._patience_s = patience_s
        self._told = False

    @classmethod
    def of(cls, settings: Settings, asker: PictureAsker, now_ms: Callable[[], int]) -> FirstPictures | None:
        """Those of the settings' store; None where there are no pictures, or it cannot be reached here."""
        if settings.assets_url is None:
            return None
        try:
            return cls(asker, store_of(settings, now_ms).noted)
        except (RefusedError, OSError) as error:
            log.warning("first versions of creatives name no picture of the store: %s", line_of(error))
            return None

    async def hung(self, made: Sequence[Wanted]) -> list[r.Creative]:
        """The creatives, with their pictures where they are had in time."""
        requests = [self._asker.request(creative) for creative, _ in made]
        contents = ["" if each is None else content_of(each) for each in requests]
        try:
            async with asyncio.timeout(self._patience_s):
                found = await asyncio.to_thread(self._found, contents)
                return [_hung(*each, noted) for each, noted in zip(made, found, strict=True)]
        except TimeoutError:
            FIRST_PICTURES.labels("late").inc(len(made))
        except OSError as error:
            FIRST_PICTURES.labels("failed").inc(len(made))
            if not self._told:
                self._told = True
                log.warning("the store of pictures cannot be read (told once): %s", line_of(error))
        return [creative for creative, _ in made]

    def _found(self, contents: Sequence[str]) -> list[Noted | None]:
        return [self._look(each) if each else None for each in contents]


def _hung(creative: r.Creative, seen: Sequence[str], found: Noted | None) -> r.Creative:
    if found is None or not _is_fit(found, creative, seen):
        FIRST_PICTURES.labels("none").inc()
        return creative
    FIRST_PICTURES.labels("cached").inc()
    return pictured(creative, found.assets)


def _is_fit(found: Noted, creative: r.Creative, seen: Sequence[str]) -> bool:
    """Whether its files outlast the creative, and it looks like nothing that the user had lately."""
    looks = next((each.looks for each in found.assets if each.looks), None)
    return found.kept_ms >= creative.expires and not (looks and last_like(looks, seen))

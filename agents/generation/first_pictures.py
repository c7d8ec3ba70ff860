"""The first version of a creative names its picture where one of the same content is in the store already.

A picture of a photo that a person denied is not named. Where a classifier judges photos, those that no person
approved are left to the renderer, which asks it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from agents.creatives.looks import last_like
from agents.creatives.pictures import PictureAsker, content_of, pictured
from agents.generation.kept_files import KeptFiles
from agents.generation.store_looks import NotedContents, StoreLooks
from agents.rendering.files.file_names import name_in
from agents.rendering.files.store import Noted
from agents.rendering.files.stores import store_of
from models.campaigns import USABLE_AUDITS
from streams import records as r
from streams.loud_end import RefusedError, line_of
from streams.mapping.revocations import pictures_in
from streams.metrics.pictures import FIRST_PICTURES
from streams.settings import Settings

log = logging.getLogger(__name__)

PATIENCE_S: Final = 0.05
"""What a batch waits for the store at most: copy is never held up."""
Wanted = tuple[r.Creative, Sequence[str]]
"""A creative that goes out, and how the user's last pictures looked."""


class FirstPictures:
    """The files of what is hung are kept as long as its creative may be shown: who else held them may be let
    go before the renderer, which is asked nevertheless, holds them as well.

    `said`: the audit status that persons gave to a photo or background of that id, denied where it is
    revoked. `judged`: whether a classifier judges those of which nobody has said anything."""

    def __init__(
        self,
        asker: PictureAsker,
        looks: StoreLooks,
        kept: KeptFiles,
        said: Callable[[str], int | None],
        judged: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._asker = asker
        self._looks = looks
        self._kept = kept
        self._said = said
        self._judged = judged
        self._patience_s = patience_s
        self._told = False

    @classmethod
    def of(
        cls,
        settings: Settings,
        asker: PictureAsker,
        said: Callable[[str], int | None],
        now_ms: Callable[[], int],
    ) -> FirstPictures | None:
        """Those of the settings' store; None where there are no pictures, or it cannot be reached here."""
        if settings.assets_url is None:
            return None
        try:
            store = store_of(settings, now_ms)
        except (RefusedError, OSError) as error:
            log.warning("first versions of creatives name no picture of the store: %s", line_of(error))
            return None
        looks, kept = StoreLooks(store.noted), KeptFiles(store, now_ms)
        return cls(asker, looks, kept, said, settings.picture_classifier_dir is not None)

    async def hung(self, made: Sequence[Wanted]) -> list[r.Creative]:
        """The creatives, with their pictures where they are had in time."""
        requests = [self._asker.request(creative) for creative, _ in made]
        contents = ["" if each is None else content_of(each) for each in requests]
        found = await self._looks.found((each for each in contents if each), self._patience_s)
        if found.error is not None and not self._told:
            self._told = True
            log.warning("the store of pictures cannot be read (told once): %s", line_of(found.error))
        return [
            self._hung(creative, seen, request, content, found)
            for (creative, seen), request, content in zip(made, requests, contents, strict=True)
        ]

    def _hung(
        self,
        creative: r.Creative,
        seen: Sequence[str],
        request: r.RenderRequest | None,
        content: str,
        found: NotedContents,
    ) -> r.Creative:
        if content and content not in found.noted:
            FIRST_PICTURES.labels("late" if found.error is None else "failed").inc()
            return creative
        noted = found.noted.get(content)
        if request is None or noted is None or not self._is_fit(noted, creative, seen):
            FIRST_PICTURES.labels("none").inc()
            return creative
        FIRST_PICTURES.labels("cached").inc()
        self._kept.keep(name_in(noted.assets[0].url), creative)
        return pictured(request, noted.assets)

    def _is_fit(self, noted: Noted, creative: r.Creative, seen: Sequence[str]) -> bool:
        """Whether it may be shown, its files outlast the creative, and it looks like nothing that the user
        had lately."""
        if not all(self._is_let(each) for each in pictures_in(noted.assets)):
            return False
        looks = next((each.looks for each in noted.assets if each.looks), None)
        return noted.kept_ms >= creative.expires and not (looks and last_like(looks, seen))

    def _is_let(self, picture_id: str) -> bool:
        said = self._said(picture_id)
        return not self._judged if said is None else said in USABLE_AUDITS

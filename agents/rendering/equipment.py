"""What a renderer works with, as its settings ask for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from agents.photos.cache import PhotoCache
from agents.photos.fetching import PhotoFetcher
from agents.photos.hosts import PhotoHosts
from agents.rendering.artist import Artist
from agents.rendering.clips.studio import MISSING, Studio, can_make_clips
from agents.rendering.files.patient import PatientStore
from agents.rendering.files.stores import store_of
from agents.rendering.filming import Filming
from agents.rendering.grounds import backgrounds_of
from agents.rendering.judging import PictureJudge
from agents.rendering.marking import Marker
from agents.rendering.reading_back import ReadingBack
from agents.rendering.refusals import Refusals
from agents.rendering.voices.finding import Voices
from models.scene.words.fonts import SYSTEM_FOLDERS, Fonts
from streams.broker.follow import Follower
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.unix_time import unix_ms

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Equipment:
    """`filming`: None where clips cannot be made; `reviews`: what people say of pictures."""

    store: PatientStore
    fetcher: PhotoFetcher
    artist: Artist
    filming: Filming | None
    reviews: Follower


def equipped(
    settings: Settings, cache: PhotoCache, refusals: Refusals, worked: Callable[[], None]
) -> Equipment:
    """Folders are there when this returns. `worked` is told of steps that take long. Raises RefusedError,
    OSError."""
    url = settings.assets_url
    if url is None:
        raise RefusedError(
            "no address that pictures are had at: set SHIFTCAST_ASSETS_URL, for the generators as well"
        )
    fonts = Fonts.found([settings.font_dir, *SYSTEM_FOLDERS])
    for script, remedy in fonts.lacking():
        log.warning("creatives with %s text get no picture, there is no font: %s", script, remedy)
    store = PatientStore(store_of(settings, unix_ms), worked)
    store.make()
    cache.make()
    fetcher = PhotoFetcher(PhotoHosts.of(settings.photo_hosts))
    marker, judge = Marker.of(settings), PictureJudge.of(settings)
    artist = Artist(
        store,
        fonts,
        url,
        marker,
        cache,
        backgrounds_of(settings, cache, worked),
        refusals,
        ReadingBack.of(settings),
        judge,
    )
    return Equipment(store, fetcher, artist, _filming(settings, artist), judge.follower(settings))


def _filming(settings: Settings, artist: Artist) -> Filming | None:
    """With what pictures are made with."""
    if not can_make_clips():
        log.warning("creatives of video slots keep their script: %s", MISSING)
        return None
    return Filming(
        artist.store,
        artist.fonts,
        artist.url,
        Studio(settings.codecs, settings.font_dir),
        artist.marker,
        artist.photos,
        Voices.of(settings),
        refusals=artist.refusals,
        judge=artist.judge,
    )

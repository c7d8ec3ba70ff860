"""Pictures for what stands on the shelf: asked for once, hung up when they are there, kept from one day's
creative to the next while they show the same and nobody denied what they show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from agents.creatives.pictures import PictureAsker, drawn_of, next_version, pictured
from agents.shelf.sharing import made_of_standing
from models.revocations import MadeOf
from streams import records as r
from streams.artifacts.pictured import Pictured
from streams.artifacts.shared import SharedCreative
from streams.mapping.revocations import made_of, pictures_in

Hung = tuple[r.Creative, SharedCreative]
"""A shared creative for ad servers, and what profile workers are told of it."""


class Hanging:
    """The renderer answers for shared creatives on ads.artifact.v1. Only who keeps the shelf publishes under
    its keys, so a picture that comes late cannot bring back what was replaced or withdrawn."""

    def __init__(self, asker: PictureAsker, is_refused: Callable[[MadeOf], bool]) -> None:
        """`is_refused` says what was revoked or denied."""
        self._asker = asker
        self._is_refused = is_refused
        self._pictured: Mapping[str, Pictured] = {}
        self._by_campaign: dict[str, dict[str, Pictured]] = {}
        self._asked: dict[str, tuple[int, str]] = {}  # key -> version, and what of

    def refresh(self, followed: Mapping[str, Pictured]) -> set[str]:
        """Take over what was followed. Returns the campaigns that have other pictures than before."""
        before, self._pictured = self._pictured, dict(followed)
        grouped: dict[str, dict[str, Pictured]] = defaultdict(dict)
        for key, each in followed.items():
            grouped[each_campaign(key)][key] = each
        self._by_campaign = dict(grouped)
        return {each_campaign(key) for key, each in followed.items() if before.get(key) is not each}

    def of(self, campaign_id: str) -> set[str]:
        """Keys of a campaign that there are pictures for."""
        return set(self._by_campaign.get(campaign_id, ()))

    def kept(self, key: str, made: Hung) -> Hung:
        """A creative that is to be published, at once with the picture of the one before where it shows the
        same and its files outlast it."""
        creative, standing = made
        found, request = self._pictured.get(key), self._asker.request(creative)
        if found is None or request is None or not found.assets or found.kept_ms < creative.expires:
            return made
        if found.drawn_of != drawn_of(request):
            return made
        return self._with(found, pictured(request, found.assets), standing) or made

    def asked(self, key: str, creative: r.Creative) -> r.RenderRequest | None:
        """What to ask for a creative that is out; None where it was asked for, or has no picture."""
        request = self._asker.request(creative)
        asks = None if request is None else (creative.version, drawn_of(request))
        if asks is None or self._asked.get(key) == asks:
            return None
        self._asked[key] = asks
        return request

    def is_wanting(self, key: str, standing: SharedCreative) -> bool:
        """Whether what stands may have to be hung or asked for."""
        if not standing.created_ms:
            return False
        if (found := self._answer(key, standing)) is not None:
            shows = pictures_in(found.assets)
            return (
                bool(found.assets)
                and found.address != standing.picture
                and not self._is_refused(replace(made_of_standing(key, standing), pictures=shows))
            )
        return self._asked.get(key, (0, ""))[0] != standing.created_ms

    def hung(self, key: str, made: Hung) -> Hung | None:
        """The next version of what stands, with its picture; None while there is none that may be shown."""
        creative, standing = made
        found, request = self._answer(key, standing), self._asker.request(creative)
        if found is None or request is None or not found.assets or found.drawn_of != drawn_of(request):
            return None
        return self._with(found, next_version(request, found.assets), standing)

    def forget(self, key: str) -> None:
        """Nothing stands under a key any more."""
        self._asked.pop(key, None)

    def _with(self, found: Pictured, creative: r.Creative, standing: SharedCreative) -> Hung | None:
        """A creative with the pictures that were found; None where they may not be shown."""
        if self._is_refused(made_of(creative)):
            return None
        return creative, replace(standing, picture=found.address, pictures=pictures_in(found.assets))

    def _answer(self, key: str, standing: SharedCreative) -> Pictured | None:
        found = self._pictured.get(key)
        if found is None or (found.creative_id, found.version) != (standing.creative_id, standing.created_ms):
            return None
        return found


def each_campaign(key: str) -> str:
    """The campaign of a creative's topic key."""
    return key.split("|")[1]

"""Row `r` of a user: the text that belongs to row x's creatives, what past interests were shown, and which
requests are open."""

from __future__ import annotations

from typing import Final

import msgspec

from models.brief.brief import Copy
from models.choice.headlines import HEADLINES_KEPT, headline_hash, packed_hashes
from models.review.simhash import simhash
from models.revocations import NOT_MADE, MadeOf, Revocations
from streams import records as r
from streams.columns.names import NONE
from streams.mapping.authorship import written_by_model
from streams.mapping.revocations import made_of, pictures_in
from streams.wire.ids import number_of
from streams.wire.view import View

HELD: Final = 6
_ASKED: Final = 6
PAST: Final = 6
RECENT: Final = 8
PICTURES: Final = 6
_MINUTE_MS: Final = 60_000
COPY_BYTES: Final = 300
"""Copy longer than this is not kept for its interest's return."""


class Held(msgspec.Struct, array_like=True, frozen=True):
    """A creative of the user's own."""

    key: str
    creative_id: str
    request_id: str
    campaign_id: str
    slot: str
    template_id: str
    arm: str
    propensity: float
    version: int
    expires: int
    copy_id: str = ""  # "" in this and the next three: not known
    layout: str = ""
    asset: str = ""
    channel: str = ""
    item_id: str = ""  # "" = not known
    created: int = 0
    by_model: bool = True
    origin_id: str = ""  # the creative that had this copy first, where it was published again
    pictures: tuple[str, ...] = ()  # ids of what its pictures show

    def made_of(self) -> MadeOf:
        """What revocations judge."""
        return MadeOf(
            self.campaign_id,
            self.item_id,
            self.template_id,
            self.creative_id,
            self.created,
            self.origin_id,
            self.by_model,
            copy_id=self.copy_id,
            pictures=self.pictures,
        )


class Past(msgspec.Struct, array_like=True, frozen=True):
    """What one interest (models.interest.profile regime id) was last shown in one slot."""

    regime: int
    campaign_id: str
    item_id: str
    slot: str
    copy: tuple[str, str, str, str]  # headline, description, call to action, brand
    template_id: str
    arm: str
    creative_id: str = ""  # whose copy it is; "" in this and the next four: not known
    copy_id: str = ""
    layout: str = ""
    asset: str = ""
    channel: str = ""
    origin_id: str = ""  # the creative that had this copy first, where it was published again
    by_model: bool = True

    def made_of(self) -> MadeOf:
        """What revocations judge if it is published again: only what lasts counts, for it would be made
        now and reviewed against the item of now."""
        return MadeOf(
            self.campaign_id,
            self.item_id,
            self.template_id,
            self.creative_id,
            NOT_MADE,
            self.origin_id,
            self.by_model,
            copy_id=self.copy_id,
        )


class Portfolio(msgspec.Struct, array_like=True):
    """Newest last everywhere. Full: 3.3 KB with copy of usual length, 4.1 KB with the longest, 7.3 KB with
    ids of 64 to 128 characters."""

    held: list[Held] = []
    past: list[Past] = []
    asked: list[tuple[int, int]] = []  # number of request, regime it was made for
    recent: list[int] = []  # SimHashes of copy
    headlines: list[tuple[int, int]] = []  # hash of one that a model wrote, minute (Unix) it was made
    pictures: list[str] = []  # perceptual hashes of those made for the user


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Portfolio)


def row_key(user: bytes) -> bytes:
    return b"r" + user


def read_portfolio(view: View, user: bytes) -> Portfolio:
    """The user's portfolio, empty when there is none."""
    return portfolio_of(view.get(row_key(user)))


def portfolio_of(payload: bytes | None) -> Portfolio:
    """What stands in row r."""
    return Portfolio() if payload is None else _decoder.decode(payload)


def write(view: View, user: bytes, portfolio: Portfolio) -> None:
    view.put(row_key(user), _encoder.encode(portfolio))


def hold(portfolio: Portfolio, creative: r.Creative, key: str) -> None:
    """Keep a creative that arrived; one under the same key leaves."""
    experiment, made = creative.experiment, made_of_creative(portfolio, creative)
    held = Held(
        key,
        creative.creative_id,
        creative.request_id or NONE,
        creative.campaign_id,
        creative.slot,
        creative.template_id,
        experiment.arm if experiment else NONE,
        experiment.propensity if experiment else 1.0,
        creative.version,
        creative.expires,
        copy_id=made.copy_id,
        item_id=made.item_id,
        created=made.created_ms,
        by_model=made.by_model,
        origin_id=made.origin_id,
        pictures=made.pictures,
    )
    others = [each for each in portfolio.held if each.key != key]
    portfolio.held = [*others[1 - HELD :], held]
    note_picture(portfolio, creative)
    _remember(portfolio, creative, held)


def renew(portfolio: Portfolio, held: Held, creative: r.Creative) -> None:
    """The next version of a creative, with its pictures, is the one in force."""
    newer = msgspec.structs.replace(held, version=creative.version, pictures=pictures_in(creative.assets))
    portfolio.held = [newer if each is held else each for each in portfolio.held]
    note_picture(portfolio, creative)


def note_picture(portfolio: Portfolio, creative: r.Creative) -> None:
    """Keep how the picture of a creative looks, where one was made for it."""
    looks = next((each.looks for each in creative.assets if each.looks), None)
    if looks is not None:
        others = [each for each in portfolio.pictures if each != looks]
        portfolio.pictures = [*others[1 - PICTURES :], looks]


def remember_headline(portfolio: Portfolio, creative: r.Creative, window_ms: int) -> bool:
    """Keep the headline of a creative that a model wrote for as long as it must not come again. True when an
    older one had to be forgotten before its time."""
    if not written_by_model(creative):
        return False
    new, minute = headline_hash(creative.copy.headline), -(-creative.created // _MINUTE_MS)
    kept = [
        each
        for each in portfolio.headlines
        if each[0] != new and _within(each[1], creative.created, window_ms)
    ]
    portfolio.headlines = [*kept[1 - HEADLINES_KEPT :], (new, minute)]
    return len(kept) >= HEADLINES_KEPT


def headlines_had(portfolio: Portfolio, now_ms: int, window_ms: int) -> str:
    """Headlines of a model that were made in the window before now, as a request carries them."""
    return packed_hashes(each for each, minute in portfolio.headlines if _within(minute, now_ms, window_ms))


def _within(minute: int, now_ms: int, window_ms: int) -> bool:
    return max(0, now_ms - minute * _MINUTE_MS) < window_ms


def made_of_creative(portfolio: Portfolio, creative: r.Creative) -> MadeOf:
    """What a creative that arrives stands on: also the one whose copy it publishes again."""
    words = _words(creative)
    first = next((each for each in portfolio.past if each.copy == words), None)
    origin = "" if first is None else first.origin_id or first.creative_id
    return made_of(creative, origin if origin != creative.creative_id else "")


def regime_of(portfolio: Portfolio, request_id: str) -> int | None:
    """The interest a request was made for; None when this lane did not make it."""
    number = number_of(request_id)
    return next((regime for asked, regime in portfolio.asked if asked == number), None)


def note_request(portfolio: Portfolio, request_id: str, regime: int) -> None:
    """Note a request that leaves."""
    entry = (number_of(request_id), regime)
    others = [each for each in portfolio.asked if each[0] != entry[0]]
    portfolio.asked = [*others[1 - _ASKED :], entry]


def past_creatives(portfolio: Portfolio, regime: int, revocations: Revocations) -> list[r.PastCreative]:
    """What an interest that came back was shown, less what was revoked since."""
    return [
        r.PastCreative(
            each.campaign_id,
            each.item_id,
            each.slot,
            r.CopyText(*each.copy),
            each.template_id,
            each.arm,
            each.creative_id or None,
            each.origin_id or None,
            each.by_model,
            each.copy_id or None,
        )
        for each in portfolio.past
        if each.regime == regime and revocations.why(each.made_of()) is None
    ]


def _words(creative: r.Creative) -> tuple[str, str, str, str]:
    text = creative.copy
    return (text.headline, text.description, text.cta, text.brand or "")


def _remember(portfolio: Portfolio, creative: r.Creative, held: Held) -> None:
    """Copy for the return of its interest, and its SimHash."""
    words = _words(creative)
    fingerprint = simhash(Copy(*words))
    portfolio.recent = [
        *[each for each in portfolio.recent if each != fingerprint][1 - RECENT :],
        fingerprint,
    ]
    regime = regime_of(portfolio, held.request_id)
    if regime is None or creative.item_id is None or sum(len(word.encode()) for word in words) > COPY_BYTES:
        return
    past = Past(
        regime,
        held.campaign_id,
        creative.item_id,
        held.slot,
        words,
        held.template_id,
        held.arm,
        held.creative_id,
        copy_id=held.copy_id,
        origin_id=held.origin_id,
        by_model=held.by_model,
    )
    others = [each for each in portfolio.past if (each.regime, each.slot) != (regime, held.slot)]
    portfolio.past = [*others[1 - PAST :], past]

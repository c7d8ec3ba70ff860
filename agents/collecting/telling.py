"""What a called tracker says, as a record of its topic: what is not sealed by us, is over or names nobody
says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from unicodedata import is_normalized

from agents.collecting.hints import device_of
from agents.collecting.showings import CountingPlace, NamedShowings
from models.beacon.address import said
from models.beacon.beacon import CLICK, Beacon, SealedShowing
from models.beacon.seal import LONGEST, Seal, UnsealedError
from models.markup.tracking import IMPRESSION, PLAYED, REACTIONS, VIEWABLE_VIDEO
from models.privacy_strings.gpp import denies, gpp_sections
from streams import records as r
from streams.topics import BEHAVIOR, HOUR_MS, TopicSpec
from streams.topics import CLICK as CLICK_TOPIC
from streams.topics import IMPRESSION as IMPRESSION_TOPIC
from streams.wire.ids import click_id, impression_id, playing_id, reaction_id

MOST_SECTIONS: Final = 64
_LONGEST_NAME: Final = 256
_LONGEST_STRING: Final = 8_192
_SECTION: Final = re.compile(r"\d{1,4}")


class NothingToldError(ValueError):
    """The call says nothing that may be written: `why` is unsealed, expired, unknown or nobody. `beacon` is
    there when its seal was ours."""

    def __init__(self, why: str, beacon: Beacon | None = None) -> None:
        super().__init__(why)
        self.why, self.beacon = why, beacon


@dataclass(frozen=True, slots=True)
class Told:
    """A record for a topic, and the beacon that it was made of."""

    topic: TopicSpec
    record: r.Impression | r.Click | r.Behavior
    beacon: Beacon


def told_by_call(
    sealed: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    seal: Seal,
    now_ms: int,
    named: NamedShowings,
) -> Told:
    """What one call at `now_ms` says. Raises NothingToldError. `query`: what was filled in, of which only the
    showing may be sealed. `named`: showings that were not, this one is noted.

    All calls for one showing have the same ids. A call that names no showing belongs to the one of its hour,
    and so does one that names too many.
    """
    try:
        beacon = seal.open(sealed, Beacon)
    except UnsealedError:
        raise NothingToldError("unsealed") from None
    if beacon.until_s * 1000 < now_ms:
        raise NothingToldError("expired", beacon)
    showing, ours = _showing(query, seal)
    user = beacon.user or showing.user
    if not user:
        raise NothingToldError("nobody", beacon)
    regs, consent = _regs(query, headers), _text(query, "gdpr_consent", _LONGEST_STRING) or None
    device = device_of(headers)
    place = CountingPlace(beacon.creative_id, user, now_ms // HOUR_MS)
    is_named = bool(showing.id) and (ours or named.takes(place, showing.id))
    key = (beacon.creative_id, user, showing.id if is_named else f"{place.hour}")
    if beacon.event == CLICK:
        click = r.Click(
            click_id(*key), now_ms, user, impression_id(*key) if is_named else None, beacon.creative_id,
            beacon.item_id or None, campaign_id=beacon.campaign_id, slot=beacon.slot, device=device,
            regs=regs, consent=consent,
        )  # fmt: skip
        return Told(CLICK_TOPIC, click, beacon)
    if beacon.event in PLAYED:
        reached = PLAYED[beacon.event]
        played = r.Behavior(
            playing_id(*key, reached), now_ms, user, "video", beacon.item_id or None, beacon.creative_id,
            kwarray=[reached], device=device, regs=regs, consent=consent,
        )  # fmt: skip
        return Told(BEHAVIOR, played, beacon)
    if beacon.event in REACTIONS:
        reaction = REACTIONS[beacon.event]
        said_of_it = r.Behavior(
            reaction_id(*key, reaction), now_ms, user, "feedback", beacon.item_id or None, beacon.creative_id,
            feedback=reaction, device=device, regs=regs, consent=consent,
        )  # fmt: skip
        return Told(BEHAVIOR, said_of_it, beacon)
    if not IMPRESSION <= beacon.event <= VIEWABLE_VIDEO:
        raise NothingToldError("unknown", beacon)
    shown = r.Impression(
        impression_id(*key), now_ms, user, beacon.creative_id, beacon.item_id or None,
        campaign_id=beacon.campaign_id, template_id=beacon.template_id, slot=beacon.slot,
        event=beacon.event, device=device, auction_id=_text(query, "a", _LONGEST_NAME) or None, regs=regs,
        consent=consent,
    )  # fmt: skip
    return Told(IMPRESSION_TOPIC, shown, beacon)


def _showing(query: Mapping[str, str], seal: Seal) -> tuple[SealedShowing, bool]:
    """As our look-up sealed it, else the id that an ad server put there, else its auction; and whether it is
    sealed."""
    given = _text(query, "s", LONGEST)
    try:
        return seal.open(given, SealedShowing), True
    except UnsealedError:
        return SealedShowing(given or _text(query, "a", LONGEST)), False


def _text(query: Mapping[str, str], name: str, longest: int) -> str:
    """'' when it is not there or no text that topics take."""
    text = said(query.get(name))
    taken = len(text) <= longest and text.isprintable() and is_normalized("NFC", text)
    return text if taken else ""


def _regs(query: Mapping[str, str], headers: Mapping[str, str]) -> r.Regs | None:
    """Of the IAB's parameters and the browser's Global Privacy Control; what cannot be read is not known. A
    GPP or US Privacy string that denies ads by profile is told as that control is."""
    gdpr, gpp = said(query.get("gdpr")), _text(query, "gpp", _LONGEST_STRING)
    us_privacy = _text(query, "us_privacy", _LONGEST_NAME)
    applying = [int(each) for each in _SECTION.findall(said(query.get("gpp_sid")))][:MOST_SECTIONS]
    denied = denies(gpp_sections(gpp), set(applying), us_privacy)
    found = r.Regs(
        gdpr=int(gdpr) if gdpr in ("0", "1") else None,
        gpp=gpp or None,
        gpp_sid=applying,
        us_privacy=us_privacy or None,
        ext=r.RegsExt(1) if headers.get("Sec-GPC") == "1" or denied else None,
    )
    return found if found != r.Regs() else None

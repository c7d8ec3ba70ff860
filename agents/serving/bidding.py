"""An OpenRTB bid request is answered with the ad that the look-up would show, at the price that its campaign
states. Nothing is bid for: the user's own creative goes before the segment's, that before the default, and of
two campaigns with the same the dearer one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import msgspec
import orjson

from agents.serving.answering import NOTHING, Answer, is_user, refused
from agents.serving.bid_request import BidRequest, Imp, read_bid_request
from agents.serving.campaigns import KnownCampaigns
from agents.serving.caps_reached import CapsReached
from agents.serving.lookup import CreativeLookup, FoundCreative
from agents.serving.offers import Bars, Offer, ad_offer_of, bid_of, imp_places_of
from agents.serving.personal import may_be_personal
from models.beacon.address import shown_as
from models.beacon.beacon import SealedShowing
from models.beacon.seal import Seal
from models.campaigns import Campaign
from models.markup.ad import NotOfferedError
from models.markup.label import NoRoomForLabelError
from models.segments import context_cell
from streams.mapping.revocations import DEFAULT_KEY
from streams.metrics.lookup import NOT_LABELLED

NATIVE_FORM: Final = "native"
"""The one form of a bid that may have no room for a label."""
_HEADERS: Final = {"x-openrtb-version": "2.6"}
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS


def answer_bid_request(
    body: bytes,
    lookup: CreativeLookup,
    campaigns: KnownCampaigns,
    vendor: int,
    now_ms: int,
    seal: Seal | None = None,
    reached: CapsReached | None = None,
) -> Answer:
    """The answer at `now_ms`: a bid response, 204 where nothing may be shown or nothing states a price, 400
    for what is no bid request. `vendor`: see may_be_personal. `seal`: of trackers of ours, which tell of the
    user only where what is known of him may choose the ad, as does what is known of caps that were
    `reached`."""
    try:
        request = read_bid_request(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return refused(400, f"this is no OpenRTB 2.6 bid request: {error}")
    audiences = audiences_of(request, lookup, vendor, now_ms)
    user = audiences[0][2:] if audiences[0].startswith("u:") else None
    segment = next((each[2:] for each in audiences if each.startswith("s:")), None)
    capped = request.capped()
    running = [
        each
        for each in campaigns.priced()
        if each.running(now_ms)
        and each.wants(request.device.geo.country, request.device.devicetype, segment)
        and (not request.cur or each.cpm_currency in request.cur)
        and not _is_capped(each, capped, user, reached, now_ms)
    ]
    bars, found_now = Bars.of(request), cache(partial(lookup.found, now_ms=now_ms))
    currency, shown = "", NOTHING
    bids: list[dict[str, Any]] = []
    for imp in request.imp:
        in_currency = [each for each in running if not currency or each.cpm_currency == currency]
        found = _best(imp, bars.with_imp(imp), capped, audiences, in_currency, found_now)
        if found is not None:
            offer, campaign = found
            if seal is not None:
                showing = seal.close(SealedShowing(f"{request.id}|{imp.id}", user or ""))
                offer = replace(offer, markup=shown_as(offer.markup.encode(), showing).decode())
            currency = campaign.cpm_currency
            shown = shown if bids else offer.creative.audience.type
            bids.append(bid_of(offer, imp.id, campaign, now_ms))
    if not bids:
        return Answer(204, NOTHING, headers=dict(_HEADERS))
    response = {"id": request.id, "seatbid": [{"bid": bids}], "cur": currency}
    return Answer(200, shown, orjson.dumps(response), headers=dict(_HEADERS))


def audiences_of(request: BidRequest, lookup: CreativeLookup, vendor: int, now_ms: int) -> list[str]:
    """Audience keys in the order of the ladder. The user is who we know under `buyeruid`, else under `id`."""
    device = request.device
    offset = device.geo.utcoffset
    hour = None if offset is None else (now_ms + offset * _MINUTE_MS) // _HOUR_MS % 24
    shared = [f"s:{context_cell(device.devicetype, device.geo.country, hour)}", DEFAULT_KEY]
    user = next((each for each in (request.user.buyeruid, request.user.id) if is_user(each)), "")
    if not user or not may_be_personal(request, vendor):
        return shared
    segment = lookup.segment_of(user)
    return [f"u:{user}", *([f"s:{segment}"] if segment else []), *shared]


def _best(
    imp: Imp,
    bars: Bars,
    capped: Collection[str],
    audiences: Sequence[str],
    campaigns: Sequence[Campaign],
    found_now: Callable[[str], FoundCreative | None],
) -> tuple[Offer, Campaign] | None:
    places = imp_places_of(imp)
    affordable = [each for each in campaigns if _above_floor(each, imp)]
    for audience in audiences:
        for campaign in affordable:
            for place in places:
                found = found_now(f"{audience}|{campaign.campaign_id}|{place.slot}")
                if found is None or found.creative.creative_id in capped:
                    continue
                if not bars.admit(found.creative):
                    continue
                try:
                    return ad_offer_of(found.creative, place, imp), campaign
                except NoRoomForLabelError:
                    NOT_LABELLED.labels(NATIVE_FORM).inc()
                except NotOfferedError:
                    continue
    return None


def _is_capped(
    campaign: Campaign,
    capped: Collection[str],
    user: str | None,
    reached: CapsReached | None,
    now_ms: int,
) -> bool:
    """Whether the request or the profile workers say that the user has seen enough of the campaign, or nobody
    may see any."""
    if campaign.campaign_id in capped or any(cap.n == 0 for cap in campaign.caps):
        return True
    return reached is not None and reached.holds(user, campaign, now_ms)


def _above_floor(campaign: Campaign, imp: Imp) -> bool:
    """A floor in another currency cannot be compared, so it is not reached."""
    if not imp.bidfloor:
        return True
    return campaign.cpm_currency == imp.bidfloorcur and (campaign.cpm or 0.0) >= imp.bidfloor

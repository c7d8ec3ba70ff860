"""Between the simulator and the wire: acts become records, creatives become what a user is shown."""

from __future__ import annotations

from typing import Final

from models.money import EXPONENTS, currency_index
from models.world.ad_server import ShownCreative
from models.world.traffic import Act
from models.world.true_effects import copy_features_of
from streams import records, topics
from streams.records import Creative, Record
from streams.topics import TopicSpec

AGREES_TO_ALL: Final = records.Explicit(profile=True, personalise=True, measure=True, train=True)


def shown_creative_of(creative: Creative, category: str) -> ShownCreative:
    """A published creative as the simulator shows it."""
    experiment, copy = creative.experiment, creative.copy
    return ShownCreative(
        creative.creative_id,
        creative.campaign_id,
        creative.template_id,
        creative.item_id or "",
        category,
        creative.slot,
        experiment.arm if experiment else "",
        copy_features_of(f"{copy.headline} {copy.description}"),
    )


def consent_of(user: str, ts_ms: int, explicit: records.Explicit = AGREES_TO_ALL) -> tuple[TopicSpec, Record]:
    """What must be on `ads.consent.v1` before a user's events."""
    return topics.CONSENT, records.Consent(user=user, ts=ts_ms, explicit=explicit)


def record_of(act: Act, explicit: records.Explicit | None = None) -> tuple[TopicSpec, Record]:
    """Topic and record of an act. `explicit`: stated on the event itself, for history whose consent record
    may be read after it."""
    device = records.Device(
        devicetype=act.device,
        geo=records.Geo(country=act.country, utcoffset=act.utcoffset),
        langb=act.language or None,
    )
    shown, cat = act.shown, list(act.item.categories)
    if act.kind == "impression":
        return topics.IMPRESSION, records.Impression(
            id=act.id, ts=act.ts_ms, user=act.user, creative_id=shown.creative_id if shown else None,
            item_id=act.item.item_id, cat=cat,
            campaign_id=shown.campaign_id if shown else None,
            template_id=shown.template_id if shown else None, slot=act.slot, event=2,
            device=device, explicit=explicit,
        )  # fmt: skip
    if act.kind == "click":
        return topics.CLICK, records.Click(
            id=act.id, ts=act.ts_ms, user=act.user, imp_id=act.imp_id,
            creative_id=shown.creative_id if shown else None,
            item_id=act.item.item_id, cat=cat, campaign_id=shown.campaign_id if shown else None,
            slot=act.slot,
            device=device, explicit=explicit,
        )  # fmt: skip
    if act.kind == "conversion":
        price = (act.item.charged_minor or 0) / 10 ** EXPONENTS[currency_index(act.item.currency or None)]
        return topics.CONVERSION, records.Conversion(
            id=act.id, ts=act.ts_ms, user=act.user, type="purchase", value=price,
            cur=act.item.currency or None, imp_id=act.imp_id,
            items=[records.ConversionItem(item_id=act.item.item_id, qty=1, price=price)], device=device,
            explicit=explicit,
        )  # fmt: skip
    return topics.BEHAVIOR, records.Behavior(
        id=act.id, ts=act.ts_ms, user=act.user, type=act.kind, item_id=act.item.item_id, cat=cat,
        dwell_ms=act.dwell_ms if act.kind == "dwell" else None, device=device, explicit=explicit,
    )  # fmt: skip

"""A campaign gets the pictures of a library: its newest version is sent again with them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from streams import records as r
from streams.broker.follow import Follower
from streams.broker.producer import send_once
from streams.loud_end import RefusedError
from streams.settings import Settings
from streams.topics import CAMPAIGN, TopicSpec
from streams.unix_time import unix_ms
from streams.wire.codecs import Headers, WireLimits, encode, headers
from streams.wire.output import Output
from streams.wire.sendable import check_sendable


def with_material(campaign: r.Campaign, pictures: Sequence[r.SuppliedPicture]) -> r.Campaign:
    """The next version of a campaign, with these pictures for those that it had from a library."""
    pool = structs.replace(campaign.pool, material=list(pictures))
    return structs.replace(campaign, pool=pool, version=campaign.version + 1)


def material_output(made: r.Campaign, limits: WireLimits, now_ms: int) -> Output:
    """The record, which every reader reads. Raises RefusedError."""
    stamped = headers(CAMPAIGN.ce_type, f"campaign:{made.campaign_id}:{made.version}", now_ms)
    output = Output(CAMPAIGN.name, made.campaign_id.encode(), encode(made), None, stamped)
    try:
        check_sendable([output], limits, now_ms)
    except RefusedError as error:
        raise RefusedError(
            f"campaign {made.campaign_id} keeps what it has: {error}; index a folder below, with fewer "
            "pictures or shorter captions, or leave --campaign out"
        ) from None
    return output


async def send_material(settings: Settings, campaign_id: str, pictures: Sequence[r.SuppliedPicture]) -> int:
    """The version that has them. Raises RefusedError where no campaign has the id, and for pictures that no
    reader of campaigns would take: a record that is refused must not stand in place of a good one."""
    known: dict[str, r.Campaign] = {}

    def take(spec: TopicSpec, key: str, record: r.Record | None, said: Headers, append_ts: int) -> None:
        if isinstance(record, r.Campaign):
            known[key] = record
        else:
            known.pop(key, None)

    follower = Follower(settings, (CAMPAIGN,), take)
    await follower.start()
    await follower.stop()
    if campaign_id not in known:
        ids = ", ".join(sorted(known)) or "none"
        raise RefusedError(f"{CAMPAIGN.name} has no campaign {campaign_id}; it has {ids}")
    made = with_material(known[campaign_id], pictures)
    output = material_output(made, WireLimits.of(settings), unix_ms())
    await send_once(settings, [output])
    return made.version

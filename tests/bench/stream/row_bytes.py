"""Bytes that one user may occupy, by kind of row: `python -m tests.bench.stream.row_bytes`.

Before zeros are left out: rows of fixed size whole; the portfolio, and what its creatives were made of, with
every list full, ids as Shiftcast makes them and copy of usual length; a live creative as the generator
publishes it; what a partner says who has every list full.
"""

from __future__ import annotations

import random
from base64 import b64encode
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from agents.profiles.rows.link import LinkRow
from agents.profiles.rows.made import KnownAtRequest, MadeCreative, MadeRow
from agents.profiles.rows.portfolio import HELD, PAST, RECENT, Held, Past, Portfolio
from models.earned.exposures import CAPPED
from models.interest.profile import DIMENSIONS
from models.row import HEADER
from models.stored.layouts import ROW_LAYOUTS
from streams.records import Explicit, PartnerCap, PartnerSummary, Weighted
from streams.rows.row_versions import RowVersions

USER: Final = "a3f5b6c7d8e9f0a1b2c3d4e5f6a7b8c9"
SLOTS: Final = ("native", "banner_300x250", "text", "push", "email", "story")
COPY: Final = (
    "Grip for wet rock and long days",
    "Light trail shoes from 79,90 EUR with free returns until Sunday.",
    "Shop now",
    "Example Outdoor",
)
PUBLISHED: Final = Path(__file__).parents[2] / "golden" / "wire" / "ads.creative.v1.0.json"


def full_portfolio(seed: int = 1) -> Portfolio:
    """Every list full, every creative of another campaign, item and slot."""
    rng = random.Random(seed)

    def number() -> int:
        return rng.getrandbits(64)

    campaigns = [f"campaign-{i:03d}" for i in range(HELD)]
    made = ("tpl_benefit_v1", "benefit|tpl_benefit_v1")
    ids = [(f"cr_{number():016x}", f"rq_{number():016x}") for _ in range(HELD)]
    held = [
        Held(f"u:{USER}|{campaign}|{slot}", *both, campaign, slot, *made, 0.123456, 1, 1_795_550_400_000)
        for campaign, slot, both in zip(campaigns, SLOTS, ids, strict=True)
    ]
    past = [
        Past(i // 2 + 1, campaigns[i], f"sku-{i:06d}", SLOTS[i], COPY, *made, ids[i][0]) for i in range(PAST)
    ]
    asked = [(number(), i) for i in range(HELD)]
    return Portfolio(held, past, asked, [number() for _ in range(RECENT)])


def full_made(portfolio: Portfolio) -> MadeRow:
    """What the creatives of a portfolio were made of."""
    interests = ("running shoes", "tents", "guitars")
    made = [
        MadeCreative(
            each.creative_id, each.campaign_id, each.slot, each.template_id, each.arm, each.propensity,
            "1f0c22ab", each.request_id, f"sku-{i:06d}", "s12", interests, "DEU", "en", COPY, 0.25,
            each.creative_id.replace("cr_", "cp_"),
        )
        for i, each in enumerate(portfolio.held)
    ]  # fmt: skip
    return MadeRow(
        made, [KnownAtRequest(each.request_id, interests, "s12", "DEU") for each in portfolio.held]
    )


def full_link(seed: int = 1) -> LinkRow:
    """Of a user whose partner has every list full; as many times per campaign as fit for all."""
    rng = random.Random(seed)
    caps = [
        PartnerCap(rng.getrandbits(28), 40, sorted(1_795_291_200 + rng.randrange(10**6) for _ in range(4)))
        for _ in range(CAPPED)
    ]
    vector = b64encode(rng.randbytes(2 * DIMENSIONS)).decode()
    top = [Weighted(name, 0.17) for name in ("running shoes", "tents", "guitars", "rugs", "pens", "mugs")]
    allows = Explicit(profile=True, personalise=True, measure=True, train=True)
    heard = PartnerSummary(
        USER, USER[::-1], 1_795_291_200_000, 7, 4_711, allows, 1_795_291_200_000, vector, 41.5, 3, top, caps
    )
    return LinkRow(USER[::-1], 1_795_291_200_000, 4_711, heard, told=rng.getrandbits(63))


def row_bytes() -> dict[str, int]:
    """Bytes by kind: those of fixed size, `r` and `m` for a full portfolio, `v` for one live creative, `i`
    for a full link."""
    versions, fence = RowVersions(ROW_LAYOUTS, 0), np.zeros(1, HEADER)[0]
    found = {kind: dtype.itemsize for kind, dtype in versions.dtypes.items()}
    portfolio = full_portfolio()
    kept = {
        "r": msgspec.msgpack.encode(portfolio),
        "m": msgspec.msgpack.encode(full_made(portfolio)),
        "v": PUBLISHED.read_bytes().strip(),
        "i": msgspec.msgpack.encode(full_link()),
    }
    return found | {
        kind: len(versions.stored(versions.header(kind, fence), payload)) for kind, payload in kept.items()
    }


def told_bytes(found: dict[str, int]) -> str:
    """The table in words."""
    lines = [f"{kind}  {ROW_LAYOUTS[kind].name:<15} {size:>6,}" for kind, size in found.items()]
    return "\n".join([*lines, f"   together        {sum(found.values()):>6,} bytes of one user"])


if __name__ == "__main__":
    print(told_bytes(row_bytes()))

"""Render requests of a lamp's ad."""

from __future__ import annotations

import time
from typing import Any

from msgspec import structs

from streams import records as r

NOW_MS = time.time_ns() // 1_000_000
LOOK = r.Look(["#0b57d0"], ["lamp", "homedecor.lamps"], "$89.99")


def creative(n: int = 1, slot: str = "banner_300x250", **fields: Any) -> r.Creative:
    """The first version of a creative for user `u<n>`."""
    made = r.Creative(
        creative_id=f"cr_{n:016x}",
        template_id="t1",
        campaign_id="c0",
        advertiser=r.Advertiser("Hearthside", ["shop.example"]),
        audience=r.Audience("user", f"u:u{n}"),
        slot=slot,
        lang="en",
        version=NOW_MS,
        created=NOW_MS,
        expires=NOW_MS + 3_600_000,
        copy=r.CopyText(
            "Meet the lamp", "Delivered to the room of your choice.", "Take a look", "Hearthside"
        ),
        link=r.Link("https://shop.example/p/1"),
        audit=r.Audit(2),
        provenance=r.Provenance("composite_with_trained_algorithmic_media", ai_tool=r.AiTool("copy-lm")),
        reason=r.CreativeReason("shift"),
        item_id="p1",
        request_id=f"rq_{n:016x}",
        attr=[12],
    )
    return structs.replace(made, **fields)


def request(n: int = 1, slot: str = "banner_300x250", **fields: Any) -> r.RenderRequest:
    """What a generator asks for that creative."""
    return r.RenderRequest(creative(n, slot, **fields), LOOK)

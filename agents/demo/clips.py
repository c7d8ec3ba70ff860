"""When the burst is over, a campaign of clips begins: one clip per video slot, by the way that every creative
takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from agents.demo.stage import Stage, send
from agents.overview.gallery import Gallery
from agents.rendering.clips.studio import MISSING, can_make_clips
from streams import topics
from streams.records import Campaign, CatalogItem
from streams.wire.record_files import read_lines

CAMPAIGNS: Final = Path(__file__).parents[2] / "deploy/demo/clips.jsonl"
WAIT_S: Final = 150.0
_LOOK_S: Final = 0.25


async def show_clips(
    stage: Stage, items: Sequence[CatalogItem], gallery: Gallery, say: Callable[[str], None]
) -> int:
    """Sends the campaign, waits for its clips, says where they are. Returns how many came."""
    if not can_make_clips():
        say(f"no clips: {MISSING}")
        return 0
    known = {each.item_id for each in items}
    campaigns = [each for each in read_lines(CAMPAIGNS, Campaign) if known & set(each.items.ids)]
    wanted = {(each.campaign_id, slot) for each in campaigns for slot in each.slots}
    await send(stage.settings, topics.CAMPAIGN, campaigns)
    end = time.monotonic() + WAIT_S
    while wanted - _there(gallery) and time.monotonic() < end:
        stage.workers.check()
        await asyncio.sleep(_LOOK_S)
    shown = [each for each in gallery.clips() if (each.campaign_id, each.slot) in wanted]
    for each in shown:
        say(f"a clip for {each.slot}: {stage.settings.assets_dir / each.clip}; the page plays it")
    if missing := sorted(slot for _, slot in wanted - _there(gallery)):
        say(f"no clip for {', '.join(missing)} in {WAIT_S:.0f} s: the log of render_assets says why")
    return len(shown)


def _there(gallery: Gallery) -> set[tuple[str, str]]:
    return {(each.campaign_id, each.slot) for each in gallery.clips()}

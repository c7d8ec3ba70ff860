"""Clips for bench_render: CPU of each, all its threads and processes, and its weight, by codec."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table

from models.clip.clip import make_clip
from models.clip.formats import FORMATS, MOST_BYTES, MOST_KBPS, kbps
from models.clip.looks import clip_layouts
from models.clip.story import LASTS_S
from models.scene.encoding import TooHeavyError
from models.scene.picture import UnreadableError
from models.scene.words.fitting import DoesNotFitError
from tests.models.clip.sample_stories import STORIES
from tests.models.scene.sample_scenes import FONTS


def clips_made(n: int) -> dict[str, object]:
    """`n` stories in every slot, look and codec; figures for the JSON line, the table is printed."""
    os.environ["SVT_LOG"] = "1"  # errors alone
    table = Table("slot", "codec", "clips", "ms of CPU p50", "most", "KiB p50", "most", "kbps, most")
    ms: list[float] = []
    sizes: list[int] = []
    wrong = 0
    for slot, layout in clip_layouts().items():
        for codec, form in FORMATS.items():
            ms_here: list[float] = []
            sizes_here: list[int] = []
            for story in STORIES[:n]:
                for seed in range(len(layout.look)):
                    begun = time.process_time()
                    try:
                        scene = replace(story.scene, slot=slot, seed=seed)
                        made = make_clip(replace(story, scene=scene), FONTS, [codec])
                    except (DoesNotFitError, UnreadableError, TooHeavyError):
                        wrong += 1
                        continue
                    ms_here.append((time.process_time() - begun) * 1e3)
                    sizes_here.append(len(made[form.suffix]))
            if not ms_here:
                continue
            table.add_row(
                slot, codec, str(len(ms_here)), f"{np.median(ms_here):.0f}", f"{max(ms_here):.0f}",
                f"{np.median(sizes_here) / 1024:.0f}", f"{max(sizes_here) / 1024:.0f}",
                str(kbps(max(sizes_here), LASTS_S)),
            )  # fmt: skip
            ms += ms_here
            sizes += sizes_here
    if not ms:
        return {"clips": 0}
    Console(width=160).print(table)
    return {
        "clips": len(ms),
        "ms_per_clip": round(float(np.median(ms)), 1),
        "bytes_per_clip": {"p50": round(float(np.median(sizes))), "most": max(sizes)},
        "clips_too_heavy": sum(each >= MOST_BYTES or kbps(each, LASTS_S) > MOST_KBPS for each in sizes),
        "clips_refused": wrong,
    }

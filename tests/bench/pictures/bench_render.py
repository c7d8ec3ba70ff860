"""Pictures and clips of ads: time, weight, what is wrong with them, and whether a recogniser reads in some of
them what was to be drawn, over every slot and variant.

python -m tests.bench.pictures.bench_render [--items 60] [--clips 2] [--processes 2] [--sheet FILE.png]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from models.scene.checking import picture_faults
from models.scene.encoding import TooHeavyError
from models.scene.picture import UnreadableError, draw_scene
from models.scene.reasons import OVERFLOW, OVERLAP
from models.scene.scene import Scene
from models.scene.words.fitting import DoesNotFitError
from tests.bench.pictures.clips import clips_made
from tests.bench.pictures.reading_back import Reader, Readings
from tests.models.scene.contact_sheet import sheet_of
from tests.models.scene.sample_scenes import FONTS, all_scenes

_EVERY_AVIF = 20
"""An AVIF file is made of each n-th picture."""
_EVERY_READ = 61
"""The words of each n-th picture are read back: no multiple of what items, locales and variants repeat at."""
_EVERY_SHOWN = 97


@dataclass
class Tally:
    """What was drawn in one slot; times in ms of CPU."""

    ms: list[float] = field(default_factory=list)
    avif_ms: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """What another process drew of the same slot."""
        self.ms += other.ms
        self.avif_ms += other.avif_ms
        self.bytes += other.bytes
        self.wrong += other.wrong
        self.left_out += other.left_out


@dataclass
class Drawn:
    """What one process drew."""

    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    shown: list[Image.Image] = field(default_factory=list)
    readings: Readings = field(default_factory=Readings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--clips", type=int, default=2, help="clips of each video slot, codec and look")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--sheet", type=Path, help="also write some of the pictures, side by side, to this file"
    )
    told = parser.parse_args()
    whole = Drawn()
    with ProcessPoolExecutor(told.processes, get_context("spawn")) as processes:
        draws = partial(drawn, told.items, told.processes)
        for part in processes.map(draws, range(told.processes)):
            for slot, tally in part.tallies.items():
                whole.tallies[slot].add(tally)
            whole.shown += part.shown
            whole.readings.take(part.readings)
    if told.sheet:
        sheet_of(whole.shown).save(told.sheet)
    report(whole.tallies, whole.readings, clips_made(told.clips))


def drawn(items: int, shares: int, share: int) -> Drawn:
    """Each `shares`-th picture, from the `share`-th on."""
    reader, made = Reader(), Drawn()
    for n, scene in enumerate(all_scenes(items)):
        if n % shares == share:
            _draw(n, scene, reader, made)
    made.readings = reader.readings
    return made


def _draw(n: int, scene: Scene, reader: Reader, made: Drawn) -> None:
    tally = made.tallies[scene.slot]
    begun = time.process_time()
    try:
        picture = draw_scene(scene, FONTS)
        file = picture.jpeg()
    except (DoesNotFitError, UnreadableError, TooHeavyError) as error:
        tally.wrong[type(error).__name__] += 1
        return
    tally.ms.append((time.process_time() - begun) * 1e3)
    tally.bytes.append(len(file))
    tally.wrong.update(picture_faults(scene.slot, picture))
    tally.left_out.update(picture.left_out)
    if n % _EVERY_AVIF == 0:
        begun = time.process_time()
        picture.avif(len(file))
        tally.avif_ms.append((time.process_time() - begun) * 1e3)
    if n % _EVERY_SHOWN == 0:
        made.shown.append(picture.image)
    if n % _EVERY_READ == 0:
        reader.read(picture, scene.lang)


def report(tallies: dict[str, Tally], readings: Readings, clips: dict[str, object]) -> None:
    """The tables and the JSON line."""
    table = Table("slot", "pictures", "ms p50", "p95", "AVIF ms", "KiB p50", "most", "wrong", "left out")
    for slot, each in tallies.items():
        p50, p95 = np.percentile(each.ms, [50, 95])
        table.add_row(
            slot, str(len(each.ms)), f"{p50:.0f}", f"{p95:.0f}", f"{np.median(each.avif_ms):.0f}",
            f"{np.median(each.bytes) / 1024:.0f}", f"{max(each.bytes) / 1024:.0f}",
            _told(each.wrong), _told(each.left_out),
        )  # fmt: skip
    Console(width=160).print(table)
    Console(width=160).print(_unlike(readings))
    ms = np.concatenate([each.ms for each in tallies.values()])
    wrong = sum((each.wrong for each in tallies.values()), Counter())
    slot_sets = sum(float(np.median(each.ms)) for each in tallies.values())
    print(
        json.dumps(
            {
                "pictures": len(ms),
                "ms_per_image": {
                    "p50": round(float(np.median(ms)), 1),
                    "p95": round(float(np.percentile(ms, 95)), 1),
                },
                "ms_per_slot_set": round(slot_sets, 1),
                "images_per_minute": round(60_000 / float(ms.mean())),
                "contrast_failures": wrong[UnreadableError.__name__],
                "overflow": wrong[OVERFLOW] + wrong[DoesNotFitError.__name__],
                "overlap": wrong[OVERLAP],
                "too_heavy": wrong[TooHeavyError.__name__],
                "ocr_share": readings.share("latin", "cjk"),
                "ocr_share_rtl": readings.share("rtl"),
                "ocr_lines": dict(readings.read),
                "left_out": dict(sum((each.left_out for each in tallies.values()), Counter())),
                **clips,
            }
        )
    )


def _unlike(readings: Readings) -> Table:
    table = Table("script", "drawn", "read otherwise")
    for each in readings.others:
        table.add_row(*each)
    return table


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items()) or "-"


if __name__ == "__main__":
    main()

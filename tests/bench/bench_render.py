"""Pictures and clips of ads: time, weight, what is wrong with them, and whether a recogniser reads in some of
them what was to be drawn, over every slot and variant.

python -m tests.bench.bench_render [--items 60] [--clips 2] [--sheet FILE.png]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from models.scene.checking import OVERFLOW, OVERLAP, faults
from models.scene.encoding import TooHeavyError
from models.scene.picture import UnreadableError, draw
from models.scene.words.fitting import DoesNotFitError
from tests.bench.clips import clips_made
from tests.bench.reading_back import Reader, Readings
from tests.models.scene.contact_sheet import sheet_of
from tests.models.scene.sample_scenes import FONTS, all_scenes

_EVERY_AVIF = 20
"""An AVIF file is made of each n-th picture."""
_EVERY_READ = 61
"""The words of each n-th picture are read back: no multiple of what items, locales and variants repeat at."""


class Tally:
    """What was drawn in one slot; times in ms of CPU."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        self.avif_ms: list[float] = []
        self.bytes: list[int] = []
        self.wrong: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--clips", type=int, default=2, help="clips of each video slot, codec and look")
    parser.add_argument(
        "--sheet", type=Path, help="also write some of the pictures, side by side, to this file"
    )
    told = parser.parse_args()
    tallies: dict[str, Tally] = defaultdict(Tally)
    shown: list[Image.Image] = []
    reader = Reader()
    for n, scene in enumerate(all_scenes(told.items)):
        tally = tallies[scene.slot]
        begun = time.process_time()
        try:
            picture = draw(scene, FONTS)
            made = picture.jpeg()
        except (DoesNotFitError, UnreadableError, TooHeavyError) as error:
            tally.wrong[type(error).__name__] += 1
            continue
        tally.ms.append((time.process_time() - begun) * 1e3)
        tally.bytes.append(len(made))
        tally.wrong.update(faults(scene.slot, picture))
        tally.left_out.update(picture.left_out)
        if n % _EVERY_AVIF == 0:
            begun = time.process_time()
            picture.avif(len(made))
            tally.avif_ms.append((time.process_time() - begun) * 1e3)
        if n % 97 == 0:
            shown.append(picture.image)
        if n % _EVERY_READ == 0:
            reader.read(picture, scene.lang)
    if told.sheet:
        sheet_of(shown).save(told.sheet)
    report(tallies, reader.readings, clips_made(told.clips))


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

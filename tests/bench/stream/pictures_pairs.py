"""W3 with pictures against W3 without, in turns: the generator looks into the store and asks the renderer,
which draws on the same machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.workers import Worker

PERCENTILES: Final = (50, 95, 99)
PLAIN: Final = "plain"
PICTURED: Final = "pictures"


def names(pairs: int) -> list[str]:
    """Of the runs: whatever drifts meets both kinds alike."""
    turns = ([PLAIN, PICTURED], [PICTURED, PLAIN])
    return [f"{kind} {pair + 1}" for pair in range(pairs) for kind in turns[pair % 2]]


def is_pictured(name: str) -> bool:
    return name.startswith(PICTURED)


def knobs(folder: Path) -> dict[str, str]:
    """What generator and renderer are told where there are pictures."""
    return {
        "SHIFTCAST_ASSETS_URL": "https://cdn.example/ads/",
        "SHIFTCAST_ASSETS_DIR": str(folder / "assets"),
    }


def renderer(env: Mapping[str, str], folder: Path) -> Worker:
    """Started."""
    return Worker("agents.render_assets", {**env, **knobs(folder)}, folder / "renderer").start()


def pictures_over_plain(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Medians over the pairs of each percentile's ratio, and of its values on either side."""
    plain = _sorted([each for each in rows if not is_pictured(each)])
    pictured = _sorted([each for each in rows if is_pictured(each)])
    told: dict[str, Any] = {"pairs": len(plain)}
    for p in PERCENTILES:
        key = f"p{p}_ms"
        ratios = [rows[b][key] / rows[a][key] for a, b in zip(plain, pictured, strict=True)]
        told[f"p{p}"] = round(median(ratios), 3)
        told[f"plain_{key}"] = round(median(rows[each][key] for each in plain), 1)
        told[f"pictures_{key}"] = round(median(rows[each][key] for each in pictured), 1)
    return told


def _sorted(runs: Sequence[str]) -> list[str]:
    return sorted(runs, key=lambda each: int(each.rpartition(" ")[2]))

"""How creatives are asked for, written and kept ahead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.choice.live_bar import LIVE_BAR
from streams.knobs.knob import knob

_MIB: Final = 1024 * 1024
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class CopyKnobs:
    """Part of streams.settings.Settings."""

    generation_deadline_ms: int = knob(1000, "ms", "past it the template answers", least=10, most=600_000)
    generation_batch: int = knob(
        16, "requests", "larger: more per second, each waits longer", least=1, most=256
    )
    generation_wait_ms: int = knob(1, "ms", "how long a batch may wait to fill", least=0, most=10_000)
    click_focus: float = knob(
        0.0,
        "gamma",
        "above 0 the click model learns by focal loss: its rates still rank, and are no probabilities",
        least=0,
        most=5,
    )
    click_weight: float = knob(
        1.0,
        "times",
        "so much more a click counts in the click model; away from 1 its rates are no probabilities",
        least=0.01,
        most=1000,
    )
    provider: str = knob("cpu", "", "cuda refuses to start without a GPU", choices=("cpu", "cuda"))
    encoder_dir: Path | None = knob(
        None, "path", "an ONNX sentence encoder for new catalogue versions; none: the built-in encoder"
    )
    model_dir: Path | None = knob(
        None,
        "path",
        "a registry of copywriters, or one model's folder; none: the registry `.shiftcast/models`, else the "
        "built-in copywriter",
    )
    copywriter: str = knob(
        "model",
        "model, small, stub:<ms>",
        "small: the one that comes with the program, whatever else is registered; stub writes test copy: "
        "benchmarks only",
    )
    live_bar: float = knob(
        LIVE_BAR,
        "score",
        "least score, by the judge, of copy that is written for a request; below it the template answers; 0: "
        "whatever review accepts",
        least=0,
        most=1,
    )
    pool_bytes: int = knob(
        64 * _MIB,
        "bytes",
        "what copy written ahead may take of a generator's memory; items beyond it are cold: their copy is "
        "not served; 0: no pool",
        least=0,
    )
    pool_core_share: float = knob(
        0.2,
        "of a core",
        "so much of a processor a generator that nobody waits for spends on writing ahead; 0: only "
        "`shiftcast copy fill` writes ahead",
        least=0,
        most=1,
    )
    pool_copies: int = knob(
        2, "copies", "written ahead per item, slot and style; a user is shown none twice", least=1, most=64
    )
    pool_bar: float | None = knob(
        None,
        "score",
        "least score of copy that is kept and served; none: the judge's own bar; lower: more copy, worse",
        least=0,
        most=1,
    )
    pool_drafts: int = knob(
        12, "drafts", "written for each of these, of which the judge keeps the best", least=1, most=64
    )
    cooldown_ms: int = knob(
        1_800_000, "ms", "shorter: more creatives per user, more cost", least=0, most=365 * _DAY_MS
    )
    cooldown_events: int = knob(
        5, "events", "positive events between two triggers of one user", least=0, most=10_000
    )
    confirm_positives: int = knob(
        0,
        "events",
        "a shift that one session alone shows waits for a second session, or for so many positive events; 0: "
        "it does not wait",
        least=0,
        most=24,
    )

    generations_per_1000: float = knob(
        0.0,
        "per 1,000",
        "requests for creatives wanted per 1,000 positive events: the catalogue worker moves the detector's "
        "threshold until it is so; 0: the threshold stays as it is calibrated",
        least=0,
        most=500,
    )

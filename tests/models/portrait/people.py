"""Made-up users of planted groups: each group likes codes of its own, at hours of its own."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.portrait.behaviour import NOWHERE, Behaviours, Circumstances

DAY_MS: Final = 86_400_000
CODE_NAMES: Final = tuple(f"things.kind{code}" for code in range(12))


def people(sizes: tuple[int, ...], seed: int = 3, apart: float = 0.9) -> Behaviours:
    """Users of group g, in turns, take codes 3g, 3g + 1 and 3g + 2 with a chance of `apart`, else any; about
    hour 6g, on device g + 1, in country C<g>; those of odd groups buy, for 10.00 each."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = rng.integers(8, 20, len(group))
    user = np.repeat(np.arange(len(group)), count)
    own = 3 * group[user] + rng.integers(0, 3, len(user))
    code = np.where(rng.random(len(user)) < apart, own, rng.integers(0, 12, len(user)))
    hours, devices = np.zeros((len(group), 24), np.int64), np.zeros((len(group), 8), np.int64)
    np.add.at(hours, (user, (6 * group[user] + rng.integers(0, 3, len(user))) % 24), 1)
    np.add.at(devices, (user, group[user]), 1)
    buys = group % 2
    around = Circumstances(
        hours,
        devices,
        np.where(rng.random(len(group)) < 0.9, group, NOWHERE),
        tuple(f"C{number}" for number in range(len(sizes))),
        buys * count,
        buys * count * 1_000,
        "EUR",
    )
    ts = np.sort(rng.integers(0, 30 * DAY_MS, len(user)))
    prices = np.where(group[user] == 0, 1.0, 0.0).astype(np.float32)
    return Behaviours(user, code, ts, prices, np.eye(64, dtype=np.float32)[code], around)


def planted(sizes: tuple[int, ...], seed: int = 3) -> np.ndarray:
    """The group of each user of `people` of that seed."""
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))

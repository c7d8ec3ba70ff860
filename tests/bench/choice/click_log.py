"""Logs of showings with their clicks: of a simulated world whose click rates are known, and of the Open
Bandit data."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.click.copy_traits import traits_of
from models.click.features import Foreseen
from models.world.interests import draw_categories, draw_theta, zipf

CATEGORIES: Final = 40
ITEMS: Final = 600
CAMPAIGNS: Final = 12
STYLES: Final = ("plain", "offer", "question", "story", "urgent")
CTAS: Final = ("Shop now", "See details", "Find yours")
SLOTS: Final = ("native", "text", "banner", "social")
DEVICES: Final = (2, 4, 5)
COUNTRIES: Final = ("GBR", "DEU", "USA", "FRA")
SHIFTS_PER_DAY: Final = 0.05
DAYS_MS: Final = 86_400_000


@dataclass(frozen=True)
class ClickLog:
    """Showings in order of time, whether each was clicked, its day, and its true rate where that is known."""

    showings: list[Foreseen]
    clicked: NDArray[np.bool_]
    day: NDArray[np.int64]
    truth: NDArray[np.float64] | None = None


class ClickWorld:
    """Users of unequal click rates whose interests shift; styles that some interests like and others do not;
    slots seen more or less, hours, showings that tire.

    logit = base + user + 1.6 (share of the shown category in the interest) + style x category + slot + hour +
    words - 0.18 (showing - 1).
    """

    def __init__(self, rng: np.random.Generator, users: int) -> None:
        self.rng, self.users = rng, users
        self.popularity = zipf(CATEGORIES)
        self.theta = np.array([draw_theta(rng, self.popularity) for _ in range(users)])
        self.of_user = rng.normal(0, 0.5, users)
        self.style_taste = rng.normal(0, 0.45, (len(STYLES), CATEGORIES))
        self.of_slot = np.array([0.5, 0.1, -0.5, 0.2])
        self.of_hour = 0.35 * np.sin((np.arange(24) - 14) / 24 * 2 * np.pi)
        self.category = rng.integers(CATEGORIES, size=ITEMS)
        self.of_item = rng.normal(0, 0.3, ITEMS)
        headlines = [f"{n} ways{'?' * (n % 2)}" for n in range(20)]
        self.words = [traits_of(headline, "For you.", cta) for headline in headlines for cta in CTAS]
        self.of_words = rng.normal(0, 0.2, len(self.words)) - [0.2 * (each.asks or 0) for each in self.words]

    def day(self, number: int, showings: int) -> ClickLog:
        """One day's showings: users as they come, items near their interests more often than not."""
        rng = self.rng
        for user in np.flatnonzero(rng.random(self.users) < SHIFTS_PER_DAY):
            self.theta[user] = draw_theta(rng, self.popularity)
        users = rng.integers(self.users, size=showings)
        wanted = (self.theta[users].cumsum(axis=1) > rng.random((showings, 1))).argmax(axis=1)
        categories = np.where(
            rng.random(showings) < 0.6, wanted, draw_categories(rng, self.popularity, showings)
        )
        offsets = rng.integers(ITEMS, size=showings)
        items = _item_of(self.category, categories, offsets)
        styles, slots = rng.integers(len(STYLES), size=showings), rng.integers(len(SLOTS), size=showings)
        hours, numbers = rng.integers(24, size=showings), np.minimum(rng.geometric(0.5, showings), 8)
        shown, words = self.category[items], rng.integers(len(self.words), size=showings)
        logit = (
            -3.4 + self.of_user[users] + 1.6 * self.theta[users, shown] + self.style_taste[styles, shown]
            + self.of_slot[slots] + self.of_hour[hours] + self.of_item[items] + self.of_words[words]
            - 0.18 * (numbers - 1)
        )  # fmt: skip
        truth = 1 / (1 + np.exp(-logit))
        top = np.argsort(-self.theta, axis=1)[:, :3]
        made = [
            Foreseen(
                campaign_id=f"c{item % CAMPAIGNS}", item_id=f"i{item}", code=f"k{self.category[item]}",
                template_id=f"t{item % CAMPAIGNS}", style=STYLES[style], slot=SLOTS[slot],
                segment=f"k{top[user, 0]:02d}", hour=int(hour), weekday=number % 7,
                device=DEVICES[user % len(DEVICES)], country=COUNTRIES[user % len(COUNTRIES)],
                number=int(nth), said=self.words[said], interest=tuple(f"k{code}" for code in top[user]),
            )
            for user, item, style, slot, hour, nth, said in zip(
                users.tolist(), items.tolist(), styles.tolist(), slots.tolist(), hours.tolist(),
                numbers.tolist(), words.tolist(), strict=True,
            )
        ]  # fmt: skip
        return ClickLog(made, rng.random(showings) < truth, np.full(showings, number), truth)


def _item_of(
    category: NDArray[np.int64], wanted: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """One item of each wanted category."""
    order = np.argsort(category, kind="stable")
    first = np.searchsorted(category[order], np.arange(CATEGORIES + 1))
    size = np.maximum(1, np.diff(first))[wanted]
    return order[np.minimum(first[wanted] + offsets % size, len(order) - 1)]


def simulated(rng: np.random.Generator, users: int, days: int, per_day: int) -> ClickLog:
    """`days` of a world, in order."""
    world = ClickWorld(rng, users)
    logs = [world.day(number, per_day) for number in range(days)]
    return ClickLog(
        [showing for log in logs for showing in log.showings],
        np.concatenate([log.clicked for log in logs]),
        np.concatenate([log.day for log in logs]),
        np.concatenate([log.truth for log in logs if log.truth is not None]),
    )


def open_bandit(folder: Path) -> ClickLog:
    """The two logs of the Open Bandit data as one, in order of time. Its positions are slots, its hashed user
    features a segment, country and device."""
    rows = sorted(_bandit_rows(folder), key=lambda row: row["timestamp"])
    times = [datetime.fromisoformat(row["timestamp"]) for row in rows]
    showings = [
        Foreseen(
            campaign_id="men", item_id=row["item_id"], slot=row["position"], hour=at.hour,
            weekday=at.weekday(), segment=row["user_feature_0"], country=row["user_feature_1"],
            interest=(row["user_feature_2"], row["user_feature_3"]),
        )
        for row, at in zip(rows, times, strict=True)
    ]  # fmt: skip
    clicked = np.array([row["click"] == "1" for row in rows])
    day = np.array([at.toordinal() for at in times])
    return ClickLog(showings, clicked, day - day.min())


def _bandit_rows(folder: Path) -> Iterator[dict[str, str]]:
    for name in ("men-random.csv.gz", "men-bts.csv.gz"):
        with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)

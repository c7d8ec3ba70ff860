"""Briefs for the held-out items."""

from __future__ import annotations

import tomllib
from pathlib import Path

from models.brief.brief import DEVICES, GOALS, LIMITS, STYLES, TONES, WEEKDAYS, Brief
from models.segments import DAYPARTS

_DATA = tomllib.loads(Path(__file__).with_name("held_out.toml").read_text(encoding="utf-8"))


def held_out_items() -> list[tuple[str, str, str, int]]:
    """(title, noun, category, price in minor units)."""
    rows = [
        [part.strip() for part in line.split("|")] for line in (*_DATA["own"], *_DATA["retail_demo_store"])
    ]
    return [(title, noun, category, int(price)) for title, noun, category, price in rows]


def held_out_briefs(variants: int) -> list[Brief]:
    """`variants` briefs per item that walk through styles, goals, tones, times, devices, slots and
    interests."""
    briefs = []
    slots = tuple(LIMITS)
    for number, (title, noun, category, price) in enumerate(held_out_items() * variants):
        briefs.append(
            Brief(
                request_id=f"rq_{number:016x}",
                campaign_id="spring",
                slot=slots[number % len(slots)],
                brand="Northfold",
                title=title,
                noun=noun,
                category=category,
                price_minor=price,
                salesprice_minor=price * 3 // 4 if number % 4 == 0 else None,
                facts=("Free returns within 30 days",) if number % 3 == 0 else (),
                style=STYLES[number % len(STYLES)],
                goal=GOALS[number // 2 % len(GOALS)],
                tone=TONES[number // 3 % len(TONES)],
                daypart=DAYPARTS[number // 5 % len(DAYPARTS)],
                weekday=WEEKDAYS[number % 7],
                device=DEVICES[number // 7 % len(DEVICES)],
                place=("US", "DE", "GB")[number % 3],
                interest=(_DATA["interests"][number % len(_DATA["interests"])],),
                returning=number % 11 == 0,
            )
        )
    return briefs

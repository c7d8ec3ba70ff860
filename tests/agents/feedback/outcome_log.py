"""Outcomes as many lanes send them, and what they add up to, computed once over the whole log."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import msgspec

from streams import records as r
from streams.topics import OUTCOME
from tests.agents.profiles.memory_lane import NOW_MS, Consumed

COUNTS = (
    "impressions", "viewable", "clicks", "conversions", "likes", "hides", "reports",
    "starts", "first_quartiles", "midpoints", "third_quartiles", "completions",
)  # fmt: skip
DAY_MS = 86_400_000
SIZES_S = (60, 3_600, 86_400, 0)
ANY = ("*", "*", "*", "*")


def history(seed: int, rounds: int = 12, lanes: int = 3) -> list[Consumed]:
    """Lanes count up, restart under higher generations, and correct windows of the day before; what each says
    keeps its order, what they say together has none. Every 20th value comes twice, late."""
    rng = random.Random(seed)
    said: list[list[tuple[bytes, r.Outcome]]] = []
    for lane in range(lanes):
        said.append(_lane(rng, lane, rounds))
    merged: list[tuple[bytes, r.Outcome]] = []
    while any(said):
        merged.append(rng.choice([each for each in said if each]).pop(0))
    for _ in range(len(merged) // 20):
        at = rng.randrange(len(merged))
        merged.insert(rng.randrange(at, len(merged) + 1), merged[at])
    return [
        Consumed(OUTCOME.name, 0, offset, NOW_MS + offset, key, msgspec.json.encode(each))
        for offset, (key, each) in enumerate(merged)
    ]


def _lane(rng: random.Random, lane: int, rounds: int) -> list[tuple[bytes, r.Outcome]]:
    found: list[tuple[bytes, r.Outcome]] = []
    state: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    generation = 1
    for flush in range(1, rounds + 1):
        generation += rng.random() < 0.2
        touched = set()
        for _ in range(rng.randrange(1, 9)):
            ts = NOW_MS + rng.randrange(0, 7_200_000) - (DAY_MS if rng.random() < 0.2 else 0)
            arm, segment = rng.choice(("direct.t1", "offer.t1", "offer.t2")), rng.choice(("s1", "s2", "none"))
            names = (f"c{rng.randrange(2)}", rng.choice(("native", "text")), arm, arm[-2:], segment)
            made = rng.random() < 0.3
            for size in SIZES_S:
                place = (*names, size, ts // (size * 1000) * size * 1000 if size else 0, made)
                touched.add(place)
                state[place].update(_step(random.Random(rng.random()), made))
        for place in touched:
            found.append(_outcome(lane, place, state[place], generation, flush))
    return found


def _step(rng: random.Random, made: bool) -> dict[str, int]:
    if made:
        return {"model": 1, "cpu_us": rng.randrange(9_000), f"total:{rng.randrange(27)}": 1}
    shown = rng.randrange(1, 9)
    clicked, users = rng.randrange(shown + 1), rng.randrange(1, shown + 1)
    nth = rng.randrange(8)
    return {
        "impressions": shown, "clicks": clicked, "conversions": rng.randrange(2), "hides": rng.randrange(2),
        "starts": shown, "midpoints": users, "completions": rng.randrange(users + 1),
        f"shown:{nth}": shown, f"clicked:{nth}": clicked, "users": users, "campaign_users": min(users, 1),
        "value:EUR": rng.randrange(-200, 900), "cost:EUR": shown,
        "viewable": rng.randrange(shown + 1),
    }  # fmt: skip


def _outcome(
    lane: int, place: tuple[Any, ...], state: Counter[str], generation: int, flush: int
) -> tuple[bytes, r.Outcome]:
    *names, size, start, made = place
    making = None
    if made:
        bins = [state[f"total:{k}"] for k in range(27)]
        making = r.OutcomeMaking({"model": state["model"]}, {}, [0] * 27, bins, state["cpu_us"])
    counts = r.OutcomeCounts(
        **{name: state[name] for name in COUNTS},
        by_exposure=[state[f"shown:{k}"] for k in range(8)],
        clicked_by_exposure=[state[f"clicked:{k}"] for k in range(8)],
        users=state["users"],
        campaign_users=state["campaign_users"],
    )
    campaign_id, slot, arm, template_id, segment = names
    outcome = r.Outcome(
        campaign_id, slot, arm, template_id, segment, start, size, counts,
        {} if made else {"EUR": state["value:EUR"]}, {} if made else {"EUR": state["cost:EUR"]},
        generation, flush, lane, making=making,
    )  # fmt: skip
    key = "|".join((str(lane), *names, f"{size}:{start}")) + ("|making" if made else "")
    return key.encode(), outcome


def batch_totals(log: list[Consumed]) -> dict[tuple[Any, ...], Counter[str]]:
    """Per published cell (campaign, template, arm, slot, segment, size, start) its sums: of each key the
    value of the highest (generation, flush), over all keys."""
    newest: dict[bytes, r.Outcome] = {}
    for record in log:
        assert record.key is not None
        each = msgspec.json.decode(record.value or b"", type=r.Outcome)
        old = newest.get(record.key)
        if old is None or (each.generation, each.flush) > (old.generation, old.flush):
            newest[record.key] = each
    found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for each in newest.values():
        window = (each.window_s, each.window)
        own = (
            ("*", each.arm, each.slot, "*")
            if each.window_s == 60
            else (each.template_id, each.arm, each.slot, each.segment)
        )
        sums = _sums(each)
        found[each.campaign_id, *own, *window].update({**sums, "users": each.counts.users})
        found[each.campaign_id, *ANY, *window].update({**sums, "users": each.counts.campaign_users})
    return found


def _sums(each: r.Outcome) -> dict[str, int]:
    sums = {name: getattr(each.counts, name) for name in COUNTS}
    sums |= {f"shown:{k}": n for k, n in enumerate(each.counts.by_exposure)}
    sums |= {f"clicked:{k}": n for k, n in enumerate(each.counts.clicked_by_exposure)}
    sums |= {f"value:{c}": n for c, n in each.value_minor.items()}
    sums |= {f"cost:{c}": n for c, n in each.cost_minor.items()}
    if each.making is not None:
        sums |= {"model": each.making.by_status.get("model", 0), "cpu_us": each.making.cpu_us}
    return sums

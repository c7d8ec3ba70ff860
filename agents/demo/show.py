"""The demo as people follow it: a live screen in a terminal, else one line per story, and the summary at the
end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from agents.creatives.plan import LIVE, POOL
from agents.overview.gauges import GaugeSample
from agents.overview.screen import Screen
from agents.overview.state import Card, Why

TARGETS: Final = {
    "found_share": (">=", 0.6), "false_per_1000": ("<=", 10.0), "event_to_creative_p95_ms": ("<=", 1500.0),
    "model_share": (">=", 0.7), "live_share": (">=", 0.1),
    "distinct_headline_share": (">=", 0.5), "noun_share": (">=", 0.9), "first_model_creative_s": ("<=", 45.0),
    "compiled_after_start": ("<=", 0),
}  # fmt: skip
WRITTEN: Final = {POOL: "written ahead by the model", LIVE: "written live by the model"}
STORIES: Final = 12
"""Told as lines where no live screen can be drawn."""


@dataclass
class Show:
    """`say` at any time; `take` what the overview made of a record; `draw` once a second while live."""

    console: Console
    screen: Screen
    seconds: Callable[[], float]
    quiet: bool = False
    stories: int = 0
    open: dict[str, Why] = field(default_factory=dict)  # shifts whose creative is still to come
    _live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal and not self.quiet:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def say(self, line: str) -> None:
        """A line of progress with the seconds since the start, above the live screen when there is one."""
        if not self.quiet:
            self.console.print(f"[dim]{self.seconds():5.1f} s[/]  {escape(line)}", soft_wrap=True)

    def draw(self, sample: GaugeSample) -> None:
        if self._live is not None:
            self._live.update(self.screen.drawn(sample), refresh=True)

    def take(self, news: Card | Why | None) -> None:
        """A shift and the creative that answers it make a story."""
        self.screen.add(news)
        if isinstance(news, Why) and news.kind == "shift":
            self.open[news.request_id] = news
        elif isinstance(news, Card) and (why := self.open.pop(news.request_id or "", None)) is not None:
            if self._live is None and self.stories < STORIES:
                self.say(story(why, news))
            self.stories += 1


def story(why: Why, card: Card) -> str:
    """A user's interest moved, and what was made of it."""
    lost = ", ".join(f"{name} -{weight:.0%}" for name, weight in why.lost[:2])
    gained = ", ".join(f"{name} +{weight:.0%}" for name, weight in why.gained[:2])
    by = (
        WRITTEN.get(card.source or "", "written by the model before")
        if card.by_model
        else "from the template"
    )
    waited = f" in {card.latency_ms} ms" if card.latency_ms is not None else ""
    moved = f"user {why.user}: {lost} -> {gained} (score {why.score})"
    return f"{moved}\n         {card.brand}: {card.headline} | {card.description} | {card.cta}, {by}{waited}"


def checked_targets(report: dict[str, Any]) -> list[tuple[str, float | None, str, float, bool]]:
    """(figure, value, sign, target, reached) of every target."""
    figures = {**report, "event_to_creative_p95_ms": report["event_to_creative_ms"]["p95"]}
    rows = []
    for name, (sign, target) in TARGETS.items():
        value = figures[name]
        reached = value is not None and (value >= target if sign == ">=" else value <= target)
        rows.append((name, value, sign, target, reached))
    return rows


def lift_line(lift: dict[str, Any]) -> str:
    """What the experiment showed, in this simulated world."""
    ctr, truth = lift["ctr"], lift["true_ctr"]
    said = ", ".join(
        f"{arm} {_percent(rate)}, {lift['users'][arm]} users (truly {_percent(truth.get(arm))})"
        for arm, rate in ctr.items()
    )
    between = f"{_percent(lift['lo'])} to {_percent(lift['hi'])}"
    return (
        f"experiment on {lift['campaign']}, clicks: {said}; lift {_percent(lift['lift'])}, {between}; "
        f"truly {_percent(lift['true_lift'])} in this simulated world"
    )


def pictures_line(report: dict[str, Any]) -> str:
    """How many pictures there are, how many were had without drawing, and where they are looked at."""
    held = _percent(report["pictures_held_share"])
    return (
        f"{report['pictured']} creatives with pictures of their own; {held} of the pictures asked for were "
        f"in the store already; look at them: {report['gallery']}"
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def figures_table(report: dict[str, Any]) -> Table:
    """The figures with their targets."""
    shifts, made, ms = report["shifts"], report["creatives"], report["event_to_creative_ms"]
    title = (
        f"{report['events_per_s']:,.0f} events/s for {report['seconds']:.0f} s; {shifts['true']} true "
        f"shifts, {shifts['found']} found, "
        f"{shifts['false']} false triggers; {made['model']} creatives by the model ({made['pool']} from the "
        f"pool, {made['live']} live, {made['reused']} again), {made['template']} from templates; "
        f"event to creative p50 {ms['p50']} ms, p99 {ms['p99']} ms; {report['dead_letters']} dead letters"
    )
    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in ("figure", "measured", "target", ""):
        table.add_column(column, justify="right" if column == "measured" else "left")
    for name, value, sign, target, reached in checked_targets(report):
        table.add_row(
            name,
            "-" if value is None else f"{value:g}",
            f"{sign} {target:g}",
            "[green]yes[/]" if reached else "[red]no[/]",
        )
    return table

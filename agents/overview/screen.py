"""The picture in a terminal: figures, reasons and creatives as they appear. Draws what it is given, reads
nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agents.overview.gauges import GaugeSample
from agents.overview.state import Card, Overview, Why, quantiles

LINES = 9


@dataclass
class Screen:
    """Keeps the newest reasons and cards; `note` is the line at the bottom."""

    overview: Overview
    note: str = ""
    reasons: deque[Why] = field(default_factory=lambda: deque(maxlen=LINES))
    cards: deque[Card] = field(default_factory=lambda: deque(maxlen=LINES))

    def add(self, news: Card | Why | None) -> None:
        """What `Overview.take` returned."""
        if isinstance(news, Card):
            self.cards.appendleft(news)
        elif news is not None:
            self.reasons.appendleft(news)

    def drawn(self, sample: GaugeSample | None, stale_s: float | None = None) -> RenderableType:
        """Everything, for rich's Live. `stale_s`: the broker has not answered for so long."""
        old = f" · [bold red]stale since {stale_s:.0f} s: the broker does not answer[/]" if stale_s else ""
        return Group(
            Panel(self._figures(sample), title=f"Shiftcast{old}", title_align="left"),
            self._reasons(),
            self._cards(),
            Text(self.note, style="dim"),
        )

    def _figures(self, sample: GaugeSample | None) -> RenderableType:
        seen, ms = self.overview, quantiles(self.overview.latencies_ms)
        lag = (
            "  ".join(f"{app} {n:,}" for app, n in sample.lag.items())
            if sample and sample.lag
            else "no group yet"
        )
        latency = (
            f"p50 {ms['p50']:.0f}  p95 {ms['p95']:.0f}  p99 {ms['p99']:.0f} ms"
            if ms["p50"] is not None
            else "none yet"
        )
        dead = ", ".join(f"{reason} {n:,}" for reason, n in seen.dead.most_common(4)) or "none"
        grid = Table.grid(padding=(0, 3))
        grid.add_row("events/s", f"[bold]{sample.events_per_s if sample else 0:,.0f}[/]", "behind", lag)
        grid.add_row("shifts", f"[bold]{seen.requests['shift']:,}[/]", "event to creative", latency)
        made = seen.creatives
        by = (
            f"[bold green]{made['model']:,}[/] by the model, {made['template']:,} from templates, "
            f"{made['shared']:,} shared"
        )
        grid.add_row("first profiles", f"{seen.requests['first']:,}", "creatives", by)
        grid.add_row("withdrawn", f"{seen.creatives['withdrawn']:,}", "dead letters", escape(dead))
        return grid

    def _reasons(self) -> RenderableType:
        table = Table(title="Interests that moved", title_justify="left", expand=True)
        for column, width in (("when", 8), ("user", 8), ("trigger", 10)):
            table.add_column(column, min_width=width, no_wrap=True)
        for column in ("gained", "lost"):
            table.add_column(column, ratio=1, no_wrap=True)
        for why in self.reasons:
            gained = _weights(why.gained or why.top[:3])
            table.add_row(
                _time(why.ts_ms),
                why.user,
                f"{why.kind} {why.score:.1f}",
                f"[green]{gained}[/]",
                f"[red]{_weights(why.lost)}[/]",
            )
        return table

    def _cards(self) -> RenderableType:
        table = Table(title="Creatives as they appear", title_justify="left", expand=True)
        for column in ("when", "because", "by", "brand", "headline", "ms"):
            table.add_column(
                column, no_wrap=column != "headline", justify="right" if column == "ms" else "left"
            )
        for card in self.cards:
            by = f"[green]{card.source or 'model'}[/]" if card.by_model else "template"
            ms = "" if card.latency_ms is None else f"{card.latency_ms:,}"
            table.add_row(
                _time(card.created_ms), card.trigger, by, escape(card.brand), escape(card.headline), ms
            )
        return table


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%H:%M:%S")


def _weights(pairs: list[tuple[str, float]]) -> str:
    return escape(", ".join(f"{name} {weight:.0%}" for name, weight in pairs[:3]))

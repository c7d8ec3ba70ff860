"""`shiftcast calibrate`: the detector's threshold for a target rate of false triggers, found on the topics,
published on request."""

from __future__ import annotations

import asyncio
import os

import click

from agents.calibration.threshold import LEAST_FALSE, MOST_FALSE, Proposal, propose, publish_threshold
from agents.commands.option_types import Measure
from agents.commands.options import echo_json, json_option
from streams.settings import Settings
from streams.unix_time import unix_ms

_HOUR_MS = 3_600_000


@click.command()
@click.option(
    "--target",
    type=Measure(LEAST_FALSE, MOST_FALSE),
    default=5.0,
    show_default=True,
    help="False triggers per 1,000 positive events.",
)
@click.option(
    "--since-hours",
    type=Measure(0.01, 87_600),
    help="Only events that arrived in the last so many hours; default: all there are.",
)
@click.option("--publish", is_flag=True, help="Make the threshold current for all workers.")
@json_option()
def command(target: float, since_hours: float | None, publish: bool, as_json: bool) -> None:
    """Find the threshold by replaying logged clicks, carts and conversions with each user's sessions
    shuffled.

    Shuffling removes every true shift, so each trigger on the replay is false. Users who did not agree to
    profiling are left out.
    """
    settings = Settings.from_environ(os.environ)
    now_ms = unix_ms()
    since_ms = None if since_hours is None else now_ms - int(since_hours * _HOUR_MS)
    proposed = asyncio.run(_run(settings, target, since_ms, publish, now_ms))
    report = calibration_report_of(proposed, target, publish and not proposed.held)
    if as_json:
        echo_json(report)
        return
    click.echo("\n".join(f"{name:>16}  {value}" for name, value in report.items()))
    if proposed.held:
        click.echo(
            "a budget of generations sets the threshold (SHIFTCAST_GENERATIONS_PER_1000): reported only"
        )
    elif not publish:
        click.echo(f"to make it current: shiftcast calibrate --target {target:g} --publish")


async def _run(
    settings: Settings, target: float, since_ms: int | None, publish: bool, now_ms: int
) -> Proposal:
    proposed = await propose(settings, target, since_ms)
    if publish:
        await publish_threshold(settings, proposed, now_ms)
    return proposed


def calibration_report_of(proposed: Proposal, target: float, published: bool) -> dict[str, object]:
    """What was found, as a machine reads it."""
    found = proposed.calibration
    return {
        "threshold": round(found.threshold, 4), "before": round(proposed.before, 4), "target": target,
        "false_per_1000": round(found.false_per_1000, 3), "positives": found.positives, "users": found.users,
        "catalog_version": proposed.catalog_version, "published": published,
    }  # fmt: skip

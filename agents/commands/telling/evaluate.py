"""`shiftcast evaluate`: what other policies would have earned, from the log of exposures."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from agents.commands.options import echo_json, exposures_option, json_option
from agents.commands.tables import print_table
from agents.exposure_log.policy_report import (
    REWARDS,
    DrawnExposures,
    policies_json,
    read_policy,
    reward_of,
    unmet,
    value_candidates,
)
from agents.exposure_log.reading import CountedExposures, read_exposures
from agents.exposure_log.withdrawn import MEASURE, Withdrawn, read_withdrawn
from models.offpolicy.doubts import doubts_about
from models.offpolicy.estimators import Estimate, PolicyValue
from streams.settings import Settings


@click.command()
@exposures_option
@click.option(
    "--policy",
    "policies",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE.json",
    help='A candidate: {"name": ..., "chances": {"CAMPAIGN|SLOT[|LOCALE]" or "*": {"ARM": chance}}}.',
)
@click.option("--campaign", help="Only the exposures of this campaign.")
@click.option("--reward", type=click.Choice(REWARDS), default="clicks", show_default=True)
@click.option("--currency", help="Of --reward value, in whose minor units it is given.")
@json_option("Print one JSON object.")
def command(
    files: Sequence[Path],
    policies: Sequence[Path],
    campaign: str | None,
    reward: str,
    currency: str | None,
    as_json: bool,
) -> None:
    """Value the policy that drew the arms, uniform and greedy choice and any policy file: reward per exposure
    by IPS, SNIPS and DR, each with its 95 % interval.

    Exposures of one user depend on each other and are summed before the error is taken. Greedy and the reward
    model of DR are fitted to the other half of the users.
    """
    stated = {str(path): read_policy(path) for path in policies}
    drawn = DrawnExposures(reward_of(reward, currency))
    counted = asyncio.run(_read(Settings.from_environ(os.environ), files))
    for exposure in counted.exposures:
        if campaign is None or exposure.campaign_id == campaign:
            drawn.add(exposure)
    values, missed = value_candidates(drawn, stated), unmet(drawn, stated)
    left_out = {
        "repeated": counted.repeated,
        "invalid": counted.invalid,
        "not_measured": counted.not_measured,
        "withdrawn": None if files else counted.withdrawn,
        "unreadable": counted.unreadable,
        "not_drawn": drawn.not_drawn,
    }
    if as_json:
        told = {"exposures": len(drawn.arms), "reward": reward, **left_out}
        echo_json(told | {"unmet": missed, "policies": policies_json(values)})
        return
    print_table(_table(values, f"{reward} per exposure, {len(drawn.arms):,} exposures"))
    click.echo(
        "left out: " + ", ".join(f"{name} {count}" for name, count in left_out.items() if count is not None)
    )
    if files:
        click.echo("files: who took consent back or was erased since is not asked of the broker")
    for each in missed:
        click.echo(each)
    for name, value in values.items():
        for doubt in doubts_about(value.overlap):
            click.echo(f"{name}: {doubt}")


async def _read(settings: Settings, files: Sequence[Path]) -> CountedExposures:
    """Files are valued without a broker: what they hold is for whoever wrote them to answer for."""
    withdrawn = Withdrawn(MEASURE) if files else await read_withdrawn(settings, MEASURE)
    return await read_exposures(settings, files, withdrawn)


def _table(values: dict[str, PolicyValue], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("policy", "IPS", "SNIPS", "DR", "effective rounds"):
        table.add_column(column, justify="left" if column == "policy" else "right")
    for name, value in values.items():
        estimates = (_said(each) for each in (value.ips, value.snips, value.dr))
        table.add_row(name, *estimates, f"{value.overlap.effective:,.0f}")
    return table


def _said(estimate: Estimate) -> str:
    return f"{estimate.value:.4g} [{estimate.lo:.4g}, {estimate.hi:.4g}]"

"""`shiftcast advise`: what holds a campaign back, from its metrics."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from difflib import get_close_matches

import click

from agents.commands.options import echo_json, json_option
from agents.explaining.advising import CampaignMetrics, read_metrics, told_advice
from models.advice.rules import NOTICEABLE, Advised
from models.measured.rates import wilson
from streams.settings import Settings
from streams.topics import CREATIVE_METRIC


@click.command()
@click.argument("campaign_id", metavar="CAMPAIGN")
@json_option()
def command(campaign_id: str, as_json: bool) -> None:
    """Tell what earns CAMPAIGN significantly less than the rest of it does: style, template, slot, hour,
    audience, too many showings, templates instead of copy, what review refuses; and the edit for each.

    Of all that is compared at most one in twenty campaigns gets a wrong advice of one kind. Nothing
    significant: nothing is advised.
    """
    settings = Settings.from_environ(os.environ)
    found = asyncio.run(read_metrics(settings, campaign_id))
    if not found.metrics:
        raise click.ClickException(unknown_campaign(campaign_id, found))
    advised = found.advised()
    if as_json:
        echo_json(told_advice(campaign_id, found))
        return
    click.echo("\n".join(advice_lines(campaign_id, advised, found.suppressed, found.goal)))


def advice_lines(campaign_id: str, advised: Advised, suppressed: int, goal: str = "") -> Iterator[str]:
    """For people: the campaign, then each advice with its edit; or why there is none."""
    total = advised.total
    low, high = wilson(total.clicks, total.impressions)
    yield (
        f"{campaign_id}: {total.impressions:,} impressions, {total.clicks:,} clicks, "
        f"{total.rate:.2%} ({low:.2%} to {high:.2%})"
    )
    if goal:
        yield f"  goal: {goal}"
    for each in advised.advice:
        lost = f"; that cost about {each.lost_clicks:,.0f} clicks" if each.lost_clicks else ""
        yield f"  {each.kind}: {each.says}{lost}"
        yield f"      {each.edit}"
    if not advised.advice:
        yield "  nothing is significantly worse than the rest"
    if advised.missing:
        yield (
            f"  to see a drop to {NOTICEABLE:.0%} between two halves, about {advised.missing:,} more "
            "impressions are needed"
        )
    if suppressed:
        yield f"  {suppressed} cells have too few users to be told"


def unknown_campaign(campaign_id: str, found: CampaignMetrics) -> str:
    """What to type instead."""
    if not found.campaigns:
        return (
            f"{CREATIVE_METRIC.name} is empty: nothing was measured yet; is "
            "`faust -A agents.measure_feedback worker` running?"
        )
    near = get_close_matches(campaign_id, found.campaigns, 3, 0) or sorted(found.campaigns)[:3]
    return f"nothing is measured of campaign {campaign_id}: did you mean {', '.join(near)}?"

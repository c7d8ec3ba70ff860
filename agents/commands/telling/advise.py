"""`shiftcast advise`: what holds a campaign back, from its metrics."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import click

from agents.commands.options import echo_json, json_option
from agents.explaining.advising import CampaignMetrics, read_metrics, told_advice
from agents.explaining.sums import money_words
from models.advice.rules import NOTICEABLE
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
    if as_json:
        echo_json(told_advice(campaign_id, found))
        return
    click.echo("\n".join(advice_lines(told_advice(campaign_id, found))))


def advice_lines(told: dict[str, Any]) -> Iterator[str]:
    """For people: the campaign, then each advice with its edit; or why there is none."""
    yield (
        f"{told['campaign_id']}: {told['impressions']:,} impressions, {told['clicks']:,} clicks, "
        f"{told['ctr']:.2%} ({told['ctr_lo']:.2%} to {told['ctr_hi']:.2%})"
    )
    if told["cvr"] is not None:
        sold = f"  {told['conversions']:,} conversions, {told['cvr']:.2%} of clicks"
        interval = f" ({told['cvr_lo']:.2%} to {told['cvr_hi']:.2%})"
        yield ", ".join((sold + interval, *money_words(told["revenue_minor"])))
    if told["hides"] or told["reports"]:
        yield f"  {told['hides']:,} hidden, {told['reports']:,} reported"
    if told["goal"]:
        yield f"  goal: {told['goal']}"
    for each in told["advice"]:
        lost = f"; that cost about {each.lost:,.0f} {each.of}" if each.lost else ""
        yield f"  {each.kind}: {each.says}{lost}"
        yield f"      {each.edit}"
    if not told["advice"]:
        yield "  nothing is significantly worse than the rest"
    if told["missing_impressions"]:
        yield (
            f"  to see a drop to {NOTICEABLE:.0%} between two halves, about "
            f"{told['missing_impressions']:,} more impressions are needed"
        )
    if told["suppressed"]:
        yield f"  {told['suppressed']} cells have too few users to be told"


def unknown_campaign(campaign_id: str, found: CampaignMetrics) -> str:
    """What to type instead."""
    if not found.campaigns:
        return (
            f"{CREATIVE_METRIC.name} is empty: nothing was measured yet; is "
            "`faust -A agents.measure_feedback worker` running?"
        )
    near = get_close_matches(campaign_id, found.campaigns, 3, 0) or sorted(found.campaigns)[:3]
    return f"nothing is measured of campaign {campaign_id}: did you mean {', '.join(near)}?"

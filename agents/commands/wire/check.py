"""`shiftcast check`: broker, topics, artefact, model and environment against the code; each finding names the
command that repairs it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import click

from agents.checks.broker import broker_findings
from agents.checks.collector import collector_findings
from agents.checks.credentials import credential_findings
from agents.checks.finding import CheckFinding
from agents.checks.machine import machine_findings, variable_findings
from agents.commands.options import echo_json, json_option
from streams.knobs.knob import SettingsError
from streams.settings import Settings

MARKS: Final = {"ok": "ok   ", "warning": "warn ", "error": "ERROR"}


@click.command()
@json_option()
def command(as_json: bool) -> None:
    """Compare broker, topics and environment with the code. Exit code 1 when something must be repaired."""
    findings = variable_findings(os.environ)
    try:
        settings = Settings.from_environ(os.environ)
    except SettingsError as error:
        findings.append(CheckFinding("error", "settings", str(error), "set it right, or unset it"))
    else:
        findings += machine_findings(settings)
        findings += credential_findings(settings, datetime.now(UTC))
        findings += asyncio.run(collector_findings(settings))
        findings += asyncio.run(broker_findings(settings))
    errors = sum(each.level == "error" for each in findings)
    if as_json:
        echo_json({"errors": errors, "findings": [asdict(each) for each in findings]})
    else:
        for each in findings:
            click.echo(
                f"{MARKS[each.level]} {each.subject}: {each.text}"
                + (f"\n      repair: {each.repair}" if each.repair else "")
            )
        warnings = sum(each.level == "warning" for each in findings)
        click.echo(f"{errors} to repair" if errors else f"{warnings} to look at" if warnings else "all well")
    if errors:
        raise click.exceptions.Exit(1)

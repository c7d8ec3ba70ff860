"""Alerts: each fires in its worst case and is silent while all is well; each leads to what to type."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
TESTS = yaml.safe_load((DEPLOY / "alerts_test.yml").read_text())["tests"]


def test_each_alert_has_a_worst_case_and_is_looked_at_while_all_is_well() -> None:
    names = {rule["alert"] for rule in RULES}
    asked = [
        (each["alertname"], bool(each["exp_alerts"])) for test in TESTS for each in test["alert_rule_test"]
    ]
    assert {name for name, fires in asked if fires} == names
    well = TESTS[0]
    assert well["name"] == "all is well"
    assert {each["alertname"] for each in well["alert_rule_test"]} == names


def test_alerts_fire_in_their_worst_case_alone() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: package prometheus)")
    for what in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        run = subprocess.run([promtool, *what], cwd=DEPLOY, capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, run.stdout + run.stderr


def test_each_alert_leads_to_a_section_that_names_it_and_says_what_to_type() -> None:
    sections = {}
    for part in re.split(r"^## ", (DEPLOY / "runbook.md").read_text(), flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        sections[re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")] = body
    for rule in RULES:
        file, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert file == "deploy/runbook.md" and anchor in sections, rule["alert"]
        assert rule["alert"] in sections[anchor], f"{anchor} does not name {rule['alert']}"
        assert re.search(r"`[^`]+`", sections[anchor].partition(".*")[2]), f"{anchor}: nothing to type"
    links = re.findall(r"\]\(#([\w-]+)\)", "".join(sections.values()))
    assert set(links) <= set(sections)

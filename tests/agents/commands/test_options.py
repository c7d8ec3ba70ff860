"""What the options of all commands take and refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from agents.commands.option_types import FileToWrite, FolderToWrite
from agents.run_commands import cli, main
from streams.loud_end import RefusedError


def options(command: click.Command, path: str) -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from options(below, f"{path} {name}")
    for each in command.params:
        yield f"{path} {each.opts[0]}", each


NUMBERS = [
    (path, each)
    for path, each in options(cli, "shiftcast")
    if isinstance(each.type, click.types.FloatParamType | click.types.IntParamType)
]


@pytest.mark.parametrize(("path", "option"), NUMBERS, ids=[path for path, _ in NUMBERS])
def test_no_number_is_endless_or_none(path: str, option: click.Parameter) -> None:
    for text in ("inf", "nan", "9" * 30, "²"):
        with pytest.raises(click.BadParameter):
            option.type.convert(text, option, None)


@pytest.mark.parametrize("kind", [FileToWrite, FolderToWrite])
def test_a_place_is_tried_before_the_work_and_left_as_it_was(kind: type[click.Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("as it was")
    with pytest.raises(RefusedError, match=r"file/below/it cannot be written"):
        kind().convert(tmp_path / "file" / "below" / "it", None, None)
    assert kind().convert(tmp_path / "new" / "it", None, None) == tmp_path / "new" / "it"
    assert not (tmp_path / "new" / "it").exists()
    assert (tmp_path / "file").read_text() == "as it was"


def test_a_link_whose_target_is_not_there_yet_is_left_as_it_was(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    FileToWrite().convert(link, None, None)
    assert link.is_symlink() and not target.exists()


def test_a_place_that_cannot_be_written_is_told_before_a_model_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as ended:
        main(["model", "evaluate", "builtin", "--limit", "1", "--page", str(tmp_path / "file" / "it.html")])
    assert ended.value.code == 1 and "it.html cannot be written" in capsys.readouterr().err


def test_only_a_signal_is_told_as_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_early(*_: object) -> None:
        raise EOFError("a defect")

    monkeypatch.setattr("agents.commands.wire.schema.schemas", ends_early)
    with pytest.raises(EOFError, match="a defect"):
        main(["schema", "--json"])

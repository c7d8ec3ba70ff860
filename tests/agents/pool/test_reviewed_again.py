"""Copy of a file is reviewed again: what is refused now is left out, the rest stands on the rules of now."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
from click.testing import CliRunner

from agents.review_copies import main
from streams.records import CopyEntry
from streams.wire.record_files import read_lines, write_lines

DATA = Path(__file__).parents[3] / "deploy" / "demo"


def test_what_is_refused_now_is_left_out_and_the_rest_stands_on_the_rules_of_now(tmp_path: Path) -> None:
    for name in ("catalog.jsonl", "campaigns.jsonl"):
        shutil.copy(DATA / name, tmp_path / name)
    shipped = [each for each in read_lines(DATA / "copy.jsonl.gz", CopyEntry) if each.locale == "en"][:2]
    old = msgspec.structs.replace(shipped[0].basis, rules="of-before")
    stale = msgspec.structs.replace(shipped[0], basis=old)
    text = msgspec.structs.replace(shipped[1].copy, description="No immigrants and no Muslims in our shop.")
    path = tmp_path / "copy.jsonl.gz"
    write_lines(path, [stale, msgspec.structs.replace(shipped[1], copy=text)])

    done = CliRunner().invoke(main, ["--folder", str(tmp_path)], catch_exceptions=False)

    assert done.output == "1 of 2 copies stand\n"
    assert read_lines(path, CopyEntry) == shipped[:1]

"""Pages are executed: the shell and Python blocks of the README and of the guide, in order, as one reader
types them, with the packages that `make demo` installs and no others. Each part has a broker of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.stories.operator.run_environment import write_guard

ROOT: Final = Path(__file__).resolve().parents[3]
README: Final = ROOT / "README.md"
GUIDE: Final = ROOT / "deploy/guide"
RUN: Final = ("sh", "python")
"""Languages of blocks that are executed; `text` is shown alone."""
SHORT: Final = {
    "make demo": "make --old-file=.venv/.installed-run demo ARGS=--short",
    "make test": ":",
    "make check": ":",
}
"""Long programs run in their short form, in the environment that is there; these tests and `make check` are
what runs them."""
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    section: str
    language: str
    text: str


@dataclass(frozen=True)
class Part:
    """Blocks that are run one after another: a page's, of its `sections` alone where some are named. `needs`
    runs before them: what the page takes for granted."""

    page: Path
    sections: Sequence[str] = ()
    needs: Sequence[Block] = ()

    def blocks(self) -> list[Block]:
        return [each for each in blocks_of(self.page) if not self.sections or each.section in self.sections]


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page that are executed."""
    return list(_blocks(page.read_text()))


def _blocks(text: str) -> Iterator[Block]:
    for section in re.split(r"^(?=## )", text, flags=re.MULTILINE):
        heading = section.partition("\n")[0].removeprefix("## ")
        for language, body in _BLOCK.findall(section):
            if language in RUN:
                yield Block(heading, language, body)


def _senders() -> list[Block]:
    """A broker with topics, and the README's campaigns on it."""
    sent = next(
        each for each in blocks_of(README) if each.language == "python" and each.section == "Send events"
    )
    begun = "source .venv/bin/activate\nshiftcast broker start\nshiftcast topics create\n"
    return [Block("", "sh", begun), sent]


DEMO: Final = Part(README, ("Run it", "Change it"))
EVENTS: Final = Part(
    README, ("Send events", "Receive creatives", "Look at it", "Review and privacy", "Operate")
)
COPYWRITER: Final = Part(GUIDE / "copywriter.md")
MEASURING: Final = Part(GUIDE / "measuring.md", needs=_senders())
PARTS: Final = (DEMO, EVENTS, COPYWRITER, MEASURING)


def script(blocks: Sequence[Block]) -> str:
    """Blocks as one bash script."""
    lines = [
        "set -euo pipefail",
        "trap 'failed=$BASH_COMMAND' ERR",
        "trap 'kill $(jobs -p) 2>/dev/null || true; wait; shiftcast broker stop >/dev/null || true; "
        'echo "failed: ${failed:-nothing}" >&2\' EXIT',
    ]
    for block in blocks:
        if block.language == "sh":
            lines += [SHORT.get(line.strip(), line) for line in block.text.splitlines()]
        else:
            lines += ["python - <<'PYTHON'", block.text.rstrip(), "PYTHON"]
    return "\n".join(lines) + "\n"


def run_environment(guard: Path) -> dict[str, str]:
    """Variables of a shell in which Python finds the run packages only."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "KAFKA_BROKER" and not name.startswith("SHIFTCAST_")
    }
    return {
        **kept,
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}",
        "PYTHONPATH": f"{write_guard(guard)}{os.pathsep}{ROOT}",
    }


def run_part(part: Part, folder: Path) -> str:
    """Run a part's blocks in a copy of the repository's folder; returns what they print."""
    for entry in ROOT.iterdir():
        if entry.name not in {".git", ".shiftcast"}:
            (folder / entry.name).symlink_to(entry)
    bash = shutil.which("bash")
    assert bash
    shell = subprocess.Popen(
        [bash, "-c", script([*part.needs, *part.blocks()])],
        cwd=folder,
        env=run_environment(folder / ".guard"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        shown, errors = shell.communicate(timeout=880)
    finally:
        if shell.poll() is None:
            os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, f"{shown[-3000:]}\n{errors[-3000:]}"
    return shown

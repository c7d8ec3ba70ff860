"""The registry: a pointer that is never half, versions that are whole or refused, and the way back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.copywriter.registry import POINTER, Registry, RegistryError, builtin_folder
from models.release import BUILTIN


def version_folder(folder: Path, version: str, name: str = "acme") -> Path:
    """The built-in model under another name and version."""
    made = folder / f"{name}-{version}"
    shutil.copytree(builtin_folder(), made)
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps({**manifest, "name": name, "version": version}))
    return made


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "models")
    for version in ("9", "10"):
        made.add(version_folder(tmp_path, version))
    return made


def test_without_a_pointer_the_builtin_copywriter_writes(tmp_path: Path) -> None:
    empty = Registry(tmp_path / "nothing")
    assert empty.current().reference == BUILTIN
    assert empty.folder(empty.current()) == builtin_folder()
    assert not (tmp_path / "nothing").exists(), "looking changes nothing"


def test_versions_are_listed_in_natural_order(registry: Registry) -> None:
    assert [each.reference for each in registry.releases()] == [BUILTIN, "acme/9", "acme/10"]


def test_use_points_and_rollback_goes_back_step_by_step(registry: Registry) -> None:
    registry.use("acme/9", 1)
    registry.use("acme/10", 2)
    registry.use("acme/10", 3)
    assert [(move.release.reference, move.since_ms) for move in registry.history()] == [
        ("acme/10", 3),
        ("acme/9", 1),
    ]
    assert registry.roll_back(4).release.reference == "acme/9"
    assert (registry.current().reference, registry.history()[0].since_ms) == ("acme/9", 4)
    assert registry.roll_back(5).release.reference == BUILTIN
    with pytest.raises(RegistryError, match="nothing stood before"):
        registry.roll_back(6)


def test_the_builtin_one_may_be_chosen_and_left_again(registry: Registry) -> None:
    registry.use("acme/9", 1)
    registry.use(BUILTIN, 2)
    assert registry.current().reference == BUILTIN
    assert registry.roll_back(3).release.reference == "acme/9"


def test_a_damaged_version_is_refused_and_the_pointer_stays(registry: Registry) -> None:
    registry.use("acme/9", 1)
    graph = next(path for path in (registry.root / "acme" / "10").iterdir() if path.suffix == ".onnx")
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    with pytest.raises(RegistryError, match=rf"acme/10 cannot be used.*{graph.name}.*restore"):
        registry.use("acme/10", 2)
    assert registry.current().reference == "acme/9"
    (registry.root / "acme" / "9" / "tokenizer.json").unlink()
    with pytest.raises(RegistryError, match=r"acme/9 cannot be used.*tokenizer\.json"):
        registry.current()


def test_rollback_to_a_damaged_version_is_refused(registry: Registry) -> None:
    registry.use("acme/9", 1)
    registry.use("acme/10", 2)
    manifest = registry.root / "acme" / "9" / "manifest.json"
    manifest.write_text(manifest.read_text() + " ")
    with pytest.raises(RegistryError, match="another model"):
        registry.roll_back(3)
    assert registry.current().reference == "acme/10"


@pytest.mark.parametrize(
    "reference", ["acme/11", "other/9", "acme", "", "../acme/9", "acme/..", "acme/9/x", "/etc"]
)
def test_what_is_not_there_is_refused_by_name(registry: Registry, reference: str) -> None:
    with pytest.raises(RegistryError, match="shiftcast model list"):
        registry.use(reference, 1)


def test_a_version_is_added_once_and_never_changed(registry: Registry, tmp_path: Path) -> None:
    same = registry.add(tmp_path / "acme-9")
    assert same == registry.find("acme/9")
    manifest = tmp_path / "acme-9" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"locales"', '"note": "other", "locales"'))
    with pytest.raises(RegistryError, match="another --version"):
        registry.add(tmp_path / "acme-9")
    with pytest.raises(RegistryError, match="manifest"):
        registry.add(tmp_path)


def test_what_a_killed_add_left_is_no_version_and_no_obstacle(registry: Registry, tmp_path: Path) -> None:
    half = registry.root / "acme" / ".adding-11"
    half.mkdir()
    (half / "manifest.json").write_text("{")
    assert [each.version for each in registry.releases()[1:]] == ["9", "10"]
    assert registry.add(version_folder(tmp_path, "11")).version == "11"
    assert not half.exists()


def test_a_broken_pointer_says_what_to_type(registry: Registry) -> None:
    (registry.root / POINTER).write_text("half of a li")
    with pytest.raises(RegistryError, match="shiftcast model use"):
        registry.current()


MOVER = """
import sys
from pathlib import Path
from models.copywriter.registry import Registry
registry = Registry(Path(sys.argv[1]))
print("go", flush=True)
for n in range(int(sys.argv[2]), 10**9):
    registry.use(f"acme/{9 + n % 2}", n)
"""


def test_killed_at_any_moment_the_pointer_is_whole(registry: Registry) -> None:
    for kill in range(4):
        before, end = registry.history()[:1], time.monotonic() + 60
        begin = str((kill + 1) * 10**6)
        program = [sys.executable, "-c", MOVER, str(registry.root), begin]
        mover = subprocess.Popen(program, stdout=subprocess.PIPE)
        assert mover.stdout is not None
        mover.stdout.readline()
        while registry.history()[:1] == before and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(0.013 * kill)
        os.kill(mover.pid, signal.SIGKILL)
        mover.wait()
        mover.stdout.close()
        assert registry.current().reference in ("acme/9", "acme/10")
        assert registry.history()[:1] != before, "no move was made: the test proved nothing"
    assert registry.use("acme/9", 7).since_ms == 7, "a killed holder leaves no lock"


def test_a_folder_named_by_mistake_is_no_registry(registry: Registry, tmp_path: Path) -> None:
    assert registry.there() is registry
    for folder in (tmp_path / "empty", tmp_path):
        folder.mkdir(exist_ok=True)
        with pytest.raises(RegistryError, match="SHIFTCAST_MODEL_DIR"):
            Registry(folder / "none").there()

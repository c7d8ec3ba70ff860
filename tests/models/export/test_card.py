"""The card of a model folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from models.export.card import card
from models.json_file import read_json


def test_what_is_held_back_is_told() -> None:
    manifest = read_json(Path(str(files("models.copywriter").joinpath("builtin"))) / "manifest.json")
    shipped = files("models.copywriter").joinpath("builtin", "README.md").read_text(encoding="utf-8")
    assert card(manifest) == shipped
    told = card({**manifest, "withheld": {"de": ["video"]}, "unsaid": ["Have a browse."]})
    assert "## Withheld" in told and "- de: video" in told and "- `Have a browse.`" in told
    open_ = card({**manifest, "withheld": {}, "unsaid": []})
    assert "Withheld" not in open_ and "Unsaid" not in open_

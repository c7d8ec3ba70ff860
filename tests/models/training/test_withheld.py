"""A language in which the judge finds too little to run is left to templates, and the manifest says so."""

from __future__ import annotations

import json
from pathlib import Path

from models.training import publish
from models.training.publish import with_quality
from models.training.withheld import LEAST, withheld_by

FIGURES = {
    "publishable": 0.9,
    "languages": {
        "en": {"publishable": LEAST, "channels": {"native": 0.8, "video": None}},
        "de": {"publishable": 0.8, "channels": {"native": 0.84, "search": 0.96}},
        "fr": {"publishable": None},
    },
}


def test_a_language_below_the_least_share_is_withheld_and_what_readers_found_weak_stays() -> None:
    assert withheld_by(FIGURES, {}) == {"de": ["native", "search"]}
    assert withheld_by(FIGURES, {"de": ["video"], "zh": ["video"]}) == {
        "de": ["native", "search", "video"],
        "zh": ["video"],
    }
    assert withheld_by({}, {}) == {}


def test_the_manifest_of_what_is_measured_says_where_it_is_withheld(tmp_path: Path) -> None:
    builtin = Path(publish.__file__).parents[1] / "copywriter" / "builtin" / "manifest.json"
    before = json.loads(builtin.read_text()) | {"withheld": {"zh": ["video"]}}
    (tmp_path / "manifest.json").write_text(json.dumps(before))
    manifest = with_quality(tmp_path, FIGURES)
    assert manifest["withheld"] == {"de": ["native", "search"], "zh": ["video"]}
    assert json.loads((tmp_path / "manifest.json").read_text()) == manifest
    assert "- de: native, search" in (tmp_path / "README.md").read_text()

"""What is large, or under a licence that not everyone may pass on, is only where it is needed: makers of
clips and signatures in the image of the renderer, never where creatives are served."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[3]
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: Final[dict[str, list[str]]] = PROJECT["optional-dependencies"]
LARGE: Final = {
    "av": "video",
    "c2pa-python": "provenance",
    "diffusers": "diffusers",
    "torch": "train",
    "rapidocr": "ocr",
}
"""Packages with the one extra that may bring them, beside that of the tests."""


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", each)[0].lower() for each in requirements}


@pytest.mark.parametrize("package", LARGE)
def test_large_packages_come_with_one_extra_alone(package: str) -> None:
    assert package not in names(PROJECT["dependencies"])
    bringing = {extra for extra, needed in EXTRAS.items() if package in names(needed)}
    assert bringing <= {LARGE[package], "dev"}


def test_only_the_renderers_images_have_them() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    installed = {
        stage: set(extras.split(","))
        for stage, extras in re.findall(
            r"AS build-(\w+)\n(?:(?!FROM).*\n)*?RUN pip install .*'\.\[(.*?)\]'", text
        )
    }
    assert installed == {
        "cpu": {"cpu", "image"},
        "gpu": {"gpu", "image"},
        "rendering": {"cpu", "image", "video", "provenance", "s3"},
        "rendering_gpu": {"gpu", "image", "video", "provenance", "s3"},
    }
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert {name for name, each in services.items() if each.get("image") == "shiftcast:rendering"} == {
        "rendering"
    }


@pytest.mark.parametrize("module", ["serve_creatives", "collect_events", "generate_creatives", "serve_pages"])
def test_no_other_worker_loads_them(module: str) -> None:
    program = (
        "import sys\n"
        "for name in ('av', 'c2pa', 'diffusers', 'torch'): sys.modules[name] = None\n"
        f"import agents.{module}\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr

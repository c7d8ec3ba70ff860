"""The model card of a folder: README.md with the YAML header of the Hugging Face convention, from the
manifest alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson


def _header(manifest: Mapping[str, Any]) -> str:
    """YAML; a JSON value is a YAML value, so nothing in a name can break out of its line."""
    values = {
        "license": str(manifest["licence"]).lower(),
        "language": manifest["locales"],
        "library_name": "onnxruntime",
        "pipeline_tag": "text-generation",
        "tags": ["onnx", "shiftcast", str(manifest["architecture"])],
        **({"base_model": manifest["parent"]} if manifest["parent"] else {}),
    }
    return "\n".join(
        [
            "---",
            *(f"{name}: {orjson.dumps(value).decode()}" for name, value in values.items()),
            "---",
        ]
    )


def _graph_lines(parity: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, found in parity.get("graphs", {}).items():
        if "not_checked" in found:
            lines.append(f"| `{name}` | not checked: {found['not_checked']} | | |")
        else:
            lines.append(
                f"| `{name}` | {found['max_relative_error']:.2e} | {found['top1_agreement']:.2%} | "
                f"{found['as_good']:.2%} |"
            )
    return lines


def _figures(values: Mapping[str, Any], indent: str = "") -> list[str]:
    lines: list[str] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}- {name}", *_figures(value, indent + "  ")]
        else:
            lines.append(f"{indent}- {name}: {value}")
    return lines


def card(manifest: Mapping[str, Any]) -> str:
    """README.md of the folder whose manifest this is."""
    parity, spec = manifest["parity"], manifest["spec"]
    variants = [
        f"- **{provider}** ({variant['precision']}): decode {variant['decode'] or 'by extend'}, extend "
        f"{variant['extend'] or 'none'}"
        for provider, variant in manifest["variants"].items()
    ]
    parts = [
        _header(manifest),
        f"# {manifest['name']} {manifest['version']}",
        manifest.get("description")
        or f"A {manifest['architecture']} decoder as ONNX graphs for short ad copy, written by Shiftcast.",
        f"{manifest['parameters']:,} parameters: {spec['layers']} layers of width {spec['width']}, "
        f"{spec['heads']} heads "
        f"({spec['kv_heads']} of keys and values), vocabulary {spec['vocabulary']:,}, at most "
        f"{spec['context']:,} tokens.",
        "Load it with Shiftcast (`SHIFTCAST_MODEL_DIR`, or `shiftcast model use FOLDER`); `manifest.json` "
        "holds the sha256 of every file, "
        "and a file that differs is not loaded.",
        "## Graphs\n\n" + "\n".join(variants),
        f"## Parity\n\nAgainst {parity['against']} on the CPU: {parity['rows']} ragged right-padded rows of "
        f"{parity['tokens']} tokens.\n\n"
        "| graph | largest relative error of a logit | equal best tokens | equal or as likely "
        "|\n|---|---|---|---|\n" + "\n".join(_graph_lines(parity)),
    ]
    for title, key in (("Quality", "quality"), ("Recipe", "recipe")):
        figures = _figures(manifest.get(key) or {})
        parts.append(
            f"## {title}\n\n"
            + ("\n".join(figures) if figures else "Not measured." if key == "quality" else "Not known.")
        )
    return "\n\n".join((*parts, *_held_back(manifest))) + "\n"


def _held_back(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What the model's copy is not shown for, and which of its lines are not."""
    withheld, unsaid = manifest.get("withheld") or {}, manifest.get("unsaid") or ()
    places = [f"- {language}: {', '.join(channels)}" for language, channels in withheld.items()]
    if places:
        yield "## Withheld\n\nToo weak when read; templates answer there.\n\n" + "\n".join(places)
    if unsaid:
        told = (
            "Lines that readers refused; a sentence with one is left out, a draft that needs it is dropped."
        )
        yield f"## Unsaid\n\n{told}\n\n" + "\n".join(f"- `{line}`" for line in unsaid)

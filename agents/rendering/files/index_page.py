"""What a folder of pictures and clips has, as one page without scripts: what was named last comes first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from agents.rendering.files.file_names import FILE_NAME, FIRST, HASH

MOST: Final = 200
"""On the page."""
POLICY: Final = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:24px;color:#1a1a1a;background:#fff}"
    "ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:24px;align-items:flex-end}"
    "li{max-width:260px}img{display:block;max-width:240px;max-height:240px;border:1px solid #ccc}"
    "p,small{color:#595959}a{color:#0b57d0;margin-right:8px}"
)


class Shown(NamedTuple):
    """One name, and the suffixes of its files, the picture's first."""

    name: str
    suffixes: tuple[str, ...]


def shown_files(folder: Path) -> list[Shown]:
    """Those of a folder that have a picture, what was named last first. Raises OSError."""
    suffixes: dict[str, list[str]] = {}
    named_ns: dict[str, int] = {}
    for path in folder.iterdir():
        if FILE_NAME.fullmatch(path.name):
            name, suffix = path.name[:HASH], path.name[HASH:]
            suffixes.setdefault(name, []).append(suffix)
            if suffix == FIRST:
                with suppress(FileNotFoundError):  # it went meanwhile
                    named_ns[name] = path.stat().st_ctime_ns
    newest = sorted(named_ns, key=lambda each: (-named_ns[each], each))
    return [
        Shown(each, tuple(sorted(suffixes[each], key=lambda one: (one != FIRST, one)))) for each in newest
    ]


def index_page(shown: Sequence[Shown]) -> str:
    """The page."""
    most = f", the {MOST} named last" if len(shown) > MOST else ""
    said = f"{len(shown)} pictures and clips{most}" if shown else "Nothing yet: renderers put files here."
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Pictures and clips</title><style>{_STYLE}</style></head><body>"
        f"<h1>Pictures and clips</h1><p>{said}</p><ul>{''.join(map(_entry, shown[:MOST]))}</ul></body></html>"
    )


def _entry(shown: Shown) -> str:
    links = "".join(f'<a href="/{shown.name}{each}">{each[1:]}</a>' for each in shown.suffixes)
    image = f'<img src="/{shown.name}{FIRST}" alt="{shown.name[:8]}" loading="lazy">'
    return f"<li>{image}<small>{shown.name[:8]}</small> {links}</li>"

"""What hung on the page when the demo ended, as one file that a browser opens without any server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import quote

from agents.overview.gallery import GalleryPicture

_HEAD: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; \
media-src 'self' file:; style-src 'unsafe-inline'">
<title>Pictures of the demo</title>
<style>
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; font: 16px/1.4 system-ui, sans-serif;
  color: #1c1f24; background: #f4f5f7; }
section { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: start; }
h2 { margin: 2rem 0 .6rem; font-size: 1.1rem; }
figure { margin: 0; max-width: 22rem; }
img, video { display: block; max-width: 100%; max-height: 22rem; width: auto; height: auto;
  border-radius: 4px; box-shadow: 0 1px 4px #0003; }
figcaption { margin-top: .4rem; font-size: .85rem; }
small { color: #5b626d; }
.wide figure { max-width: 100%; }
</style>
<h1>Pictures of the demo</h1>
"""
_WIDE: Final = 2.5
"""Times as wide as high: it would be too small in a column."""

_AUDIENCES: Final = {"user": "one user", "segment": "a segment", "default": "everyone"}


def write_gallery(page: Path, folder: Path, shown: Sequence[GalleryPicture]) -> Path:
    """The page of these, whose files are in `folder`; where it is, absolute. Raises OSError."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(gallery_page(shown, os.path.relpath(folder, page.parent)), encoding="utf-8")
    return page.absolute()


def gallery_page(shown: Sequence[GalleryPicture], folder: str) -> str:
    """HTML by slot, clips first, in the order given; `folder` as seen from the page."""
    place = quote(Path(folder).as_posix())
    by_slot = groupby(sorted(shown, key=_place_of), key=lambda each: each.slot)
    return _HEAD + "".join(_slot(slot, list(members), place) for slot, members in by_slot)


def _place_of(shown: GalleryPicture) -> tuple[bool, str]:
    return not shown.clip, shown.slot


def _slot(slot: str, members: Sequence[GalleryPicture], place: str) -> str:
    wide = ' class="wide"' if members[0].w > _WIDE * members[0].h else ""
    figures = "".join(_figure(each, place) for each in members)
    return f"<h2>{escape(slot.replace('_', ' '))}</h2>\n<section{wide}>\n{figures}</section>\n"


def _figure(shown: GalleryPicture, place: str) -> str:
    said = f"{escape(shown.headline)}<br><small>{escape(shown.campaign_id)}, {escape(shown.lang)}, "
    said += f"for {_AUDIENCES.get(shown.audience, escape(shown.audience))}</small>"
    return f"<figure>{_media(shown, place)}<figcaption>{said}</figcaption></figure>\n"


def _media(shown: GalleryPicture, place: str) -> str:
    picture, size = f"{place}/{quote(shown.file)}", f'width="{shown.w}" height="{shown.h}"'
    if shown.clip:
        return (
            f'<video src="{place}/{quote(shown.clip)}" poster="{picture}" {size} '
            'preload="none" controls muted loop></video>'
        )
    return f'<img src="{picture}" alt="{escape(shown.headline)}" {size} loading="lazy">'

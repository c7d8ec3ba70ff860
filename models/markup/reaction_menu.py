"""A corner of a banner in which users say what they think of it: links that a mark unfolds, without a
script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

MENU_STYLE: Final = (
    ".r{position:absolute;top:0;right:0;background:#fff;color:#1a1a1a;font:12px/14px system-ui,sans-serif;"
    "border-radius:0 0 0 4px}"
    ".r summary{list-style:none;cursor:pointer;width:14px;margin-left:auto;text-align:center}"
    ".r a{display:inline-block;width:auto;height:auto;border:0;padding:3px 7px;background:#fff;"
    "color:#1a1a1a;font:14px/20px system-ui,sans-serif;text-decoration:none;border-radius:4px}"
    "b,i{margin-right:14px}"
)
"""Beside that of the banner, whose headline and button leave the corner free."""
LOW_MENU_STYLE: Final = ".r{top:auto;bottom:0;border-radius:4px 0 0 0}"
"""Where a picture is so low that its button reaches the corner above."""
_SIGNS: Final = {"like": "\u2665", "hide": "\u2715", "report": "\u2691"}
_FOLDED: Final = "\u22ee"


def reaction_menu(said: Mapping[str, str]) -> str:
    """`said`: addresses by reaction, as in models.markup.tracking; '' without any."""
    if not said:
        return ""
    links = "".join(
        f'<a href="{escape(url)}" title="{name}" target="_blank" rel="noopener">{_SIGNS[name]}</a>'
        for name, url in said.items()
    )
    return f'<details class="r"><summary lang="en" title="ad options">{_FOLDED}</summary>{links}</details>'

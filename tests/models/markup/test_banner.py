"""The banner as a browser reads it: one file, no script, its own policy, all escaped where it stands."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from models.markup.ad import MOST_BYTES, AdPicture, NotOfferedError
from models.markup.banner import banner_html
from models.markup.slot_sizes import SIZES
from tests.models.markup.sample_ad import AD, REACTING, REACTIONS, ad

ELEMENTS = {"html", "head", "meta", "title", "style", "body", "a", "img", "div", "b", "p", "small", "i"} | {
    "details", "summary",
}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "href", "target", "rel", "src", "alt", "dir"} | {
    "class", "width", "height", "title",
}  # fmt: skip


class Page(HTMLParser):
    """What a parser finds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.elements[-1][0] if self.elements else "", data))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def check_page(text: str) -> Page:
    """No element or attribute that markup of ours does not have: none runs a script, none loads a file."""
    page = Page(text)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert all(attributes["src"].startswith("https://") for attributes in page.of("img"))
    return page


@pytest.mark.parametrize("slot", [each for each in (*SIZES, "native", "text") if "video" not in each])
def test_every_slot_is_one_file_with_a_policy_that_its_own_style_keeps(slot: str) -> None:
    made = banner_html(ad(slot=slot))
    page = check_page(made)
    assert len(made.encode()) <= MOST_BYTES
    [style] = [text for tag, text in page.texts if tag == "style"]
    policy = next(each["content"] for each in page.of("meta") if "http-equiv" in each)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'") and "script" not in policy
    if slot in SIZES:
        assert f"width:{SIZES[slot][0]}px;height:{SIZES[slot][1]}px" in style


def test_it_says_what_was_reviewed_and_calls_its_pixels_in_order() -> None:
    page = check_page(banner_html(AD))
    said = dict(page.texts)
    assert (said["b"], said["p"], said["i"]) == (AD.headline, AD.description, AD.cta)
    assert said["small"] == "Stridewell · AI-generated"
    assert [each["src"] for each in page.of("img")] == [
        "https://cdn.example/1.jpg",
        "https://t.example/l",
        "https://t.example/i?p=${AUCTION_PRICE}&c=cr",
    ], "scripts and what only a script sees stay out"
    assert page.of("a")[0]["href"] == AD.link


@pytest.mark.parametrize("macro", ["${CLICK_URL}", "%%CLICK_URL_UNESC%%"])
def test_the_landing_page_stands_encoded_behind_the_click_macro(macro: str) -> None:
    href = check_page(banner_html(ad(click_macro=macro))).of("a")[0]["href"]
    assert href.startswith(macro)
    assert "&" not in href and unquote(href.removeprefix(macro)) == AD.link


def test_what_is_too_large_and_what_is_a_video_slot_is_not_offered() -> None:
    with pytest.raises(NotOfferedError, match="bytes"):
        banner_html(ad(description="x" * MOST_BYTES))
    with pytest.raises(NotOfferedError, match="clip"):
        banner_html(ad(slot="video_16x9"))


@pytest.mark.parametrize("slot", ["banner_320x50", "banner_300x250", "native"])
@pytest.mark.parametrize("whole", [True, False])
def test_users_may_say_what_they_think_of_it_where_that_is_heard(slot: str, whole: bool) -> None:
    picture = AdPicture("https://cdn.example/1.jpg", whole=whole)
    page = check_page(banner_html(ad(slot=slot, picture=picture, trackers=REACTING)))
    links = {each["title"]: each["href"] for each in page.of("a")[1:]}
    assert links == REACTIONS
    assert len(page.of("details")) == 1
    assert "details" not in banner_html(ad(slot=slot, picture=picture))


def test_the_ad_comes_before_what_may_be_said_of_it() -> None:
    long = tuple(replace(each, url=each.url + "y" * 2_000) for each in REACTING)
    made = banner_html(ad(trackers=long))
    assert "details" not in made and AD.headline in made

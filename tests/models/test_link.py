"""What may stand in an ad as a link, and what breaks out of where it is put."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.link import LINK_SCHEMES, SECURE_SCHEMES, host_fault, link_fault

GOOD = (
    "https://shop.example",
    "http://shop.example/p/1?utm_source=ads&size=42#reviews",
    "HTTPS://Shop.Example:8443/a%20b/%E3%81%82",
    "https://müller.example/größe",
    "https://xn--mller-kva.example/",
    "https://商店.example/商品/1?颜色=红",
    "https://shop.example./p",
    "https://пример.рф/",
    "https://中文abc.example/",
    "https://shop.example/~o/a;b=1,2/(x)!*:@/$&+=",
)
BAD = (
    "",
    "u",
    "/p/1",
    "//evil.example/x",
    "javascript:alert(1)",
    "JaVaScRiPt://shop.example/%0aalert(1)",
    "java\tscript:alert(1)",
    " https://shop.example",
    "https://shop.example/ ",
    "data:text/html;base64,AAAA",
    "data://shop.example/x",
    "vbscript:x",
    "ftp://shop.example/",
    "file:///etc/passwd",
    "https:",
    "https:/shop.example",
    "https:shop.example",
    "https:///shop.example",
    "https:\\\\shop.example",
    'https://shop.example/"onload="x',
    "https://shop.example/'x",
    "https://shop.example/`x",
    "https://shop.example/<script>",
    "https://shop.example/{{x}}",
    "https://shop.example/a b",
    "https://shop.example/a\u00a0b",
    "https://shop.example/\u202egpj.exe",
    "https://shop.example/a\u200bb",
    "https://shop.example/a\nb",
    "https://shop.example/%",
    "https://shop.example/%zz",
    "https://shop.example/%0d%0aSet-Cookie",
    "https://shop.example/%00",
    "https://user@shop.example/",
    "https://shop.example:secret@evil.example/",
    "https://shop.example\\@evil.example/",
    "https://shop.example:0/",
    "https://shop.example:65536/",
    "https://shop.example:/",
    "https://shop.example:80:90/",
    "https://shop.example:٤٤٣/",
    "https://localhost/",
    "https://localhost./",
    "https://x.localhost/",
    "https://shop.internal/",
    "https://printer.local/",
    "https://shop.test/",
    "https://box.home.arpa/",
    "https://127.0.0.1./",
    "https://127.0.0.0x1/",
    "https://0x7f.0x1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://[::ffff:127.0.0.1]/",
    "https://shop.example%40evil.example/",
    "https://xn--a/",
    "https://аpple.example/",
    "https://xn--pple-43d.example/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::1",
    "https://-shop.example/",
    "https://shop..example/",
    "https://sh%6fp.example/",
    "https://?x",
    "https://#x",
    f"https://shop.example/{'x' * 2048}",
)


@pytest.mark.parametrize("link", GOOD)
def test_links_of_real_shops_stand(link: str) -> None:
    assert link_fault(link) == ""


@pytest.mark.parametrize("link", BAD)
def test_other_links_are_refused_with_a_reason_that_does_not_quote_them(link: str) -> None:
    fault = link_fault(link)
    assert fault and (len(link) < 8 or link not in fault)


def test_assets_may_be_held_to_https() -> None:
    assert link_fault("http://shop.example/1.jpg", SECURE_SCHEMES)
    assert not link_fault("https://shop.example/1.jpg", SECURE_SCHEMES)


@pytest.mark.parametrize(
    ("host", "good"),
    [("shop.example", True), ("müller.example", True), ("shop", False), ('x".example', False), ("", False)],
)
def test_a_host_is_a_public_name(host: str, good: bool) -> None:
    assert (host_fault(host) == "") is good


class _Anchor(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            (
                *("https://", "http:", "javascript:", "//", "shop.example", "münchen.example", ":443", "@"),
                *(
                    "%",
                    "%41",
                    "%0a",
                    '"',
                    "'",
                    "<",
                    ">",
                    "&quot;",
                    "\\",
                    "#",
                    "?",
                    "/",
                    " ",
                    "\n",
                    "\u202e",
                    "商",
                ),
            )
        ),
        st.text(max_size=4),
    ),
    max_size=8,
).map("".join)


@given(st.one_of(_PIECES, _PIECES.map(lambda rest: f"https://shop.example/{rest}"), st.text()))
@example("https://shop.example/&quot;onclick=x")
def test_what_stands_is_one_attribute_and_one_public_place(link: str) -> None:
    if link_fault(link):
        return
    parts = urlsplit(link)
    assert parts.scheme in LINK_SCHEMES and parts.username is None and parts.password is None
    assert parts.hostname and "." in parts.hostname
    assert parts.port is None or 0 < parts.port < 65_536
    assert link.isprintable() and not any(char.isspace() for char in link)
    for quote in "\"'":
        page = _Anchor()
        page.feed(f"<a href={quote}{link}{quote}>")
        assert page.seen == [("a", [("href", html.unescape(link))])]


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,20}(\.[a-z][a-z0-9]{0,10}){0,2}\.(example|shop|museum)", fullmatch=True),
    st.none() | st.integers(1, 65_535),
    st.lists(st.from_regex(r"([A-Za-z0-9._~-]|%[2-6][0-9A-F]){1,12}", fullmatch=True), max_size=4),
)
def test_every_plain_web_address_stands(host: str, port: int | None, path: list[str]) -> None:
    place = host if port is None else f"{host}:{port}"
    assert link_fault("/".join([f"https://{place}", *path])) == ""

"""Photos come from listed hosts at public addresses alone."""

from __future__ import annotations

import pytest

from agents.photos.hosts import PhotoHostError, PhotoHosts, is_public

LIST = PhotoHosts.of("img.shop.example, *.cdn.example http://plain.example:8080")


@pytest.mark.parametrize(
    "url",
    [
        "https://img.shop.example/a.jpg",
        "https://a.b.cdn.example/a.jpg?w=9",
        "http://plain.example:8080/a.jpg",
        "https://IMG.shop.example./a.jpg",
    ],
)
def test_listed_hosts_are_asked(url: str) -> None:
    LIST.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://img.shop.example/a.jpg",
        "https://img.shop.example:8443/a.jpg",
        "https://cdn.example/a.jpg",
        "https://evilcdn.example/a.jpg",
        "https://img.shop.example.evil.example/a.jpg",
        "https://img.shop.example@evil.example/a.jpg",
        "https://evil.example/?https://img.shop.example/",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
        "https://0x7f.1/a.jpg",
        "https://2130706433/a.jpg",
        "file:///etc/passwd",
        "gopher://img.shop.example/",
        "data:image/png;base64,AAAA",
        "",
    ],
)
def test_anything_else_is_not(url: str) -> None:
    with pytest.raises(PhotoHostError):
        LIST.check(url)


def test_numbers_are_no_hosts_even_where_they_are_listed() -> None:
    for host in ("127.0.0.1", "169.254.169.254"):
        with pytest.raises(PhotoHostError):
            PhotoHosts.of(host).check(f"https://{host}/latest/meta-data")


def test_what_is_no_host_is_said() -> None:
    with pytest.raises(ValueError, match=r"'ftp://a' is no host; give cdn\.example"):
        PhotoHosts.of("cdn.example ftp://a")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_nobody_is_led_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)

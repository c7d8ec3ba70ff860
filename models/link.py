"""Which links may be shown: web addresses that mean the same to a browser, a mail and an attribute."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from string import punctuation
from typing import Final
from urllib.parse import quote, urlsplit

import idna

LINK_SCHEMES: Final = frozenset({"http", "https"})
SECURE_SCHEMES: Final = frozenset({"https"})
LONGEST_LINK: Final = 2048
HOST_ENTRY: Final = r"(?:(?P<scheme>http)://)?(?P<any>\*\.)?(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>\d{1,5}))?"
"""Regular expression of one entry of a list of hosts."""
_START = re.compile(r"[a-z]+://[^/]", re.IGNORECASE)
# What ends an attribute, a style or a script string, and what browsers read as another character
_BREAKING: Final = re.compile("[\"'`<>\\\\{}|^\x00-\x20\x7f]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})|%[01][0-9a-fA-F]|%7[fF]")
_MACRO = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_TOP_LABEL: Final = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]+")
"""What names end in; everything else is a number to a browser ("0x7f.1"), or nobody's."""
_PRIVATE: Final = frozenset(
    (
        "localhost",
        "local",
        "internal",
        "test",
        "invalid",
        "onion",
        "lan",
        "home",
        "corp",
        "intranet",
        "home.arpa",
    )
)
"""Endings that lead to the machine or the network of whoever looks: RFC 6761, RFC 6762, RFC 8375, ICANN."""
_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
_PORT = re.compile(r"[1-9][0-9]{0,4}")


def link_fault(link: str, schemes: frozenset[str] = LINK_SCHEMES) -> str:
    """Why `link` may not be shown, '' when it may: an absolute URL of one of `schemes` with a public host
    name, no credentials, nothing that could break out of where it is put. The fault never quotes the link."""
    scheme = link.partition(":")[0].lower()
    if scheme not in schemes or not _START.match(link):
        return f"is no {' or '.join(sorted(schemes))} address"
    if len(link) > LONGEST_LINK:
        return f"is longer than {LONGEST_LINK} characters"
    if _BREAKING.search(link) or (
        not link.isascii() and any(unicodedata.category(char)[0] in "CZ" for char in link)
    ):
        return "holds a quote, a space, a bracket or an invisible character: percent-encode it"
    if _BROKEN_ESCAPE.search(link):
        return "holds a broken percent-encoding or one of a control character"
    return _place_fault(link)


def tracker_fault(url: str) -> str:
    """Why `url` may not be called when a creative is shown or clicked, '' when it may: https, and macros
    (`${AUCTION_ID}`) in place of values, which whoever calls it fills in."""
    return link_fault(_MACRO.sub("0", url), SECURE_SCHEMES)


@lru_cache(maxsize=4096)
def host_fault(host: str) -> str:
    """Why `host` is no public host name ("shop.example", also with letters of other scripts); '' when it
    is."""
    try:
        name = idna.encode(host, uts46=True).decode()
        spelt = idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return "names no valid host"
    labels = name.removesuffix(".").split(".")
    if len(labels) < 2 or not _TOP_LABEL.fullmatch(labels[-1]) or _is_private(labels):
        return "names no public host"
    return "mixes scripts in one name, as look-alikes do" if any(map(_mixes, spelt.split("."))) else ""


def _is_private(labels: Sequence[str]) -> bool:
    return labels[-1] in _PRIVATE or ".".join(labels[-2:]) in _PRIVATE


def _mixes(label: str) -> bool:
    """Whether a label has letters of scripts that look alike."""
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in label}
    return len(scripts & _ALIKE) > 1


def ascii_link(link: str) -> str:
    """A link without fault as a header can carry it: its host in the spelling of the domain name system,
    other letters percent-encoded; some clients read them as Latin-1 and go elsewhere."""
    if link.isascii():
        return link
    parts = urlsplit(link)
    host, colon, port = parts.netloc.partition(":")
    place = f"{idna.encode(host, uts46=True).decode()}{colon}{port}"
    return quote(parts._replace(netloc=place).geturl(), safe=punctuation)


def _place_fault(link: str) -> str:
    try:
        place = urlsplit(link).netloc
    except ValueError:
        return "names no valid host"
    if "@" in place:
        return "holds a user name or password"
    host, colon, port = place.partition(":")
    if colon and not (_PORT.fullmatch(port) and int(port) < 65_536):
        return "names no valid port"
    return host_fault(host)

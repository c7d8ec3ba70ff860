"""Which hosts photos are fetched from, and which addresses nobody is led to. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from models.link import HOST_ENTRY, link_fault

_ENTRY: Final = re.compile(HOST_ENTRY)
_NUMERIC: Final = re.compile(r"[0-9a-fx.:\[\]]*[.:]?[0-9][0-9a-fx]*")
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = b"\x00\x64\xff\x9b" + bytes(8)


class PhotoHostError(ValueError):
    """An address that photos are not fetched from; the message says which rule."""


@dataclass(frozen=True, slots=True)
class Host:
    """One entry of the list: a host, or with `below` all hosts under it."""

    scheme: str
    name: str
    port: int
    below: bool

    def holds(self, scheme: str, name: str, port: int) -> bool:
        """Whether an address is at this entry."""
        same = name.endswith(f".{self.name}") if self.below else name == self.name
        return same and (scheme, port) == (self.scheme, self.port)


@dataclass(frozen=True)
class PhotoHosts:
    """The list."""

    hosts: tuple[Host, ...] = ()

    @classmethod
    def of(cls, text: str) -> PhotoHosts:
        """Of entries apart by commas or spaces: `cdn.example`, `*.cdn.example`, `cdn.example:8443`, without
        TLS `http://cdn.example`. Raises ValueError."""
        return cls(tuple(_entry(each) for each in re.split(r"[,\s]+", text.strip().lower()) if each))

    def check(self, url: str) -> None:
        """Raises PhotoHostError."""
        if fault := link_fault(url):
            raise PhotoHostError(f"the address {fault}")
        parts = urlsplit(url)
        name, scheme = (parts.hostname or "").rstrip("."), parts.scheme.lower()
        if not name or _NUMERIC.fullmatch(name):
            raise PhotoHostError("the address has no host name: numbers are not looked up, hence not judged")
        port = parts.port or _PORTS[scheme]
        if not any(each.holds(scheme, name, port) for each in self.hosts):
            raise PhotoHostError(f"{scheme}://{name}:{port} is not in SHIFTCAST_PHOTO_HOSTS")


def _entry(text: str) -> Host:
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise ValueError(
            f"SHIFTCAST_PHOTO_HOSTS: {text!r} is no host; give cdn.example, *.cdn.example or cdn.example:8443"
        )
    scheme = found["scheme"] or "https"
    return Host(scheme, found["host"], int(found["port"] or _PORTS[scheme]), found["any"] is not None)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open network: neither this machine, nor a private network, a
    cloud's metadata, a multicast or reserved range, nor an IPv6 spelling of one of those."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is None and found.packed.startswith(_NAT64):
            inner = ip_address(found.packed[12:])  # type: ignore[assignment]
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved

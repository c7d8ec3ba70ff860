"""The origin as XMP, which ad platforms and feeds read without checking any signature."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from models.credentials.aigc import NAMESPACE, AigcLabel
from models.credentials.origin import IPTC

_UUID: Final = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
"""Of the box in MP4 files that holds XMP (XMP specification, part 3)."""
_HEAD: Final = 24


def packet(origin: str, label: AigcLabel | None = None) -> bytes:
    """The packet of the origin, and of the label that China asks for where it is due."""
    told = f' xmlns:TC260="{NAMESPACE}">{label.element()}' if label is not None else ">"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="{IPTC}{origin}"'
        f"{told}</rdf:Description>"
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def with_packet(mp4: bytes, xmp: bytes) -> bytes:
    """An MP4 file with a packet behind all else: no offset in it moves."""
    if not xmp:
        return mp4
    return mp4 + (_HEAD + len(xmp)).to_bytes(4, "big") + b"uuid" + _UUID.bytes + xmp

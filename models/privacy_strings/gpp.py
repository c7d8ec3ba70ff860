"""What the sections of an IAB GPP string say of the United States: whether a person opted out, by the bits of
the published layouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from models.privacy_strings.bits import Bits

TCF_EU: Final = 2
US_PRIVACY: Final = 6
US_NATIONAL: Final = 7
US_CALIFORNIA: Final = 8
_TYPE, _VERSION = 3, 1
_OPTED_OUT: Final = 1
_NOT_NOTIFIED: Final = 2
_UNDEFINED: Final = 3
_YES: Final = 1
_GPC: Final = 1
"""Type of the segment that carries the Global Privacy Control."""
_MOST_SECTIONS: Final = 64
_LONGEST_HEADER: Final = 128
"""Characters: 64 sections, each named alone, need fewer."""
_NO_SECTION: Final = -1
"""Said to apply where none does."""
_SALE, _REFUSED = slice(2, 3), "Y"
"""Of a US Privacy string."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where fields of two bits begin in a section's core: notices of and choices about sale, sharing and
    targeted advertising, what is known of children, and whether whoever is sent the string may only serve
    the publisher."""

    notices: tuple[int, ...]
    choices: tuple[int, ...]
    children: tuple[int, ...]
    service_provider: int


_LAYOUTS: Final = {
    (US_NATIONAL, 1): _Layout((6, 8, 10, 12), (18, 20, 22), (48, 50), 58),
    (US_NATIONAL, 2): _Layout((6, 8, 10, 12), (18, 20, 22), (56, 58, 60), 68),
    (US_CALIFORNIA, 1): _Layout((6, 8), (12, 14), (34, 36), 44),
}
"""By section and its version."""
US_SECTIONS: Final = frozenset(section for section, _ in _LAYOUTS)


def gpp_sections(text: str) -> dict[int, str]:
    """Sections by their id, not yet read; none of a text that is no GPP string."""
    header, *sections = text.split("~")
    if len(header) > _LONGEST_HEADER:
        return {}
    try:
        bits = Bits(header)
    except ValueError:
        return {}
    if bits.number(0, 6) != _TYPE or bits.number(6, 6) != _VERSION:
        return {}
    ids = list(_ids(bits))
    return dict(zip(ids, sections, strict=True)) if len(ids) == len(sections) else {}


def _ids(bits: Bits) -> Iterator[int]:
    """Ids that the header names: each a step from the one before, singly or from one to another."""
    at, last = 24, 0
    for _ in range(min(bits.number(12, 12), _MOST_SECTIONS)):
        ranged = bits.number(at, 1)
        step, at = _fibonacci(bits, at + 1)
        first, last = last + step, last + step
        if ranged:
            step, at = _fibonacci(bits, at)
            last = min(first + step, first + _MOST_SECTIONS)
        yield from range(first, last + 1)


def _fibonacci(bits: Bits, at: int) -> tuple[int, int]:
    """A number as a sum of Fibonacci numbers, which ends with two bits that are set; and where the next
    begins."""
    number, one, other, before = 0, 1, 2, 0
    while at < len(bits):
        bit = bits.number(at, 1)
        at += 1
        if bit and before:
            break
        number += one if bit else 0
        one, other, before = other, one + other, bit
    return number, at


def denies(sections: Mapping[int, str], applying: Set[int], us_privacy: str) -> bool:
    """Whether a section that applies, or a US Privacy string, denies ads that are chosen by a profile. A
    section that is not read here denies, but for the TCF's; where nothing is said to apply, all do."""
    applying = applying - {_NO_SECTION} if applying else sections.keys()
    sale = us_privacy or sections.get(US_PRIVACY, "")
    if sale[_SALE].upper() == _REFUSED:
        return True
    unread = applying - {TCF_EU} - ({US_PRIVACY} if sale else set()) - US_SECTIONS
    return bool(unread) or any(
        section_opts_out(each, sections.get(each, "")) for each in applying & US_SECTIONS
    )


def section_opts_out(section: int, text: str) -> bool:
    """Whether this section of US_SECTIONS denies ads that are chosen by a profile: a choice against sale,
    sharing or targeted advertising, no notice of one of them, the Global Privacy Control, a known child, or
    a publisher whose partners are service providers alone. So does what cannot be read."""
    core, *segments = text.split(".")
    try:
        bits, others = Bits(core), [Bits(each) for each in segments]
    except ValueError:
        return True
    layout = _LAYOUTS.get((section, bits.number(0, 6)))
    if layout is None or len(bits) < layout.service_provider + 2:
        return True
    if any(each.number(0, 2) == _GPC and each.number(2, 1) for each in others):
        return True
    return (
        any(bits.number(at, 2) in (_NOT_NOTIFIED, _UNDEFINED) for at in layout.notices)
        or any(bits.number(at, 2) in (_OPTED_OUT, _UNDEFINED) for at in layout.choices)
        or any(bits.number(at, 2) for at in layout.children)
        or bits.number(layout.service_provider, 2) in (_YES, _UNDEFINED)
    )

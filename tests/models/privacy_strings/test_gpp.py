"""GPP strings: which sections are there, and who opted out. The strings are such as consent managers send."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.privacy_strings.gpp import US_CALIFORNIA, US_NATIONAL, gpp_sections, section_opts_out

ALLOWED = "DBABLA~BVQqAAAAAAA.QA"
"""Notices given, no choice against sale, sharing or targeted advertising."""


def us_section(section: int, version: int = 1, **values: int) -> str:
    """As a consent manager writes it: names of two-bit fields, in the order of the specification."""
    sensitive, children = {(7, 1): (12, 2), (7, 2): (16, 3), (8, 1): (9, 2)}[section, version]
    national = ["sharing_notice", "sale_notice", "sharing_choice_notice", "targeted_notice", "use", "limit"]
    names = national if section == US_NATIONAL else ["sale_notice", "sharing_choice_notice", "limit"]
    names = [*names, "sale", "sharing", *(["targeted"] if section == US_NATIONAL else [])]
    names += [f"sensitive{n}" for n in range(sensitive)] + [f"child{n}" for n in range(children)]
    names += ["incompatible", "covered", "opt_out_mode", "service_provider"]
    assert values.keys() <= set(names), values
    bits = f"{version:06b}" + "".join(f"{values.get(name, 0):02b}" for name in names)
    bits += "0" * (-len(bits) % 8)
    return urlsafe_b64encode(int(bits, 2).to_bytes(len(bits) // 8, "big")).decode().rstrip("=")


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("DBABMA", [2]),
        ("DBABLA", [7]),
        ("DBABBg", [8]),
        ("DBACNYA", [2, 6]),
        ("DBABnY", [3, 4, 5, 6, 7]),  # one range: from 3, four further
    ],
)
def test_a_header_names_its_sections(header: str, ids: list[int]) -> None:
    texts = [f"s{each}" for each in ids]
    assert gpp_sections("~".join([header, *texts])) == dict(zip(ids, texts, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "DBABLA", "DBABLA~a~b", "CBABLA~a", "DCABLA~a", "D!ABLA~a", "DBACNYA~a", "DB__~a"),
        "DBABLA" + "A" * 8_000 + "~a",  # to read so long a header would take an event loop's time
    ],
)
def test_what_is_no_gpp_string_has_no_sections(text: str) -> None:
    assert gpp_sections(text) == {}


@pytest.mark.parametrize(
    ("section", "text", "denies"),
    [
        (US_NATIONAL, "BVQqAAAAAAA.QA", False),
        (US_NATIONAL, "BVQqAAAAAAA", False),
        (US_NATIONAL, "BVQqAAAAAAA.YA", True),  # Global Privacy Control
        (US_NATIONAL, "BCAEAAAAAAA.QA", True),  # opted out without notice
        (US_CALIFORNIA, "BUoAAAJA.QA", False),
        (US_CALIFORNIA, "BUUAAACA.YA", True),
        (US_CALIFORNIA, "BUUAAABY.QA", True),
    ],
)
def test_strings_as_they_are_sent(section: int, text: str, denies: bool) -> None:
    assert section_opts_out(section, text) is denies


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("field", "value", "denies"),
    [
        ("sale", 1, True),
        ("sharing", 1, True),
        ("targeted", 1, True),
        ("sale", 2, False),
        ("targeted", 3, True),
        ("sale_notice", 1, False),
        ("sale_notice", 2, True),
        ("targeted_notice", 2, True),
        ("sensitive0", 1, False),
        ("sensitive11", 2, False),
        ("child0", 1, True),
        ("child1", 2, True),
        ("covered", 1, False),
        ("opt_out_mode", 1, False),
        ("service_provider", 1, True),
        ("service_provider", 2, False),
    ],
)
def test_each_national_choice_is_read_at_its_place(
    version: int, field: str, value: int, denies: bool
) -> None:
    assert section_opts_out(US_NATIONAL, us_section(US_NATIONAL, version, **{field: value})) is denies


@pytest.mark.parametrize(
    ("field", "value", "denies"),
    [
        ("sale", 1, True),
        ("sharing", 1, True),
        ("sharing", 2, False),
        ("sharing_choice_notice", 2, True),
        ("limit", 2, False),
        ("sensitive8", 2, False),
        ("child0", 1, True),
        ("service_provider", 1, True),
    ],
)
def test_each_californian_choice_is_read_at_its_place(field: str, value: int, denies: bool) -> None:
    assert section_opts_out(US_CALIFORNIA, us_section(US_CALIFORNIA, **{field: value})) is denies


@pytest.mark.parametrize(
    "text", ["", "B", "BVQ", "not base64!", "CVQq", us_section(US_CALIFORNIA)[:7], "BVQqAAAAAAA.!"]
)
def test_what_cannot_be_read_denies(text: str) -> None:
    assert section_opts_out(US_NATIONAL, text)


@given(st.text("ABDBLAgw~._-Q=", max_size=80) | st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    for section, said in gpp_sections(text).items():
        section_opts_out(section, said)
    section_opts_out(US_NATIONAL, text)

"""Why a record is refused: the reason codes, and how a decoder's complaint or a bad string becomes one of
them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from models.campaigns import Cap
from models.earned.cap_limits import cap_faults
from models.link import LINK_SCHEMES, SECURE_SCHEMES, host_fault, link_fault, tracker_fault
from models.markup.ad import click_macro_fault
from streams.records import Campaign, CatalogItem, Record

# C0 and C1 controls, line and paragraph separators, and the characters that turn the reading direction around
CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
CONTROL_BUT_LINES: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# After an escaped backslash this also meets harmless letters: then the strings are looked at one by one
ESCAPED_CONTROL: Final = re.compile(r"\\[^\"\\]")

R = TypeVar("R", bound=Record)

ITEM_ID: Final = "item_id"
_ITEM_IDS: Final = re.compile(r"\.item_ids?(\[\])?$|^\.(items\[\]\.name|wanted\[\]|taken\[\])$")
"""Paths of what names an item: its shop's own, byte for byte."""
_encoder: Final = msgspec.json.Encoder()


class Reason(StrEnum):
    """The code in a dead letter's header and in the metrics."""

    NOT_JSON = "not_json"
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    NOT_FINITE = "not_finite"
    NUMBER_RANGE = "number_range"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_MANY = "too_many"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    BAD_STRING = "bad_string"
    BAD_LINK = "bad_link"
    NULL_KEY = "null_key"
    BAD_KEY = "bad_key"
    KEY_MISMATCH = "key_mismatch"
    NULL_VALUE = "null_value"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    UNKNOWN_SCHEMA_VERSION = "unknown_schema_version"
    WRONG_PARTITION = "wrong_partition"
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    EXPERIMENT_CHANGED = "experiment_changed"
    APPLY_FAILED = "apply_failed"


class Rejected(ValueError):  # noqa: N818 - a verdict on a record, not a fault of ours
    """A record that must go to the dead letters. The message never quotes the record."""

    def __init__(self, reason: Reason, stage: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.stage = stage
        self.message = message


@dataclass(frozen=True, slots=True)
class Reject:
    """Verdict on the record at `index` of a batch."""

    index: int
    reason: Reason
    stage: str
    message: str


def rejected(error: Exception, value: bytes) -> Rejected:
    """The decoder's complaint about `value` under its reason code."""
    text = str(error)
    if isinstance(error, RecursionError):
        return Rejected(Reason.TOO_DEEP, "decode", "nested deeper than any message is")
    if isinstance(error, UnicodeDecodeError):
        return Rejected(Reason.NOT_JSON, "decode", "not UTF-8")
    if "out of range" in text or _names_no_number(value):
        return Rejected(Reason.NOT_FINITE, "decode", "a number is not finite")
    if not isinstance(error, msgspec.ValidationError):
        return Rejected(Reason.NOT_JSON, "decode", text)
    return Rejected(_reason_of(text), "decode", text)


def _reason_of(text: str) -> Reason:
    """Reason of a ValidationError by msgspec's wording, which tests/streams/wire/test_codecs.py pins."""
    if "missing required field" in text:
        return Reason.MISSING_FIELD
    if "of length <=" in text:
        return Reason.TOO_LONG if "`str`" in text else Reason.TOO_MANY
    if "matching regex" in text:
        return Reason.BAD_STRING
    if "of length >=" in text:
        return Reason.TOO_SHORT
    if "`int` <" in text or "`int` >" in text or "`float` <" in text or "`float` >" in text:
        return Reason.NUMBER_RANGE
    return Reason.WRONG_TYPE


def _names_no_number(value: bytes) -> bool:
    """Does the value hold NaN or Infinity where JSON wants a number? Python's parser takes them and reports
    each."""
    if b"NaN" not in value and b"Infinity" not in value:
        return False
    seen: list[str] = []
    try:
        json.loads(value, parse_constant=seen.append)
    except (ValueError, RecursionError):
        return False
    return bool(seen)


def check_strings(record: Record) -> None:
    """Refuse control and direction-changing characters, and text but ids of items that is not NFC. Line
    breaks may stand in fields named `text` and `svg`.

    The record encoded anew holds its known fields alone, unescaped where JSON allows: when that is printable
    as a whole, so is each string.
    """
    whole = _encoder.encode(record).decode()
    if whole.isprintable() and unicodedata.is_normalized("NFC", whole) and not ESCAPED_CONTROL.search(whole):
        return
    for path, leaf in leaves(msgspec.to_builtins(record), ""):
        if isinstance(leaf, str):
            pattern = CONTROL_BUT_LINES if path.endswith((".text", ".svg")) else CONTROL
            if pattern.search(leaf):
                raise Rejected(
                    Reason.BAD_STRING, "validate", f"{path} holds a control or direction-changing character"
                )
            if not _ITEM_IDS.search(path) and not unicodedata.is_normalized("NFC", leaf):
                raise Rejected(Reason.BAD_STRING, "validate", f"{path} is not in Unicode normal form C")


def composed(record: R) -> R:
    """The record with all its text but its id in normal form C: macOS writes accents apart, and an id is the
    Kafka key byte for byte. Raises msgspec.ValidationError where a text is too long then."""
    whole = _encoder.encode(record).decode()
    if unicodedata.is_normalized("NFC", whole):
        return record
    return msgspec.convert(_composed(msgspec.to_builtins(record)), type(record))


def _composed(node: Any) -> Any:
    if isinstance(node, str):
        return unicodedata.normalize("NFC", node)
    if isinstance(node, list):
        return [_composed(each) for each in node]
    if isinstance(node, dict):
        return {name: each if name == ITEM_ID else _composed(each) for name, each in node.items()}
    return node


def check_links(record: Record, http_assets: bool) -> None:
    """Refuse an item or campaign whose links no ad may carry; images must be https unless `http_assets`."""
    schemes = LINK_SCHEMES if http_assets else SECURE_SCHEMES
    faults: list[tuple[str, str]] = []
    if isinstance(record, CatalogItem):
        faults.append((".url", link_fault(record.url)))
        faults += [(f".images[{i}]", link_fault(image, schemes)) for i, image in enumerate(record.images)]
    elif isinstance(record, Campaign):
        pool = enumerate(record.pool.images)
        faults += [(f".pool.images[{i}]", link_fault(image, schemes)) for i, image in pool]
        material = enumerate(record.pool.material)
        faults += [(f".pool.material[{i}].url", link_fault(each.url, schemes)) for i, each in material]
        faults.append((".logo", link_fault(record.logo, schemes) if record.logo else ""))
        faults.append((".click.macro", click_macro_fault(record.click.macro)))
        faults += [(f".trackers[{i}].url", tracker_fault(each.url)) for i, each in enumerate(record.trackers)]
        faults += [
            (f".click.trackers[{i}]", tracker_fault(each)) for i, each in enumerate(record.click.trackers)
        ]
        if record.dsa is not None and record.dsa.domain is not None:
            faults.append((".dsa.domain", host_fault(record.dsa.domain)))
        faults += [(".advertiser.adomain", host_fault(each)) for each in record.advertiser.adomain]
    for path, fault in faults:
        if fault:
            raise Rejected(Reason.BAD_LINK, "validate", f"{path} {fault}")


def check_caps(campaign: Campaign) -> None:
    """Refuse a campaign with a cap that cannot be held to: silence would be read as a promise."""
    for field, fault in cap_faults([Cap(each.n, each.per_s, each.scope) for each in campaign.cap]):
        raise Rejected(Reason.NUMBER_RANGE, "validate", f".{field} {fault}")


def leaves(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, value) of every string, number, boolean and null below `node`; the keys of maps count as strings
    below it."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield f"{path}.*", name
            yield from leaves(child, f"{path}.{name}" if str(name).isidentifier() else f"{path}.*")
    elif isinstance(node, list | tuple):
        for child in node:
            yield from leaves(child, f"{path}[]")
    else:
        yield path, node

"""VAST 4.2 by its structure: elements, their order and their attributes. The schema itself may not be passed
on with this project (its licence forbids changed copies), so its rules for what is written stand below; where
it lies in SCHEMA, documents are held against it too."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from models.markup.ad import NotOfferedError
from models.markup.vast import NAMESPACE, vast_document
from tests.models.markup.sample_ad import AD, REACTING, REACTIONS, ad

SCHEMA = Path(".shiftcast") / "vast_4.2.xsd"
ORDER = {
    "VAST": ("Ad",),
    "Ad": ("InLine",),
    "InLine": (
        "AdSystem", "Error", "Extensions", "Impression", "Pricing", "ViewableImpression", "AdServingId",
        "AdTitle", "AdVerifications", "Advertiser", "Category", "Creatives", "Description", "Expires",
    ),
    "Extensions": ("Extension",),
    "Extension": ("DigitalSourceType", "Label", "Reaction"),  # any content is allowed
    "ViewableImpression": ("Viewable", "NotViewable", "ViewUndetermined"),
    "Creatives": ("Creative",),
    "Creative": ("CompanionAds", "CreativeExtensions", "Linear", "NonLinearAds", "UniversalAdId"),
    "Linear": ("Icons", "TrackingEvents", "AdParameters", "Duration", "MediaFiles", "VideoClicks"),
    "TrackingEvents": ("Tracking",),
    "MediaFiles": ("ClosedCaptionFiles", "MediaFile", "Mezzanine", "InteractiveCreativeFile"),
    "ClosedCaptionFiles": ("ClosedCaptionFile",),
    "VideoClicks": ("ClickTracking", "CustomClick", "ClickThrough"),
}  # fmt: skip
REQUIRED = {
    "InLine": ("AdSystem", "Impression", "AdServingId", "AdTitle", "Creatives"),
    "Creative": ("UniversalAdId",),
    "Linear": ("Duration", "MediaFiles"),
    "MediaFiles": ("MediaFile",),
}
ATTRIBUTES = {
    "VAST": {"version"},
    "MediaFile": {"delivery", "type", "width", "height"},
    "UniversalAdId": {"idRegistry"},
    "Tracking": {"event"},
    "Category": {"authority"},
}
EVENTS = {"loaded", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete"}


def check_vast(node: Element) -> None:
    """The rules of the schema for these elements."""
    name = node.tag.removeprefix(f"{{{NAMESPACE}}}")
    assert node.tag == f"{{{NAMESPACE}}}{name}"
    assert ATTRIBUTES.get(name, set()) <= set(node.attrib), name
    children = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in node]
    places = [ORDER[name].index(child) for child in children]
    assert all(before <= after for before, after in pairwise(places)), children
    assert set(REQUIRED.get(name, ())) <= set(children), name
    if name == "Tracking":
        assert node.attrib["event"] in EVENTS
    if name == "Duration":
        assert re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d", node.text or "")
    for child in node:
        check_vast(child)


def found(node: Element, name: str) -> list[Element]:
    return list(node.iter(f"{{{NAMESPACE}}}{name}"))


def test_the_document_keeps_the_schemas_order_and_tells_every_event() -> None:
    root = fromstring(vast_document(AD))
    check_vast(root)
    assert root.attrib["version"] == "4.2"
    assert [each.text for each in found(root, "Impression")] == [
        "https://t.example/i?p=${AUCTION_PRICE}&c=cr"
    ]
    [origin] = found(root, "Extension")
    assert (origin.attrib, [each.text for each in origin]) == (
        {"type": "provenance"},
        ["composite_with_trained_algorithmic_media", "AI-generated"],
    )
    assert [each.text for each in found(root, "Viewable")] == ["https://t.example/vv"]
    assert [(each.attrib["event"], each.text) for each in found(root, "Tracking")] == [
        ("loaded", "https://t.example/l"),
        ("midpoint", "https://t.example/half"),
    ]
    assert [each.text for each in found(root, "ClickThrough")] == [AD.link]
    assert [each.text for each in found(root, "ClickTracking")] == list(AD.click_trackers)
    known, unknown = found(root, "MediaFile")
    assert known.text == "https://cdn.example/1.mp4"
    assert known.attrib == {
        "delivery": "progressive", "type": "video/mp4", "width": "1280", "height": "720",
        "codec": "av01.0.05M.08", "bitrate": "245", "fileSize": "183479",
    }  # fmt: skip
    assert unknown.attrib == {
        "delivery": "progressive", "type": "video/mp4", "width": "1280", "height": "720",
    }  # fmt: skip
    [captions] = found(root, "ClosedCaptionFile")
    assert (captions.text, captions.attrib) == (
        "https://cdn.example/1.vtt",
        {"type": "text/vtt", "language": "en"},
    )
    assert [each.text for each in found(root, "Duration")] == ["00:00:06"]


def test_without_trackers_it_stays_valid_and_without_a_clip_there_is_none() -> None:
    root = fromstring(vast_document(ad(trackers=(), click_trackers=(), categories=())))
    check_vast(root)
    assert [each.text for each in found(root, "Impression")] == ["about:blank"], "as the schema asks"
    with pytest.raises(NotOfferedError, match="no clip"):
        vast_document(ad(clips=()))


KINDS = {
    "whole": AD,
    "bare": ad(trackers=(), click_trackers=(), categories=(), captions="", label="", origin=""),
    "AV1 and H.264 with sound": ad(
        clips=tuple(
            replace(AD.clips[0], url=f"https://cdn.example/1.{name}.mp4", codec=f"{name}, mp4a.40.2")
            for name in ("av01.0.05M.08", "avc1.64001f")
        )
    ),
    "hostile": ad(
        headline="]]><Impression>https://evil.example</Impression><![CDATA[",
        description="\"'><script>alert(1)</script>&lt;",
        brand="\u202eA & B",
        link="https://shop.example/?a=1&b=<x>\"'${CLICK}",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_valid_by_the_rules_and_by_the_schema_where_it_is_at_hand(
    kind: str, tmp_path: Path
) -> None:
    document = tmp_path / "ad.xml"
    document.write_text(vast_document(KINDS[kind]), "utf-8")
    check_vast(fromstring(document.read_text("utf-8")))
    if not SCHEMA.is_file():
        pytest.skip(f"no {SCHEMA}: put the IAB Tech Lab's vast_4.2.xsd there, of a4afbde2 or later")
    if (xmllint := shutil.which("xmllint")) is None:
        pytest.skip("no xmllint: apt-get install libxml2-utils")
    told = subprocess.run(
        [xmllint, "--noout", "--nonet", "--schema", str(SCHEMA), str(document)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


def test_an_ad_is_served_under_the_same_id_each_time() -> None:
    assert vast_document(AD) == vast_document(AD)


def test_what_viewers_may_say_of_it_stands_in_an_extension() -> None:
    root = fromstring(vast_document(ad(trackers=REACTING)))
    check_vast(root)
    assert {each.attrib["name"]: each.text for each in found(root, "Reaction")} == REACTIONS
    assert [each.attrib["type"] for each in found(root, "Extension")] == ["provenance", "reactions"]
    assert not found(fromstring(vast_document(AD)), "Reaction")

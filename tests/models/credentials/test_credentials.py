"""Credentials that the library's own reader takes, and that no changed byte survives."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from xml.etree.ElementTree import fromstring

import av
import pytest
from PIL import Image

from models.credentials.aigc import AigcLabel
from models.credentials.development import development_identity
from models.credentials.origin import ALGORITHMIC, FileContent, is_by_model, origin_of
from models.credentials.reading import UnreadableFileError, read_credentials
from models.credentials.signing import Identity, IdentityError, NotSignedError
from models.credentials.xmp import packet, with_packet

KEY, CHAIN = development_identity(datetime.now(UTC))
IDENTITY = Identity.of(KEY, CHAIN)
ROOT = CHAIN.decode()[CHAIN.decode().rindex("-----BEGIN") :]
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
URI = f"http://cv.iptc.org/newscodes/digitalsourcetype/{COMPOSITE}"


def picture(kind: str) -> bytes:
    made = BytesIO()
    Image.effect_noise((320, 200), 40).convert("RGB").save(made, kind, xmp=packet(COMPOSITE))
    return made.getvalue()


def test_the_label_of_china_is_a_property_of_xmp_with_the_seven_fields_of_the_standard() -> None:
    root = fromstring(packet(COMPOSITE, AigcLabel('Huì & "Co" <1>', "a" * 40)))
    [told] = root.iter("{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC")
    said = json.loads(told.text or "")
    assert (said["Label"], said["ContentProducer"], said["ProduceID"]) == ("1", 'Huì & "Co" <1>', "a" * 40)
    assert list(said) == [
        "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID",
        "ReservedCode2",
    ]  # fmt: skip
    assert URI in packet(COMPOSITE, AigcLabel("x", "y")).decode()
    assert b"AIGC" not in packet(COMPOSITE)


def clip() -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24, options={"x264-params": "log-level=error"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(4):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    return with_packet(file.getvalue(), packet(COMPOSITE))


FILES = {"image/jpeg": picture("JPEG"), "image/avif": picture("AVIF"), "video/mp4": clip()}


@pytest.mark.parametrize("mime", FILES)
def test_a_signed_file_says_who_made_it_and_how(mime: str) -> None:
    supplied = tuple(f"{kind} {'a' * 40}" for kind in ("photo", "logo", "layout"))
    signed = IDENTITY.sign(FILES[mime], mime, COMPOSITE, supplied)
    assert len(signed) - len(FILES[mime]) < 5_000, "layouts leave so many bytes"
    found = read_credentials(signed, mime, ROOT)
    assert (found.state, found.signer, found.maker, found.origin, found.faults) == (
        "trusted",
        "Shiftcast development",
        "shiftcast",
        COMPOSITE,
        (),
    )
    assert found.supplied == supplied
    assert read_credentials(signed, mime).state == "valid", "nobody vouches without an anchor"
    other = development_identity(datetime.now(UTC))[1].decode()
    assert read_credentials(signed, mime, other[other.rindex("-----BEGIN") :]).state == "valid"


@pytest.mark.parametrize("mime", FILES)
def test_one_flipped_byte_fails(mime: str) -> None:
    signed = bytearray(IDENTITY.sign(FILES[mime], mime, COMPOSITE))
    for share in (0.6, 0.8, 0.99):
        at = int(len(signed) * share)
        signed[at] ^= 1
        found = read_credentials(bytes(signed), mime, ROOT)
        assert found.state == "invalid" and found.faults, share
        signed[at] ^= 1
    assert read_credentials(bytes(signed), mime, ROOT).state == "trusted"


@pytest.mark.parametrize("mime", FILES)
def test_the_origin_stands_in_xmp_with_and_without_a_signature(mime: str) -> None:
    for data in (FILES[mime], IDENTITY.sign(FILES[mime], mime, COMPOSITE)):
        assert URI.encode() in data
        if mime.startswith("image/"):
            assert URI.encode() in Image.open(BytesIO(data)).info["xmp"]
        else:
            with av.open(BytesIO(data), "r") as container:
                assert len(list(container.decode(video=0))) == 4


def test_signatures_of_the_same_file_are_never_alike() -> None:
    one, other = (IDENTITY.sign(FILES["image/jpeg"], "image/jpeg", COMPOSITE) for _ in range(2))
    assert one != other


def test_a_file_without_credentials_and_one_that_cannot_have_any() -> None:
    assert read_credentials(FILES["image/jpeg"], "image/jpeg").state == "none"
    with pytest.raises(UnreadableFileError, match="text/vtt"):
        read_credentials(b"WEBVTT", "text/vtt")


def test_key_and_certificate_belong_together() -> None:
    other, _ = development_identity(datetime.now(UTC))
    with pytest.raises(IdentityError, match="not that of the key"):
        Identity.of(other, CHAIN)
    with pytest.raises(IdentityError, match="PEM"):
        Identity.of(b"no key", CHAIN)
    assert timedelta(days=360) < IDENTITY.ends - datetime.now(UTC) < timedelta(days=366)


def test_what_cannot_be_signed_is_told() -> None:
    with pytest.raises(NotSignedError, match="image/jpeg"):
        IDENTITY.sign(b"no picture", "image/jpeg", COMPOSITE)
    gone = Identity.of(*development_identity(datetime.now(UTC) - timedelta(days=700)))
    try:
        found = read_credentials(gone.sign(FILES["image/jpeg"], "image/jpeg", COMPOSITE), "image/jpeg")
    except NotSignedError:
        return
    assert found.state == "invalid"


BY_MODEL, MIXED = "trained_algorithmic_media", "composite_with_trained_algorithmic_media"
PHOTO = ("photo a",)


@pytest.mark.parametrize(
    ("declared", "shown", "origin"),
    [
        (MIXED, FileContent(worded=True), COMPOSITE),
        (MIXED, FileContent(True, supplied=PHOTO), COMPOSITE),
        (BY_MODEL, FileContent(worded=True), "trainedAlgorithmicMedia"),
        (BY_MODEL, FileContent(True, supplied=PHOTO), COMPOSITE),
        (MIXED, FileContent(worded=False), ALGORITHMIC),
        (MIXED, FileContent(False, supplied=PHOTO), "composite"),
        (MIXED, FileContent(False, generated=True), COMPOSITE),
        ("human_edits", FileContent(worded=True), ALGORITHMIC),
        ("human_edits", FileContent(True, supplied=PHOTO), "composite"),
    ],
)
def test_the_origin_is_of_what_is_shown(declared: str, shown: FileContent, origin: str) -> None:
    assert origin_of(declared, shown) == origin
    assert is_by_model(origin) is (origin not in (ALGORITHMIC, "composite"))

"""Decoding: every refusal under its own code, never anything but a record or a refusal, and wire bytes that
do not change."""

from __future__ import annotations

import json

import pytest

from streams import records as r
from streams.topics import (
    ARTIFACT,
    BEHAVIOR,
    CAMPAIGN,
    CATALOG,
    CLICK,
    CONSENT,
    CONVERSION,
    CREATIVE,
    IMPRESSION,
    PRIVACY_REQUEST,
    TopicSpec,
)
from streams.wire.codecs import Headers, Reason, Rejected, WireLimits, decode, encode, headers, record_key_of
from tests.streams.wire.wire_samples import DAY_MS, NOW, TYPED, USER, click, golden, golden_key


def refused(
    spec: TopicSpec, value: bytes | None, key: bytes | None = USER, about: Headers = (), append_ts: int = NOW
) -> Rejected:
    with pytest.raises(Rejected) as caught:
        decode(spec, value, key, about, append_ts, WireLimits())
    return caught.value


def reason(
    spec: TopicSpec, value: bytes | None, key: bytes | None = USER, about: Headers = (), append_ts: int = NOW
) -> Reason:
    return refused(spec, value, key, about, append_ts).reason


@pytest.mark.parametrize("spec", TYPED, ids=lambda spec: spec.name)
def test_golden_bytes_decode_and_encode_to_themselves(spec: TopicSpec) -> None:
    record = decode(spec, golden(spec), golden_key(spec), (), NOW, WireLimits())
    assert type(record) is spec.record
    assert encode(record) == golden(spec)
    assert set(json.loads(golden(spec))) == set(record.__struct_fields__), "a field has no golden bytes"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"\xff\xfe", Reason.NOT_JSON),
        (click(id="\ud800"), Reason.NOT_JSON),
        (b'{"id":"\xff","ts":1,"user":"a"}', Reason.NOT_JSON),
        (b"null", Reason.WRONG_TYPE),
        (b"[1]", Reason.WRONG_TYPE),
        (click(id=5), Reason.WRONG_TYPE),
        (click(ts="yesterday"), Reason.WRONG_TYPE),
        (click(ts=True), Reason.WRONG_TYPE),
        (click(ts=1.5e12), Reason.WRONG_TYPE),
        (click(ts=1e30), Reason.WRONG_TYPE),
        (click(ts=2**70), Reason.NUMBER_RANGE),
        (click(ts=-1), Reason.NUMBER_RANGE),
        (click(cattax=70_000), Reason.NUMBER_RANGE),
        (b'{"id":"e1","ts":1795291200000}', Reason.MISSING_FIELD),
        (click(id="x" * 257), Reason.TOO_LONG),
        (click(id=""), Reason.TOO_SHORT),
        (click(cat=["1"] * 65), Reason.TOO_MANY),
        (click(slot="na\x00tive"), Reason.BAD_STRING),
        (click(slot="\u202eevitan"), Reason.BAD_STRING),
        (
            json.dumps(
                {"id": "e1", "ts": NOW, "user": USER.decode(), "slot": "\u202e"}, ensure_ascii=False
            ).encode(),
            Reason.BAD_STRING,
        ),
        (click(slot="e\u0301"), Reason.BAD_STRING),
        (click(slot="a\nb"), Reason.BAD_STRING),
        (click(slot="a\x7f"), Reason.BAD_STRING),
        (click(user="someone_else"), Reason.KEY_MISMATCH),
        (click(ts=NOW - 7 * DAY_MS - 1), Reason.TOO_OLD),
        (click(ts=NOW + 300_001), Reason.IN_FUTURE),
        (b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", Reason.TOO_DEEP),
        (click(pad="x" * 70_000), Reason.TOO_LARGE),
        (None, Reason.NULL_VALUE),
    ],
)
def test_each_broken_click_has_its_own_reason(value: bytes | None, wanted: Reason) -> None:
    assert reason(CLICK, value) == wanted


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_a_number_that_is_not_finite_is_named_so(number: str) -> None:
    value = (
        b'{"id":"e1","ts":1795291200000,"user":"9f2c1d7e0011aabb","type":"purchase","value":%s}'
        % number.encode()
    )
    assert reason(CONVERSION, value) == Reason.NOT_FINITE


def test_the_text_NaN_in_a_string_is_no_number() -> None:  # noqa: N802
    assert decode(CLICK, click(slot="NaN"), USER, (), NOW, WireLimits()) is not None
    assert reason(CLICK, click(slot="NaN", id=5)) == Reason.WRONG_TYPE


@pytest.mark.parametrize("key", [b"", b"a b", b"u:1", "é".encode(), b"x" * 129, b"a\n"])
def test_user_keys_are_short_and_plain(key: bytes) -> None:
    assert reason(CLICK, click(), key) == Reason.BAD_KEY


@pytest.mark.parametrize("key", [b"", b"c1\n", b"\xff", b"x" * 1025])
def test_other_keys_are_printable(key: bytes) -> None:
    assert reason(CAMPAIGN, golden(CAMPAIGN), key) == Reason.BAD_KEY


def test_a_missing_key_has_its_own_reason() -> None:
    assert reason(CLICK, click(), None) == Reason.NULL_KEY


@pytest.mark.parametrize("escaped", [True, False])
def test_an_items_id_is_its_key_byte_for_byte_and_its_text_is_composed(escaped: bool) -> None:
    apart = "cafe\u0301-1"
    said = {"item_id": apart, "title": "Cafe\u0301", "url": "https://shop.example/1"}
    value = json.dumps(said, ensure_ascii=escaped).encode()
    item = decode(CATALOG, value, apart.encode(), (), NOW, WireLimits())
    assert isinstance(item, r.CatalogItem)
    assert (item.item_id, item.title) == (apart, "Caf\u00e9")
    assert reason(CATALOG, value, "caf\u00e9-1".encode()) == Reason.KEY_MISMATCH
    clicked = decode(CLICK, click(item_id=apart), USER, (), NOW, WireLimits())
    assert isinstance(clicked, r.Click) and clicked.item_id == apart, "what is done with it names it so"


@pytest.mark.parametrize("spec", [CREATIVE, CAMPAIGN, CATALOG, ARTIFACT], ids=lambda spec: spec.name)
def test_a_key_that_is_not_the_records_own_is_refused(spec: TopicSpec) -> None:
    assert reason(spec, golden(spec), b"other|key|here") == Reason.KEY_MISMATCH


def test_a_null_withdraws_only_where_the_topic_is_compacted() -> None:
    for spec in TYPED:
        if spec.compacted:
            assert decode(spec, None, golden_key(spec), (), NOW, WireLimits()) is None
        else:
            assert reason(spec, None, golden_key(spec)) == Reason.NULL_VALUE


def test_the_time_window_ends_are_inside_and_follow_the_append_time() -> None:
    limits = WireLimits(max_event_age_ms=1000, max_ahead_ms=500)
    for ts in (NOW - 1000, NOW + 500):
        assert decode(CLICK, click(ts=ts), USER, (), NOW, limits) is not None
    for ts in (NOW - 1001, NOW + 501):
        with pytest.raises(Rejected):
            decode(CLICK, click(ts=ts), USER, (), NOW, limits)


def test_consent_may_be_old_but_not_from_the_future() -> None:
    old = json.dumps(
        {"user": USER.decode(), "ts": NOW - 900 * DAY_MS, "explicit": {"profile": True}}
    ).encode()
    assert decode(CONSENT, old, USER, (), NOW, WireLimits()) is not None
    assert reason(CONSENT, old, append_ts=NOW - 901 * DAY_MS) == Reason.IN_FUTURE


@pytest.mark.parametrize(
    "pair",
    [
        ("ce_type", b"ads.click.recorded.v2"),
        ("ce_type", b"nonsense"),
        ("ce_type", b"\xff"),
        ("ce_dataschema", b"https://shiftcast.example/schemas/click/2.0.json"),
        ("ce_dataschema", b"x"),
    ],
)
def test_another_major_version_is_refused(pair: tuple[str, bytes]) -> None:
    assert reason(CLICK, click(), about=(pair,)) == Reason.UNKNOWN_SCHEMA_VERSION


def test_a_newer_minor_version_and_foreign_headers_pass() -> None:
    about = (
        ("ce_dataschema", b"https://x.example/click/1.7.json"),
        ("ce_type", b"ads.click.seen.v1"),
        ("traceparent", b"\xff"),
    )
    assert decode(CLICK, click(new_field={"a": [1]}), USER, about, NOW, WireLimits()) is not None


def test_own_headers_pass_on_their_own_topic() -> None:
    for spec in TYPED:
        about = headers(spec.ce_type, "id", NOW)
        assert decode(spec, golden(spec), golden_key(spec), about, NOW, WireLimits()) is not None
        assert dict(about)["ce_time"] == b"2026-11-21T20:00:00.000Z"


def test_lines_may_break_in_text_only() -> None:
    value = json.dumps(
        {"id": "e1", "ts": NOW, "user": USER.decode(), "type": "page", "text": "a\nb\tc"}
    ).encode()
    record = decode(BEHAVIOR, value, USER, (), NOW, WireLimits())
    assert isinstance(record, r.Behavior)
    assert record.text == "a\nb\tc"
    assert reason(BEHAVIOR, value.replace(b"\\t", b"\\u001b")) == Reason.BAD_STRING


def test_a_shops_accents_that_stand_apart_are_put_together_at_intake() -> None:
    value = json.dumps(
        {"item_id": "i1", "title": "Cafetie\u0300re", "url": "https://shop.example/1"}
    ).encode()
    item = decode(CATALOG, value, b"i1", (), NOW, WireLimits())
    assert isinstance(item, r.CatalogItem) and item.title == "Cafeti\u00e8re"


def test_unknown_enum_values_and_fields_are_no_error() -> None:
    record = decode(
        CLICK, click(slot="hologram", device={"devicetype": 999, "warp": 9}), USER, (), NOW, WireLimits()
    )
    assert isinstance(record, r.Click)
    assert record.slot == "hologram"


def test_no_refusal_quotes_the_record() -> None:
    secret = "SECRET-e4d1"
    for value in (
        click(ts=secret),
        click(user=secret),
        click(id=[secret]),
        secret.encode(),
        click(slot=secret + "\x00"),
        click(cat=[{secret: 1}]),
    ):
        assert secret not in refused(CLICK, value).message
    assert secret not in refused(CLICK, click(), (secret + " ").encode()).message
    labels = json.loads(golden(CAMPAIGN)) | {"labels": {secret: "\x00"}}
    assert secret not in refused(CAMPAIGN, json.dumps(labels).encode(), b"c1").message


def test_encode_refuses_numbers_that_json_cannot_say() -> None:
    arm = r.ArmPosterior(campaign_id="c", slot="s", arm="a", alpha=float("nan"), beta=1.0, version="1")
    with pytest.raises(ValueError, match="alpha"):
        encode(arm)
    assert b'"creative_id":null' in encode(r.Impression(id="e", ts=1, user="u", creative_id=None))


def test_privacy_requests_are_named_by_their_key_alone() -> None:
    assert decode(PRIVACY_REQUEST, golden(PRIVACY_REQUEST), b"any_user", (), NOW, WireLimits()) is not None
    assert record_key_of(PRIVACY_REQUEST, r.PrivacyRequest(request_id="p", type="erasure", iat=1)) is None
    assert record_key_of(IMPRESSION, r.Impression(id="e", ts=1, user="u", creative_id=None)) == b"u"

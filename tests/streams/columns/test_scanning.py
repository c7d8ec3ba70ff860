"""The kernel that reads events says what decoder and columns say, or leaves the record to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.event.consent import ALL_PURPOSES
from models.event.fields import EVENT_FIELDS
from models.event.layout import CONSENT_KNOWN, GDPR, EventKind, Purpose
from models.event.terms import term_keys
from streams import records as r
from streams.columns.decoded import Events, columns
from streams.columns.names import Cells, Items
from streams.columns.scanning import campaigns_of, scanned
from streams.mapping.statements import stated_purposes
from streams.topics import BEHAVIOR, BY_NAME, CLICK, CONSENT, CONVERSION, IMPRESSION
from streams.wire.codecs import Headers, WireLimits, decode_batch
from streams.wire.partition import partition
from tests.models.privacy_strings.test_tcf import tc_string

NOW_MS = 1_795_291_200_000
USER = b"u1"
CAMPAIGNS = ("c1", "c2")
ITEMS = Items.of(
    {f"i{k}": k for k in range(20)},
    np.arange(20, dtype=np.int16),
    np.linspace(-1, 1, 20, dtype=np.float32),
    np.array(
        [(key, 7 | 200 << 8 | 9 << 16 | 60 << 24) for key in sorted(term_keys("trail é"))]
        + [(key, 9 | 255 << 8) for key in sorted(term_keys("shoes 靴子"))],
        np.uint64,
    ).T,
)
TOPICS = (IMPRESSION.name, CLICK.name, BEHAVIOR.name)


@dataclass
class Consumed:
    value: bytes | None
    key: bytes | None = USER
    headers: Headers = ()
    timestamp: int = NOW_MS
    offset: int = 5


def by_kernel(
    topic: str, records: list[Consumed], cells: Cells, limits: WireLimits | None = None
) -> tuple[Events, NDArray[np.bool_]]:
    campaigns = campaigns_of(CAMPAIGNS)
    return scanned(topic, partition(USER, 4), records, ITEMS, cells, campaigns, limits or WireLimits(), 4)  # type: ignore[arg-type]


def check(topic: str, records: list[Consumed]) -> NDArray[np.bool_]:
    """Which of the records the kernel read: each is one the decoder takes, with the same columns."""
    cells = Cells()
    decoded, rejects = decode_batch(BY_NAME[topic], records, WireLimits())
    refused = {each.index for each in rejects} | {i for i, each in enumerate(decoded) if each is None}
    good = [i for i in range(len(records)) if i not in refused]
    times, campaigns = [records[i].timestamp for i in good], campaigns_of(CAMPAIGNS)
    want, more = columns(topic, [decoded[i] for i in good], [5] * len(good), times, ITEMS, cells, campaigns)
    refused |= {good[each.index] for each in more}
    events, read = by_kernel(topic, records, cells)
    assert not refused & set(np.flatnonzero(read).tolist())
    for k, i in enumerate(good):
        if read[i]:
            assert events[i].tobytes() == want[k].tobytes(), (records[i], events[i], want[k])
    return read


def event(topic: str, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"id": "e1", "ts": NOW_MS - 1_000, "user": USER.decode()}
    base |= (
        {"creative_id": None}
        if topic == IMPRESSION.name
        else {"type": "page"}
        if topic == BEHAVIOR.name
        else {}
    )
    return base | more


FULL: dict[str, Any] = {
    "creative_id": "cr_00ff00ff00ff00ff", "item_id": "i3", "cat": ["IAB1", "IAB2-3"], "cattax": 7,
    "campaign_id": "c1", "slot": "native",
    "device": {"devicetype": 4, "os": "android", "ua": "x/1.0",
    "geo": {"country": "DE", "region": "BE", "utcoffset": -90}},
    "regs": {"gdpr": 1, "us_privacy": "1YNN", "ext": {"gpc": 0}}, "consent": None,
    "explicit": {"profile": True, "train": False},
}  # fmt: skip
OF_TOPIC: dict[str, dict[str, Any]] = {
    IMPRESSION.name: {
        "template_id": "t1", "event": 4, "placement": {"id": "p", "w": 300, "h": 250, "pos": 3},
        "auction_id": "a1",
        "price": {"cpm": 1.25, "cur": "EUR"}, "bidfloor": 0.5, "test": False,
    },
    CLICK.name: {"imp_id": "i77", "unknown": None},
    BEHAVIOR.name: {"type": "dwell", "dwell_ms": 4_000, "kwarray": ["a", "b"], "text": "trail shoes"},
}  # fmt: skip


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n", "\t: ")])
def test_full_messages_are_read(topic: str, separators: tuple[str, str]) -> None:
    full = {
        name: value
        for name, value in (FULL | OF_TOPIC[topic]).items()
        if topic != BEHAVIOR.name or name not in {"campaign_id", "slot"}
    }
    messages = [
        event(topic, **full),
        event(topic),
        *(event(topic, **{name: value}) for name, value in full.items()),
    ]
    assert check(
        topic, [Consumed(json.dumps(each, separators=separators).encode()) for each in messages]
    ).all()


ALLOWED, OPTED_OUT = "DBABLA~BVQqAAAAAAA.QA", "DBABLA~BVQqAAAAAAA.YA"


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    ("regs", "by_the_kernel", "denied"),
    [
        ({"us_privacy": "1YNN"}, True, False),
        ({"us_privacy": "1YYN"}, True, True),
        ({"us_privacy": "1-y-"}, True, True),
        ({"us_privacy": "1Y"}, True, False),
        ({"us_privacy": ""}, True, False),
        ({"us_privacy": None, "gpp": None}, True, False),
        ({"us_privacy": "éxY"}, False, True),
        ({"us_privacy": "1YY"}, True, True),
        ({"gpp": ALLOWED}, False, False),
        ({"gpp": ALLOWED, "gpp_sid": [7]}, False, False),
        ({"gpp": OPTED_OUT}, False, True),
        ({"gpp": OPTED_OUT, "gpp_sid": [2]}, False, True),
        ({"gpp_sid": [7]}, False, True),
        ({"gpp": ALLOWED, "us_privacy": "1YYN"}, False, True),
        ({"gpp": ALLOWED, "ext": {"gpc": 1}}, False, True),
    ],
)
def test_an_opt_out_is_a_no_whoever_reads_it(
    topic: str, regs: dict[str, Any], by_the_kernel: bool, denied: bool
) -> None:
    said = Consumed(json.dumps(event(topic, regs=regs), ensure_ascii=False).encode())
    assert check(topic, [said]).tolist() == [by_the_kernel]
    decoded, rejects = decode_batch(BY_NAME[topic], [said], WireLimits())
    assert not rejects
    events, _ = columns(topic, decoded, [5], [said.timestamp], ITEMS, Cells(), campaigns_of(CAMPAIGNS))
    assert bool(events["consent"][0] & GDPR) is denied


GRANTED, REFUSED, SOME = tc_string(set(range(1, 25)), {7}), tc_string(set(), {7}), tc_string({3, 7}, {7})
_SOME: Final = CONSENT_KNOWN | Purpose.PROFILE | Purpose.MEASURE


@pytest.mark.parametrize("topic", [*TOPICS, CONVERSION.name, CONSENT.name])
@pytest.mark.parametrize(
    ("said", "vendor", "stated"),
    [
        ({"consent": GRANTED}, 0, CONSENT_KNOWN | ALL_PURPOSES),
        ({"consent": GRANTED}, 7, CONSENT_KNOWN | ALL_PURPOSES),
        ({"consent": GRANTED}, 8, CONSENT_KNOWN),
        ({"consent": SOME, "regs": {"gdpr": 1}}, 0, _SOME | GDPR),
        ({"consent": REFUSED}, 0, CONSENT_KNOWN),
        ({"consent": REFUSED, "regs": {"gdpr": 0}}, 0, 0),
        ({"regs": {"gpp": f"DBABMA~{SOME}", "gpp_sid": [2]}}, 0, _SOME),
        ({"consent": "nonsense"}, 0, GDPR),
        ({"consent": ""}, 0, 0),
        ({"consent": SOME, "explicit": {"profile": True, "train": True}}, 0, CONSENT_KNOWN | Purpose.PROFILE),
        ({"consent": "nonsense", "explicit": {"train": True}}, 0, CONSENT_KNOWN | GDPR | Purpose.TRAIN),
    ],
)
def test_a_tc_string_states_what_it_grants(
    topic: str, said: dict[str, Any], vendor: int, stated: int
) -> None:
    told = event(topic, **({"type": "purchase"} if topic == CONVERSION.name else {}), **said)
    records = [Consumed(json.dumps(told).encode())]
    if topic in TOPICS:
        assert check(topic, records).tolist() == [False], "the decoder's"
    decoded, rejects = decode_batch(BY_NAME[topic], records, WireLimits())
    assert not rejects
    events, _ = columns(topic, decoded, [5], [NOW_MS], ITEMS, Cells(), campaigns_of(CAMPAIGNS), vendor)
    assert events["consent"].tolist() == [stated]
    known = stated & ALL_PURPOSES if stated & CONSENT_KNOWN else None
    assert stated_purposes(decoded[0], vendor) == known, "readers of whole records are told the same"


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        ("video", ["start"], EventKind.STARTED),
        ("video", ["firstQuartile", "loud"], EventKind.FIRST_QUARTILE),
        ("video", ["complete"], EventKind.COMPLETED),
        ("video", [], EventKind.VIDEO),
        ("video", ["", "complete"], EventKind.VIDEO),
        ("video", ["mute"], EventKind.VIDEO),
        ("video", ["x" * 200], EventKind.VIDEO),
        ("page", ["complete"], EventKind.PAGE),
    ],
)
def test_a_video_says_how_far_it_was_played(kind: str, words: list[str], expected: EventKind) -> None:
    said = event(BEHAVIOR.name, type=kind, kwarray=words)
    records = [Consumed(json.dumps(said).encode())]
    assert check(BEHAVIOR.name, records).all(), "read by the kernel, as the decoder reads it"
    events, read = by_kernel(BEHAVIOR.name, records, Cells())
    assert read.all() and events["kind"].tolist() == [expected]


def test_texts_become_codes_and_an_item_that_is_known_goes_before_its_text() -> None:
    said = {
        "trail shoes": 9, "TRAIL": 7, "a trail, a trail": 7, "nothing known": -1, "x" * 300: -1, "": -1,
        "t": -1,
        "a b c d e f g h i j trail": 7, "other " * 7 + "trail": 7, "other " * 8 + "trail": -1,
        "é Shoes": 9, "靴子": 9, "trail \\": 7,
    }  # fmt: skip
    messages = [event(BEHAVIOR.name, type="search", text=each) for each in said]
    messages += [event(BEHAVIOR.name, type="search", text="trail", item_id=item) for item in ("i3", "gone")]
    records = [Consumed(json.dumps(each, ensure_ascii=False).encode()) for each in messages]
    read = check(BEHAVIOR.name, records)
    assert [text for text, one in zip(said, read, strict=False) if not one] == list(said)[-3:], (
        "the decoder's"
    )
    decoded, _ = decode_batch(BY_NAME[BEHAVIOR.name], records, WireLimits())
    times = [NOW_MS] * len(records)
    events, _ = columns(
        BEHAVIOR.name, decoded, [5] * len(records), times, ITEMS, Cells(), campaigns_of(CAMPAIGNS)
    )
    assert events["code"].tolist() == [*said.values(), 3, 7]


@pytest.mark.parametrize(
    ("topic", "said", "code"),
    [
        (BEHAVIOR.name, {"cat": ["outdoors.shoes"], "kwarray": ["trail"]}, 9),
        (BEHAVIOR.name, {"kwarray": ["Trails"]}, 7),
        (BEHAVIOR.name, {"cat": ["trail"], "item_id": "gone"}, 7),
        (BEHAVIOR.name, {"cat": ["trail"], "item_id": "i3"}, 3),
        (BEHAVIOR.name, {"text": "shoe", "cat": [], "kwarray": []}, 9),
        (BEHAVIOR.name, {"type": "video", "kwarray": ["start", "trail"]}, 7),
        (CLICK.name, {"cat": ["IAB18", "Shoes"]}, 9),
        (CLICK.name, {"cat": ["Shoes"], "item_id": "i3"}, 3),
        (IMPRESSION.name, {"cat": ["Shoes"]}, -1),
    ],
)
def test_categories_and_keywords_say_what_an_event_is_about(topic: str, said: Any, code: int) -> None:
    records = [Consumed(json.dumps(event(topic, **said)).encode())]
    assert check(topic, records).all()
    assert by_kernel(topic, records, Cells())[0]["code"].tolist() == [code]


@pytest.mark.parametrize("word", ["start", "complete"])
def test_how_far_a_clip_was_played_is_not_what_it_is_about(word: str) -> None:
    known = np.array([(key, 4 | 255 << 8) for key in sorted(term_keys(word))], np.uint64)
    items = Items.of({}, ITEMS.codes, ITEMS.price_z, known.T)
    for kind, code in (("video", -1), ("page", 4)):
        said = Consumed(json.dumps(event(BEHAVIOR.name, type=kind, kwarray=[word])).encode())
        decoded, _ = decode_batch(BY_NAME[BEHAVIOR.name], [said], WireLimits())
        campaigns = campaigns_of(CAMPAIGNS)
        events, _ = columns(BEHAVIOR.name, decoded, [5], [NOW_MS], items, Cells(), campaigns)
        kernel, _ = scanned(
            BEHAVIOR.name, partition(USER, 4), [said], items, Cells(), campaigns, WireLimits(), 4  # type: ignore[list-item]
        )  # fmt: skip
        assert events["code"].tolist() == kernel["code"].tolist() == [code]


saying = st.lists(
    st.sampled_from(["shoes", "a Trail", "start", "complete", "483", "x" * 200, "", "é"]), max_size=9
)


@given(
    st.sampled_from([BEHAVIOR.name, CLICK.name]), saying, saying, st.none() | st.sampled_from(["trail", ""])
)
def test_words_say_the_same_whoever_reads_them(topic: str, cat: Any, words: Any, said: Any) -> None:
    more = {} if topic == CLICK.name else {"type": "video", "kwarray": words, "text": said}
    check(topic, [Consumed(json.dumps(event(topic, cat=cat, **more)).encode())])


ODD = [
    b"", b"{}", b"[]", b"null", b"nonsense", b'{"id":', b'{"id":"e1"}', b"\xff{}",
    b'{"id":"e1","ts":1,"user":"u1"}',
    b'{"id":"e\\u0031","ts":%d,"user":"u1"}' % NOW_MS, b'{"id":"e1","ts":%d.0,"user":"u1"}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","id":"e2"}' % NOW_MS, b'{"id":"e1","ts":0%d,"user":"u1"}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1"}x' % NOW_MS, b'{"id":"e1","ts":%d,"user":"u1",}' % NOW_MS,
    b'{"id":"","ts":%d,"user":"u1"}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u2"}' % NOW_MS, b'{"id":"e1","ts":%d,"user":"u1","slot":7}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","campaign_id":"nobody"}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","x":{"deep":[1]}}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","x":nul}' % NOW_MS, b'{"id":"e1","ts":%d,"user":"u1","x":1.}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","x":01}' % NOW_MS, b'{"id":"e1","ts":%d,"user":"u1","x":-}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","item_id":"i1\x7f"}' % NOW_MS,
    '{"id":"é","ts":%d,"user":"u1"}'.encode() % NOW_MS,
    b'{"id":"%s","ts":%d,"user":"u1"}' % (b"x" * 257, NOW_MS),
    b'{"id":"%s","ts":%d,"user":"u1"}' % (b"x" * 200, NOW_MS),
    b'{"id":"e1","ts":%d,"user":"u1","creative_id":"cr_12345678_9abcdef"}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","creative_id":null,"price":{"cpm":1e3,"cur":"usd"}}' % NOW_MS,
    b'{"id":"e1","ts":%d,"user":"u1","creative_id":null,"price":{"cpm":0.0005}}' % NOW_MS,
]  # fmt: skip


@pytest.mark.parametrize("topic", TOPICS)
def test_odd_records_are_left_or_read_alike(topic: str) -> None:
    records = [Consumed(value) for value in ODD]
    whole = json.dumps(event(topic)).encode()
    records += [
        Consumed(None),
        Consumed(whole, None),
        Consumed(whole, b"u2"),
        Consumed(whole, b""),
        Consumed(whole + b" " * 70_000),
    ]
    records += [
        Consumed(whole, headers=[("ce_type", b"ads.click.recorded.v9")]),
        Consumed(whole, timestamp=NOW_MS + 9 * 86_400_000),
    ]
    records += [Consumed(whole, timestamp=NOW_MS - 400_000)]
    assert not check(topic, records).all()
    read = by_kernel(
        topic,
        [Consumed(whole), Consumed(whole, timestamp=NOW_MS + 9 * 86_400_000)],
        Cells(),
        WireLimits(86_400_000),
    )[1]
    assert read.tolist() == [True, False]


texts = st.one_of(
    st.sampled_from(["c1", "c2", "c3", "native", "i3", "", "t1", "hide", "feedback", "é", 'a"b', "x" * 130]),
    st.text(max_size=6),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.lists(texts),
)
objects = st.dictionaries(
    st.sampled_from([name for where, name, *_ in EVENT_FIELDS if where not in ("icb", "ic", "i", "c", "b")]),
    scalars,
)


@settings(max_examples=300)
@given(st.sampled_from(TOPICS), st.data(), st.booleans())
def test_whatever_is_read_is_read_as_the_decoder_reads_it(topic: str, data: Any, compact: bool) -> None:
    names = [field.name for field in msgspec.structs.fields(BY_NAME[topic].record)]  # type: ignore[arg-type]
    changes = data.draw(st.dictionaries(st.sampled_from(names), st.one_of(scalars, objects), max_size=4))
    drawn = event(topic, **FULL | OF_TOPIC[topic]) if data.draw(st.booleans()) else event(topic)
    message = dict(data.draw(st.permutations(list((drawn | changes).items()))))
    check(
        topic,
        [
            Consumed(
                json.dumps(message, separators=(",", ":") if compact else None, ensure_ascii=False).encode()
            )
        ],
    )


def test_the_kernel_knows_every_field_and_its_limits() -> None:
    """A field that is added to a message must be added to the kernel's table, or it would be skipped
    unchecked."""
    places: dict[str, type[r.Record]] = {
        "i": r.Impression,
        "c": r.Click,
        "b": r.Behavior,
        "D": r.Device,
        "G": r.Geo,
        "R": r.Regs,
        "X": r.RegsExt,
        "E": r.Explicit,
    }
    places |= {"P": r.Placement, "M": r.ImpressionPrice}
    for where, record in places.items():
        known = {
            name: (least, most, nullable)
            for at, name, _, least, most, nullable in EVENT_FIELDS
            if where in at
        }
        fields = {field.encode_name: field for field in msgspec.structs.fields(record)}
        assert known.keys() == fields.keys(), record
        for name, (least, most, nullable) in known.items():
            schema = msgspec.json.schema(fields[name].type)
            assert nullable == (type(None) in get_args(fields[name].type)), (record, name)
            limits = [
                each for each in schema.get("anyOf", [schema]) if each.get("type") in ("string", "integer")
            ]
            for limit in limits:
                shortest = limit.get("minLength", limit.get("minimum", 0))
                assert (least, most) == (shortest, limit.get("maxLength", limit.get("maximum"))), (
                    record,
                    name,
                )

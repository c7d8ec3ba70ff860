"""Whatever an ad says, no format of it breaks out of its place."""

from __future__ import annotations

import json
from contextlib import suppress
from xml.etree.ElementTree import fromstring

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.campaigns import EventTracker
from models.markup.ad import MOST_BYTES, AdPicture, NotOfferedError
from models.markup.formats import FORMATS, markup, stored_markup
from models.markup.label import NoRoomForLabelError
from tests.models.markup.sample_ad import AD, REACTING, ad
from tests.models.markup.test_banner import check_page
from tests.models.markup.test_vast import check_vast, found

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "]]><Impression>https://evil.example</Impression><![CDATA[",
    "&lt;b&gt; &amp; &#0;",
    '{"a": "b"}</p>',
    "javascript:alert(1)",
    "\u202egnihtemos",
    "<!-- --!> <svg/onload=alert(1)>",
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))


@given(headline=TEXTS, description=TEXTS, cta=TEXTS, brand=TEXTS, label=TEXTS, lang=TEXTS)
@example(*([HOSTILE[2]] * 6))
def test_texts_stay_texts(
    headline: str, description: str, cta: str, brand: str, label: str, lang: str
) -> None:
    said = ad(headline=headline, description=description, cta=cta, brand=brand, label=label, lang=lang)
    try:
        page = check_page(markup("html", said))
    except NotOfferedError as refused:
        assert "control character" in str(refused)
        return
    assert "".join(text for tag, text in page.texts if tag == "b") == headline
    root = fromstring(markup("vast", said))
    check_vast(root)
    assert (found(root, "AdTitle")[0].text or "") == headline
    for name in ("native", "adcom", "search", "social"):
        with suppress(NoRoomForLabelError):
            assert not headline or json.loads(orjson.dumps(markup(name, said)))


BAD_LINKS = [
    "javascript:alert(1)",
    'https://shop.example/"onerror="x',
    "https://shop.example/<script>",
    "data:text/html,x",
    "//shop.example/",
    "https://user:pass@shop.example/",
    "https://shop.example/\nx",
]


@pytest.mark.parametrize("url", BAD_LINKS)
@pytest.mark.parametrize("name", FORMATS)
def test_an_address_that_no_ad_may_carry_leaves_in_no_format(name: str, url: str) -> None:
    for changed in (
        ad(link=url),
        ad(fallback_link=url),
        ad(picture=AdPicture(url)),
        ad(trackers=(EventTracker(2, 1, url),)),
        ad(click_trackers=(url,)),
        ad(click_macro=url),
    ):
        with pytest.raises(NotOfferedError):
            markup(name, changed)


@pytest.mark.parametrize("name", FORMATS)
def test_no_rendering_is_larger_than_caches_take(name: str) -> None:
    many = tuple(EventTracker(2, 1, f"https://t.example/{'x' * 1_900}{n}") for n in range(32))
    long = ad(slot="banner_300x250", trackers=many, description="y" * 2_000)
    try:
        made = markup(name, long)
    except NotOfferedError as refused:
        assert str(MOST_BYTES) in str(refused)
    else:
        assert len(orjson.dumps(made)) <= MOST_BYTES


def test_a_creative_carries_what_it_can_be_had_in() -> None:
    stored = stored_markup(["native", "html", "vast", "social", "unknown"], ad(clips=()))
    assert set(stored) == {"native", "html"}
    assert stored["native"] == markup("native", AD)


def test_adcom_keeps_its_own_names_and_numbers() -> None:
    made = markup("adcom", AD)
    assert made["display"]["event"][1] == {"type": 2, "method": 1, "url": AD.trackers[1].url}
    assert set(made["display"]["native"]["link"]) == {"url", "urlfb", "trkr"}
    assert made["display"]["native"]["asset"][0] == {"id": 1, "req": 1, "title": {"text": AD.headline}}
    banner = markup("adcom", ad(slot="banner_300x250"))["display"]
    assert (banner["ctype"], banner["w"], banner["h"]) == (1, 300, 250)
    assert banner["adm"] == markup("html", ad(slot="banner_300x250"))
    reacting = markup("adcom", ad(slot="banner_300x250", trackers=REACTING))["display"]
    for display in (banner, reacting):
        said = [(each["type"], each["method"]) for each in display["event"]]
        assert said[:4] == [(2, 2), (3, 1), (5, 1), (503, 1)], "the page calls the rest, or offers it"
        assert said[4:] == ([(512, 2)] if display is reacting else [])
    video = markup("adcom", ad(slot="video_16x9"))["video"]
    assert (video["ctype"], video["dur"]) == (13, 6)


def test_one_creative_says_the_same_in_every_channel() -> None:
    search, social = markup("search", ad(label="")), markup("social", ad(label=""))
    assert search["headlines"] == ["Boots for wet rock", "Stridewell", "Shop now"]
    assert search["descriptions"] == [AD.description, AD.headline] and not search["left_out"]
    assert social["primary_text"] == AD.description and social["headline"] == AD.headline
    long = markup("search", ad(headline="x" * 31))
    assert long["left_out"] == ["x" * 31] and long["missing"]["headlines"] == 1


def test_a_search_ad_is_put_together_from_all_copies_of_the_creative() -> None:
    also = tuple((f"Boots, the {n}th time", f"Said the {n}th time.") for n in range(14))
    made = markup("search", ad(label="", also=(("BOOTS FOR WET ROCK", "Grip that holds."), *also)))
    assert len(made["headlines"]) == 14, "one differed in capitals alone; the brand and the call have room"
    assert made["headlines"][:2] == [AD.headline, "Boots, the 0th time"]
    assert made["headlines"][-2:] == [AD.brand, AD.cta]
    assert made["descriptions"][:2] == [AD.description, "Grip that holds."] and len(made["descriptions"]) == 4
    assert made["missing"] == {"headlines": 0, "descriptions": 0}
    labelled = markup("search", ad(also=also))["descriptions"]
    assert len(labelled) == 4 and all(each.endswith(" · AI-generated") for each in labelled)
    with pytest.raises(NotOfferedError, match="control character"):
        markup("search", ad(also=(("a\x00", "b"),)))


def test_a_label_that_is_due_stands_in_search_and_social_ads_and_in_structured_native() -> None:
    search, social = markup("search", AD), markup("social", AD)
    assert search["descriptions"] == [f"{AD.description} · AI-generated", f"{AD.headline} · AI-generated"]
    assert social["primary_text"] == f"{AD.description} · AI-generated" and social["headline"] == AD.headline
    assets = markup("adcom", AD)["display"]["native"]["asset"]
    assert assets[-1] == {"id": 6, "req": 1, "data": {"type": 501, "value": "AI-generated"}}
    wordy = markup("social", ad(description="y" * 120))
    assert wordy["headline"] == f"{AD.headline} · AI-generated" and wordy["primary_text"] == "y" * 120
    full = ad(headline="x" * 80, description="y" * 120)
    for name in ("search", "social"):
        with pytest.raises(NoRoomForLabelError, match="AI-generated"):
            markup(name, full)


LEGAL = "While stocks last."


def test_a_legal_text_leaves_with_the_words_in_every_form_or_they_do_not_leave() -> None:
    said = f"{LEGAL} · AI-generated"
    assert ad(legal=LEGAL).must_say == said and ad(legal=LEGAL, label="").must_say == LEGAL
    assert markup("native", ad(legal=LEGAL))["assets"][-1]["data"]["value"] == said
    assert markup("adcom", ad(legal=LEGAL))["display"]["native"]["asset"][-1]["data"]["value"] == said
    assert f"{AD.brand} · {said}" in markup("html", ad(legal=LEGAL, slot="banner_300x250"))
    whole = ad(legal=LEGAL, slot="banner_300x250", picture=AdPicture("https://cdn.example/1.jpg", whole=True))
    assert said in markup("html", whole)
    assert markup("social", ad(legal=LEGAL))["primary_text"].endswith(said)
    search = markup("search", ad(legal=LEGAL, description="Boots that grip."))
    assert all(each.endswith(said) for each in search["descriptions"])


def test_a_slot_too_small_for_a_legal_text_gets_no_banner() -> None:
    for slot, width in (("banner_728x90", 30), ("banner_970x250", 100)):
        assert markup("html", ad(slot=slot, legal="x" * width))
        for longer in (
            ad(slot=slot, legal="x" * (width + 1)),
            ad(slot=slot, legal="x" * width, label="y" * 27),
        ):
            with pytest.raises(NoRoomForLabelError, match=f"holds {width + len(' · AI-generated')}"):
                markup("html", longer)

"""Links are judged where records come in: an item or campaign that no ad may carry is a dead letter."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import structs

from streams.records import Advertiser, Campaign, CatalogItem, ClickThrough, Pool, Record, SuppliedPicture
from streams.settings import Settings
from streams.topics import CAMPAIGN, CATALOG, TopicSpec
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Reason, Rejected

GOOD = "https://shop.example/1"


def _taken(spec: TopicSpec, record: Record, key: bytes, http_assets: bool = False) -> Record | None:
    limits = WireLimits.of(Settings(http_assets=http_assets))
    return decode(spec, msgspec.json.encode(record), key, [], 0, limits)


def _item(url: str = GOOD, *images: str) -> CatalogItem:
    return CatalogItem("i1", "Lamp", url, images=list(images))


def _campaign(domain: str, *images: str) -> Campaign:
    return Campaign("c1", 1, "active", Advertiser("Shop", [domain]), pool=Pool(images=list(images)))


def _clicked(macro: str) -> Campaign:
    return structs.replace(_campaign("shop.example"), click=ClickThrough(macro=macro))


@pytest.mark.parametrize(
    ("spec", "record", "field"),
    [
        (CATALOG, _item("javascript:alert(1)"), ".url"),
        (CATALOG, _item(GOOD, GOOD, "data:image/png;base64,AAAA"), ".images[1]"),
        (CATALOG, _item(GOOD, "http://shop.example/1.jpg"), ".images[0]"),
        (CATALOG, _item('https://shop.example/"onerror="x'), ".url"),
        (CAMPAIGN, _campaign("shop.example", "//shop.example/1.jpg"), ".pool.images[0]"),
        (CAMPAIGN, _campaign('shop.example/"x'), ".advertiser.adomain"),
        (CAMPAIGN, structs.replace(_campaign("shop.example"), logo="javascript:alert(1)"), ".logo"),
        (CAMPAIGN, structs.replace(_campaign("shop.example"), logo="http://shop.example/l.png"), ".logo"),
        (CAMPAIGN, _clicked("javascript:alert(1)//"), ".click.macro"),
        (CAMPAIGN, _clicked("https://evil.example/?"), ".click.macro"),
    ],
)
def test_a_bad_link_is_refused_by_its_field(spec: TopicSpec, record: Record, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        _taken(spec, record, b"i1" if spec is CATALOG else b"c1")
    assert (refused.value.reason, refused.value.stage) == (Reason.BAD_LINK, "validate")
    assert refused.value.message.startswith(f"{field} ")


def test_good_links_stand_and_plain_http_images_by_setting_alone() -> None:
    assert _taken(CATALOG, _item("http://shop.example/1", GOOD), b"i1") is not None
    assert _taken(CAMPAIGN, _campaign("shop.example", GOOD), b"c1") is not None
    assert _taken(CATALOG, _item(GOOD, "http://shop.example/1.jpg"), b"i1", http_assets=True) is not None
    logo = structs.replace(_campaign("shop.example"), logo="http://shop.example/logo.png")
    assert _taken(CAMPAIGN, logo, b"c1", http_assets=True) is not None
    for macro in ("", "${CLICK_URL}", "%%CLICK_URL_UNESC%%"):
        assert _taken(CAMPAIGN, _clicked(macro), b"c1") is not None


def test_a_described_picture_without_a_link_that_ads_may_carry_is_refused() -> None:
    pool = Pool(material=[SuppliedPicture("http://cdn.example/1.jpg")])
    with pytest.raises(Rejected, match=r"pool\.material\[0\]\.url"):
        _taken(CAMPAIGN, Campaign("c1", 1, "active", Advertiser("Shop", ["shop.example"]), pool=pool), b"c1")

"""Money that cannot be booked is a refusal of its record, whoever reads it, and never a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.money import LARGEST
from streams.columns.decoded import columns
from streams.columns.names import Cells
from streams.columns.scanning import campaigns_of
from streams.topics import BY_NAME, CONVERSION, IMPRESSION
from streams.wire.codecs import WireLimits, decode_batch
from streams.wire.refusals import Reason
from tests.streams.columns.test_scanning import CAMPAIGNS, ITEMS, NOW_MS, USER, Consumed, check


def booked(**said: Any) -> list[int] | str:
    """Value of a conversion in minor units, or why it is refused."""
    event = {"id": "o1", "ts": NOW_MS, "user": USER.decode(), "type": "purchase", "cur": "EUR"} | said
    decoded, refused = decode_batch(
        BY_NAME[CONVERSION.name], [Consumed(json.dumps(event).encode())], WireLimits()
    )
    assert not refused
    events, rejects = columns(
        CONVERSION.name, decoded, [5], [NOW_MS], ITEMS, Cells(), campaigns_of(CAMPAIGNS)
    )
    return rejects[0].reason if rejects else events["value_minor"].tolist()


def lines(n: int, price: float, qty: float = 1) -> list[dict[str, Any]]:
    return [{"item_id": f"i{k}", "qty": qty, "price": price} for k in range(n)]


@pytest.mark.parametrize("sign", [1, -1])
def test_money_of_one_conversion_is_bounded(sign: int) -> None:
    assert booked(value=sign * 1e10) == booked(items=lines(4, 2.5e9, sign)) == [sign * LARGEST]
    for beyond in (
        {"value": sign * 1.1e10},
        {"value": sign * 1e12},
        {"items": lines(1, 1e12, sign * 4e4)},
        {"items": lines(64, 1e12, sign * 4e4)},
        {"items": lines(64, 9e9, sign)},
    ):
        assert booked(**beyond) == Reason.NUMBER_RANGE


def test_the_kernel_takes_the_same_prices_of_impressions() -> None:
    base = {"id": "e1", "ts": NOW_MS, "user": USER.decode(), "creative_id": None}
    prices = [{"cpm": cpm, "cur": "EUR"} for cpm in (1_000_000_000, 1_000_000_001)]
    told = [Consumed(json.dumps(base | {"price": price}).encode()) for price in prices]
    assert check(IMPRESSION.name, told).tolist() == [True, False]

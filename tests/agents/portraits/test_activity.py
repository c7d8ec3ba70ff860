"""Which of the log portraits are made of: of users who agreed and did not take it back, each sale once."""

from __future__ import annotations

import numpy as np
import pytest

from agents.exposure_log.withdrawn import Withdrawn
from agents.portraits.activity import PROFILE, ActivityLog
from agents.portraits.publishing import portraits_of_log
from models.portrait.behaviour import Behaviours
from streams import records as r
from streams.topics import PRIVACY_REQUEST
from tests.models.small_catalogue import catalogue

HOUR_MS = 3_600_000
YES, NO = r.Explicit(profile=True), r.Explicit(profile=False)
CATALOG = catalogue()


def agreed(user: str = "u", explicit: r.Explicit = YES, ts: int = 0) -> r.Consent:
    return r.Consent(user=user, ts=ts, explicit=explicit)


def click(id: str, ts: int, user: str = "u", item: str = "i3", **device: object) -> r.Click:
    said = r.Device(**device) if device else None  # type: ignore[arg-type]
    return r.Click(id=id, ts=ts, user=user, item_id=item, device=said)


def sale(id: str, order: str | None, value: float, user: str = "u", cur: str = "EUR") -> r.Conversion:
    items = [r.ConversionItem("i3")]
    return r.Conversion(
        id=id, ts=9, user=user, type="purchase", value=value, cur=cur, order=order, items=items
    )


def activity(*records: r.Record, withdrawn: Withdrawn | None = None, default: bool = False) -> ActivityLog:
    log = ActivityLog(CATALOG.index, default, withdrawn or Withdrawn(PROFILE))
    for record in records:
        log.add(record)
    return log


def behaviours(*records: r.Record, withdrawn: Withdrawn | None = None) -> Behaviours:
    return activity(*records, withdrawn=withdrawn).behaviours(CATALOG)


def test_hours_are_those_of_the_users_place_and_the_newest_country_counts() -> None:
    found = behaviours(
        agreed(),
        click("a", 23 * HOUR_MS, devicetype=4, geo=r.Geo(country="FRA", utcoffset=120)),
        click("b", 25 * HOUR_MS, devicetype=2, geo=r.Geo(country="DEU", utcoffset=60)),
        click("c", 26 * HOUR_MS),
    )
    assert found.users == 1 and list(found.positives()) == [3]
    assert list(np.flatnonzero(found.around.hours[0])) == [1, 2]
    assert list(np.flatnonzero(found.around.devices[0])) == [1, 3]
    assert found.around.countries[found.around.country[0]] == "DEU"


def test_lines_of_an_order_are_one_sale_and_a_line_told_twice_counts_once() -> None:
    found = behaviours(
        agreed(), sale("1", "o1", 5), sale("2", "o1", 7.5), sale("2", "o1", 7.5), sale("3", None, 2)
    )
    assert (list(found.around.sales), list(found.around.spent_minor)) == ([2], [1_450])
    assert found.around.currency == "EUR"


def test_money_of_other_currencies_than_the_commonest_is_not_added() -> None:
    found = behaviours(
        agreed("a"), agreed("b"), agreed("c"),
        sale("1", "o1", 5, "a"), sale("2", "o2", 5, "b", "usd"), sale("3", "o3", 5, "c", "USD"),
    )  # fmt: skip
    assert found.around.currency == "USD" and list(found.around.spent_minor) == [0, 500, 500]


def test_users_without_the_purpose_are_left_out() -> None:
    assert activity(click("a", 1)).users() == 0
    assert activity(agreed(explicit=NO), click("a", 1), default=True).users() == 0
    assert activity(agreed(), click("a", 1), agreed(explicit=NO, ts=5)).users() == 0


def test_what_an_erased_user_did_before_is_not_read_even_after_he_agreed_again() -> None:
    withdrawn = Withdrawn(PROFILE)
    withdrawn.on_record(PRIVACY_REQUEST, "u", r.PrivacyRequest("p", "erasure", 5), (), 5_000)
    found = behaviours(
        agreed(ts=6_000),
        click("a", 4_000, devicetype=2),
        click("b", 7_000, devicetype=4),
        withdrawn=withdrawn,
    )
    assert list(found.ts) == [7_000] and list(np.flatnonzero(found.around.devices[0])) == [3]


def test_a_log_of_few_users_has_no_portraits() -> None:
    log = activity(agreed(), click("a", 1))
    assert portraits_of_log(log, CATALOG, 20) is None
    assert portraits_of_log(activity(), CATALOG, 20) is None


@pytest.mark.parametrize("users", [30])
def test_a_log_of_enough_users_has_portraits_in_the_catalogues_words(users: int) -> None:
    log = activity(
        *(agreed(f"u{n}") for n in range(users)),
        *(click(f"{n}-{k}", k * HOUR_MS, f"u{n}", f"i{24 * k + 3}") for n in range(users) for k in range(8)),
    )
    made = portraits_of_log(log, CATALOG, 20)
    assert made is not None and made.users == users and made.code_names == CATALOG.code_names
    assert sum(each.users for each in made.groups) <= users


def test_everything_that_was_bought_counts_once_and_returns_and_other_users_do_not() -> None:
    def order(id: str, ts: int, user: str, *items: tuple[str, float]) -> r.Conversion:
        lines = [r.ConversionItem(item, qty) for item, qty in items]
        return r.Conversion(id=id, ts=ts, user=user, type="purchase", items=lines)

    bought = activity(
        agreed("b"), agreed("a"), agreed("c", NO),
        order("1", 7, "b", ("i3", 1), ("i4", 2), ("i9", -1), ("gone", 1)), order("1", 7, "b", ("i3", 1)),
        order("2", 5, "b", ("i5", 1)), order("3", 1, "a", ("i6", 1)), order("4", 1, "c", ("i7", 1)),
        click("x", 2, "a", "i8"),
    ).bought()  # fmt: skip
    ids = [CATALOG.items[row].item_id for row in bought.item.tolist()]
    assert (bought.user.tolist(), ids) == ([0, 1, 1, 1], ["i6", "i5", "i3", "i4"])
    assert bought.ts.tolist() == [1, 5, 7, 7]
    assert not len(activity(agreed()).bought().user)

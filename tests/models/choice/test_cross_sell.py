"""What goes with what was taken is a candidate although it is not near, and says what it goes with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.catalog.complements import MOST, NOBODY
from models.catalog.version import Catalog
from models.choice.cross_sell import GOES_WITH, cross_sold, placed
from models.choice.matching import Match, Matcher, Query
from tests.models.choice.test_matching import NOW, campaign
from tests.models.small_catalogue import catalogue

TAKEN, OTHER, FAR = 5, 6, 11


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Items 11 and 12 go with item 5, item 11 also with item 6."""
    plain = catalogue()
    rows = np.full((len(plain.items), MOST), NOBODY, np.int32)
    shares = np.zeros((len(plain.items), MOST), np.float32)
    rows[TAKEN, :2], shares[TAKEN, :2] = (FAR, 12), (0.6, 0.2)
    rows[OTHER, 0], shares[OTHER, 0] = FAR, 0.1
    return replace(plain, complements=rows, complement_shares=shares)


def matched(catalog: Catalog, newest: tuple[int, ...], **fields: object) -> Match:
    query = Query(catalog.vectors[TAKEN], NOW, ("native",), wanted=catalog.vectors[[TAKEN]], newest=newest)
    found = Matcher(catalog, [campaign(**fields)]).match(query)
    assert isinstance(found, Match)
    return found


def test_each_complement_goes_with_what_says_most_for_it(catalog: Catalog) -> None:
    found = cross_sold(catalog, (OTHER, TAKEN))
    assert found.rows.tolist() == [FAR, 12]
    assert found.goes_with.tolist() == [TAKEN, TAKEN]
    assert found.shares.tolist() == pytest.approx([0.6, 0.2])
    assert cross_sold(catalog, (OTHER,)).goes_with.tolist() == [OTHER]
    assert not len(cross_sold(catalog, ()).rows) and not len(cross_sold(catalog, (FAR,)).rows)


def test_a_version_without_a_log_and_items_that_came_later_go_with_nothing(catalog: Catalog) -> None:
    cut = replace(catalog, complements=catalog.complements[:TAKEN])
    assert not len(cross_sold(cut, (TAKEN, len(catalog.items) - 1)).rows)
    shares, goes_with = placed(cross_sold(cut, (TAKEN,)), np.array([1, FAR]))
    assert shares.tolist() == [0, 0] and goes_with.tolist() == [NOBODY, NOBODY]


def test_what_goes_with_the_taken_is_a_candidate_although_others_are_nearer(catalog: Catalog) -> None:
    without, found = matched(catalog, ()), matched(catalog, (TAKEN,))
    assert FAR not in without.rows.tolist() and set(without.goes_with.tolist()) == {NOBODY}
    at = found.rows.tolist().index(FAR)
    assert found.goes_with[at] == TAKEN
    assert found.scores[at] >= GOES_WITH * 0.6 - 1e-6
    near = [row for row in found.rows.tolist() if row in without.rows.tolist()]
    assert near, "what is near stays beside it"


def test_what_a_campaign_does_not_advertise_is_none(catalog: Catalog) -> None:
    ids = tuple(f"i{n}" for n in range(60) if n != FAR)
    assert FAR not in matched(catalog, (TAKEN,), item_ids=ids).rows.tolist()


def test_of_campaigns_that_are_all_far_the_one_that_goes_with_the_taken_answers(catalog: Catalog) -> None:
    near = catalog.vectors @ catalog.vectors[TAKEN]
    other = next(row for row in range(len(near)) if row != FAR and near[FAR] < near[row] < 0.2)
    campaigns = [campaign("nearer", item_ids=(f"i{other}",)), campaign("goes-with", item_ids=(f"i{FAR}",))]
    matcher = Matcher(catalog, campaigns)

    def answers(newest: tuple[int, ...]) -> str:
        found = matcher.match(Query(catalog.vectors[TAKEN], NOW, ("native",), newest=newest))
        assert isinstance(found, Match)
        return found.campaign.campaign_id

    assert answers(()) == "nearer" and answers((TAKEN,)) == "goes-with"

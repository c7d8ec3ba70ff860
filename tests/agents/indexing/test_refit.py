"""A new version holds what a log of purchases says goes together, as every reader of the topic sees it."""

from __future__ import annotations

import numpy as np

from agents.commands.control.index_summary import index_summary
from agents.indexing.indexer import Indexer, in_order, refit
from models.catalog.complements import Bought
from models.choice.cross_sell import cross_sold
from streams.artifacts.kinds import artifact_key
from tests.models.small_catalogue import items

USERS = 12


def test_a_refit_publishes_what_is_bought_together() -> None:
    rows = {item.item_id: row for row, item in enumerate(in_order(items()))}
    lamp, bulb, others = rows["i0"], rows["i1"], [rows["i2"], rows["i3"]]
    pairs = [(lamp, bulb)] * USERS + [(others[0],), (others[1],)] * USERS
    sold = [(user, row, at) for user, basket in enumerate(pairs) for at, row in enumerate(basket)]
    user, row, ts = np.array(sold, np.int64).T
    indexer = Indexer()
    for record in refit(items(), None, None, bought=Bought(user, row, ts)):
        indexer.reader.apply(artifact_key(record), record)
    catalog = indexer.reader.catalog
    assert index_summary(indexer)["complemented"] == 2
    assert catalog is not None
    assert cross_sold(catalog, (lamp,)).rows.tolist() == [bulb]
    assert cross_sold(catalog, (bulb,)).goes_with.tolist() == [bulb]
    assert not len(cross_sold(catalog, others).rows)

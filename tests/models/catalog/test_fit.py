from __future__ import annotations

from models.catalog.fit import LEAST_FIT, fitting_interests, interest_fit
from tests.agents.creatives.generation_fixtures import catalog


def test_an_interest_is_named_beside_an_item_it_has_to_do_with() -> None:
    shelf = catalog()
    assert interest_fit(shelf, 1, "footwear") > LEAST_FIT > interest_fit(shelf, 1, "lamps")
    assert interest_fit(shelf, 0, "an interest of an older version") == -1
    assert fitting_interests(shelf, 1, ("lamps", "footwear", "gone")) == ("footwear",)
    assert fitting_interests(shelf, 2, ("lamps", "footwear", "gone")) == ("lamps",)

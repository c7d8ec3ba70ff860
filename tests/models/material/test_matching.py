"""Which picture suits an item."""

from __future__ import annotations

import pytest

from models.campaigns import SuppliedPicture
from models.item import Item
from models.material.matching import suited
from models.material.words import common, picture_words_of, words_of_address

SHOE = Item("i1", "Red running shoes", "https://shop.example/1", "shoes", ("footwear",))
KETTLE = Item("i2", "Steel kettle", "https://shop.example/2", "kettle", ("kitchen",))


def _picture(url: str, caption: str = "", **more: object) -> SuppliedPicture:
    return SuppliedPicture(f"https://cdn.example/{url}", caption, **more)  # type: ignore[arg-type]


def _best(pictures: list[SuppliedPicture], item: Item = SHOE, tone: str = "friendly") -> str:
    found = suited(tuple(pictures), (), item, tone)
    return found[0].url.rsplit("/", 1)[-1] if found else ""


def test_file_names_alone_tell_which_picture_is_of_the_item() -> None:
    names = ("a-kettle", "running_shoe-02", "IMG_1")
    addresses = tuple(f"https://cdn.example/{each}.jpg" for each in names)
    assert [suited((), addresses, item, "")[0].url for item in (SHOE, KETTLE)] == [addresses[1], addresses[0]]


def test_where_names_do_not_tell_the_first_stays_the_first() -> None:
    addresses = ("https://cdn.example/IMG_2.jpg", "https://cdn.example/IMG_1.jpg")
    assert suited((), addresses, SHOE, "")[0].url == addresses[0]


def test_what_the_advertiser_states_decides() -> None:
    pictures = [_picture("words", "red running shoes"), _picture("stated", "a park", item_ids=("i1",))]
    assert _best(pictures) == "stated"
    assert _best(pictures[1:], KETTLE) == ""


def test_a_described_picture_is_not_shown_for_others_because_its_address_is_listed_too() -> None:
    picture = _picture("shoe", item_ids=("i1",))
    assert [len(suited((picture,), (picture.url,), item, "")) for item in (SHOE, KETTLE)] == [1, 0]


def test_a_picture_of_something_else_is_not_shown_and_a_general_one_is() -> None:
    assert _best([_picture("shoe", "red running shoes")], KETTLE) == ""
    assert _best([_picture("shoe", "red running shoes"), _picture("any")], KETTLE) == "any"
    assert _best([_picture("pan", "", categories=("kitchen",))], SHOE) == ""
    assert _best([_picture("pan", "", categories=("kitchen",))], KETTLE) == "pan"


def test_the_colour_of_the_title_settles_what_words_leave_open() -> None:
    pictures = [
        _picture("blue", "running shoes", colours=("#2458c8", "#ffffff")),
        _picture("red", "running shoes", colours=("#c8232a",)),
    ]
    assert _best(pictures) == "red"
    assert "its colour" in suited(tuple(pictures), (), SHOE, "")[0].why


def test_a_picture_that_speaks_well_comes_before_one_that_does_not() -> None:
    pictures = [_picture("sad", "shoes", sentiment=-0.5), _picture("glad", "shoes", sentiment=0.5)]
    assert _best(pictures) == "glad"


def test_an_encoder_finds_what_no_word_says() -> None:
    pictures = [_picture("park", "on the move", near=(("i1", 0.8),)), _picture("other", "on the move")]
    assert _best(pictures) == "park"
    assert suited(tuple(pictures), (), SHOE, "")[0].why == "near by encoder 0.80"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("shoes", "shoe", True), ("car", "carpet", False), ("Schuhe", "schuh", True), ("台灯", "台灯罩", True)],
)
def test_endings_do_not_part_words(one: str, other: str, same: bool) -> None:
    assert bool(common(picture_words_of(one), picture_words_of(other))) is same


def test_a_file_name_is_read_as_words() -> None:
    assert words_of_address("https://cdn.example/p/red%20shoe_2.jpg?w=3") == "red shoe"


def test_of_pictures_of_an_item_the_one_that_answers_the_interest_is_shown() -> None:
    """It settles what the item leaves open, and makes no picture one of the item."""
    road = _picture("road.jpg", "Shoes on a city street", item_ids=("i1",))
    trail = _picture("trail.jpg", "Shoes on a hiking trail", item_ids=("i1",))
    other = _picture("camp.jpg", "A hiking tent on a trail")
    pictures = (road, trail, other)
    assert [each.url for each in suited(pictures, (), SHOE, "", ("outdoor.hiking",))] == [trail.url, road.url]
    assert [each.url for each in suited(pictures, (), SHOE, "", ("city.street",))] == [road.url, trail.url]
    assert suited(pictures, (), SHOE, "", ("outdoor.hiking",))[0].why == "of this item; the interest"

from __future__ import annotations

import pytest

from models.brief.brief import Brief, Copy
from models.corpus.shipped import shipped_ads
from models.reading.known import BAD, GOOD, known_pieces
from models.reading.scoring import difference, scored, share_interval
from models.reading.sheet import Piece, ReaderMark, blind

BRIEF = Brief("r", "c", "text", "Marrow", "Stoneware Mug", "mug", weekday="monday", text="Holds 350 ml.")
PIECES = [Piece("model", BRIEF, Copy(f"Mug {number}", "Holds tea.", "Shop now")) for number in range(40)]
ADS = [(ad.brief, ad.copy) for ad in shipped_ads() if ad.brief.locale == "en" and ad.moment_told]


def test_a_sheet_tells_a_reader_nothing_of_the_sources() -> None:
    known = known_pieces(ADS, 20, 1)
    entries, secrets = blind([*PIECES, *known], 7)
    assert [entry.id for entry in entries] == [secret.id for secret in secrets]
    assert len({entry.id for entry in entries}) == 80
    assert not {"source", "publishable"} & set(entries[0].__struct_fields__)
    places = [at for at, secret in enumerate(secrets) if secret.piece.publishable is None]
    assert places != list(range(min(places), min(places) + 40))
    assert (
        "about it: Holds 350 ml." in entries[places[0]].brief and "moment: monday" in entries[places[0]].brief
    )
    assert blind([*PIECES, *known], 7) == (entries, secrets)


def test_hidden_ones_are_of_different_items_and_spoilt_plainly() -> None:
    known = known_pieces(ADS, 20, 3)
    assert [piece.publishable for piece in known] == [True] * 20 + [False] * 20
    assert {piece.source for piece in known} == {GOOD, BAD}
    assert len({piece.brief.title for piece in known}) == 40
    written = {(brief.title, copy.headline, copy.description) for brief, copy in ADS}
    assert all(
        ((piece.brief.title, piece.copy.headline, piece.copy.description) in written) is piece.publishable
        for piece in known
    )
    for piece in known[21::4]:  # a half of a short ad may be a whole one: it ends inside a word
        whole = [copy.description for brief, copy in ADS if brief.title == piece.brief.title]
        begun = piece.copy.description
        assert any(each.startswith(begun) and each[len(begun) :][:1].isalnum() for each in whole), begun
    with pytest.raises(ValueError, match="too few for 40 hidden"):
        known_pieces(ADS[:30], 20, 3)


def test_a_reading_counts_only_if_it_tells_the_hidden_ones_apart() -> None:
    _, secrets = blind([*PIECES, *known_pieces(ADS, 10, 1)], 7)
    truth = {secret.id: secret.piece.publishable for secret in secrets}
    careful = [ReaderMark(each, known is not False) for each, known in truth.items()]
    found = scored(secrets, careful)
    assert found.counts and found.publishable["model"][:2] == (40, 40)
    careless = scored(secrets, [ReaderMark(each, True) for each in truth])
    assert not careless.counts and careless.good_right.value == 1 and careless.bad_right.value == 0


def test_what_a_reader_left_out_is_counted_and_strange_marks_are_refused() -> None:
    _, secrets = blind(PIECES, 7)
    assert scored(secrets, [ReaderMark(secrets[0].id, False, "nonsense")]).missing == 39
    assert scored(secrets, [ReaderMark(secrets[0].id, False, "nonsense")]).reasons == {"nonsense": 1}
    with pytest.raises(ValueError, match="is no entry of this sheet"):
        scored(secrets, [ReaderMark("strange", True)])
    with pytest.raises(ValueError, match="marked twice"):
        scored(secrets, [ReaderMark(secrets[0].id, True), ReaderMark(secrets[0].id, False)])


def test_intervals_are_those_of_wilson_and_newcombe() -> None:
    share = share_interval(81, 263)  # the worked example of Newcombe (1998), "Two-sided confidence intervals"
    assert (share.low, share.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert share_interval(0, 0)[2:] == (0.0, 1.0)
    gap = difference(share_interval(56, 70), share_interval(48, 80))  # his example for two shares, method 10
    assert gap == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)

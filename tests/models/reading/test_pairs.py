from __future__ import annotations

import pytest

from models.brief.brief import Brief, Copy
from models.corpus.shipped import shipped_ads
from models.reading.pairs import CopyPair, ReaderPreference, Taken, blind_pairs, hidden_pairs, scored_pairs

BRIEF = Brief("r", "c", "text", "Marrow", "Stoneware Mug", "mug", text="Holds 350 ml.")
PAIRS = [
    CopyPair(
        "model live",
        BRIEF,
        Copy(f"Mug {n}", "Holds tea.", "Shop now"),
        Copy(f"Cup {n}", "See it.", "Shop now"),
    )
    for n in range(20)
]
GOOD = [(ad.brief, ad.copy) for ad in shipped_ads() if ad.brief.locale == "en"]
OF_TEN_ITEMS = list({brief.title: (brief, copy) for brief, copy in GOOD}.values())[:10]


def test_a_sheet_of_pairs_tells_nothing_and_each_side_is_the_models_as_often() -> None:
    entries, secrets = blind_pairs([*PAIRS, *hidden_pairs(OF_TEN_ITEMS, 1)], 3)
    assert [each.id for each in entries] == [each.id for each in secrets]
    assert len({each.id for each in entries}) == 30
    assert set(entries[0].__struct_fields__) == {"id", "brief", "A", "B"}
    assert sum(each.one == "A" for each in secrets) == 15
    for entry, secret in zip(entries, secrets, strict=True):
        shown = entry.A if secret.one == "A" else entry.B
        assert shown.headline == secret.pair.one.headline
    assert blind_pairs(PAIRS, 3) == blind_pairs(PAIRS, 3) != blind_pairs(PAIRS, 4)


def test_the_spoilt_twin_of_a_hidden_pair_is_another_copy_for_the_same_item() -> None:
    pairs = hidden_pairs(OF_TEN_ITEMS, 1)
    assert all(pair.hidden and pair.one != pair.other for pair in pairs)
    assert [(pair.brief, pair.one) for pair in pairs] == OF_TEN_ITEMS


def test_a_tie_is_half_a_win_and_a_reader_who_takes_spoilt_copy_does_not_count() -> None:
    _, secrets = blind_pairs([*PAIRS, *hidden_pairs(OF_TEN_ITEMS, 1)], 3)
    real = [each.id for each in secrets if not each.pair.hidden]

    def mark(number: int, one: str, hidden: bool, careful: bool) -> Taken:
        other: Taken = "B" if one == "A" else "A"
        mine: Taken = "A" if one == "A" else "B"
        if hidden:
            return mine if careful else other
        return "tie" if number < 6 else mine if number < 16 else other

    def marks(careful: bool) -> list[ReaderPreference]:
        return [
            ReaderPreference(
                each.id,
                mark(real.index(each.id) if each.id in real else 0, each.one, each.pair.hidden, careful),
            )
            for each in secrets
        ]

    found = scored_pairs(secrets, marks(careful=True))
    share = found.preferred["model live"]
    assert (share.hits, share.of, found.ties, found.missing) == (13, 20, 6, 0)
    assert share.low == pytest.approx(0.433, abs=0.001) and share.high == pytest.approx(0.819, abs=0.001)
    assert found.counts and found.hidden_right[:2] == (10, 10)
    assert not scored_pairs(secrets, marks(careful=False)).counts


def test_marks_of_another_sheet_and_twice_the_same_pair_are_refused() -> None:
    _, secrets = blind_pairs(PAIRS, 3)
    assert scored_pairs(secrets, [ReaderPreference(secrets[0].id, "tie")]).missing == 19
    with pytest.raises(ValueError, match="is no pair of this sheet"):
        scored_pairs(secrets, [ReaderPreference("strange", "A")])
    with pytest.raises(ValueError, match="marked twice"):
        scored_pairs(secrets, [ReaderPreference(secrets[0].id, "A"), ReaderPreference(secrets[0].id, "B")])

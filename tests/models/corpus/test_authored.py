"""The ads that people wrote: each fits its slot, says nothing twice, and can be trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from models.brief.brief import GOALS, LIMITS, STYLES, TONES
from models.corpus.authored import AuthoredAd, AuthoredLine, briefs_of
from models.text.graphemes import shown_width
from models.training.supervised import read_examples

FOLDER = Path(__file__).resolve().parents[3] / "models" / "corpus" / "ads"
FILES = sorted(path for path in FOLDER.glob("*.jsonl") if path.stem != "rejected")


def lines_of(path: Path) -> list[AuthoredLine]:
    return [msgspec.json.decode(line, type=AuthoredLine) for line in path.read_bytes().splitlines()]


def too_long(ad: AuthoredAd) -> list[str]:
    """Fields of an ad that its slot has no room for."""
    limits = LIMITS[ad.slot]
    return [
        name
        for name in ("headline", "description", "cta")
        if shown_width(getattr(ad, name)) > getattr(limits, name)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_ad_fits_and_is_its_own(path: Path) -> None:
    ads = [ad for line in lines_of(path) for ad in line.ads]
    wrong = [
        (ad.headline, too_long(ad))
        for ad in ads
        if too_long(ad) or ad.style not in STYLES or ad.tone not in TONES or ad.goal not in GOALS
    ]
    assert not wrong
    assert [text for text, count in Counter(ad.headline for ad in ads).items() if count > 1] == []


def test_the_lines_are_data_to_train_on() -> None:
    data = (FOLDER / "en-goods.jsonl").read_bytes().splitlines()
    pairs = read_examples(data, "en-goods.jsonl")
    assert len(pairs) == sum(len(line.ads) for line in lines_of(FOLDER / "en-goods.jsonl"))
    assert {brief.locale for brief, _ in pairs} == {"en"}
    assert len({brief.request_id for brief, _ in pairs}) == len(pairs)


def test_a_line_says_price_moment_and_interest() -> None:
    line = msgspec.json.decode(
        b'{"locale":"de","item":{"title":"Lampe","cat":["haus","licht"],"price":12.5,"cur":"EUR"},'
        b'"facts":["A"],'
        b'"ads":[["native","scene","calm","clicks","lesen","friday evening",'
        b'"Abends hell","Eine Lampe.","Mehr"]]}',
        type=AuthoredLine,
    )
    ((brief, copy),) = briefs_of(line, "x")
    assert (brief.price_minor, brief.currency, brief.category) == (1250, "EUR", "haus.licht")
    assert (brief.daypart, brief.weekday, brief.interest) == ("evening", "friday", ("lesen",))
    assert (brief.facts, copy.cta, brief.ctas) == (("A",), "Mehr", ("Mehr",))

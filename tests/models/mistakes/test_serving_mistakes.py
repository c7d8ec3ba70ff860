"""How creatives of a campaign leave: what would silently leave none is named."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from models.mistakes.campaign import campaign_mistakes
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS


def found(**changes: Any) -> dict[str, str]:
    campaign = dataclasses.replace(CAMPAIGN, **changes)
    return {each.where: str(each) for each in campaign_mistakes(campaign, None, NOW_MS)}


def test_what_is_right_is_not_named() -> None:
    right = found(render=("native", "vast"), click_macro="%%CLICK_URL_UNESC%%", cpm=1.2, cpm_currency="EUR")
    said = found(
        legal=(("en", "x" * 45), ("de", "Nur hier.")), slots=("banner_300x250",), locales=("de-AT", "en")
    )
    assert not {where for where in said if where.startswith("legal")}
    assert not {where for where in right if where.partition(".")[0].startswith(("render", "click", "bid"))}


@pytest.mark.parametrize(
    ("changes", "where", "meant"),
    [
        ({"render": ("vasst",)}, "render[0]", "vast"),
        ({"click_macro": "{click}"}, "click.macro", "${CLICK_URL}"),
        ({"cpm": 0.0, "cpm_currency": "EUR"}, "bid.cpm", "above 0"),
        ({"cpm": 1.0, "cpm_currency": "EURO"}, "bid.cur", "EUR"),
        ({"legal": (("german", "Nur hier."),)}, "legal.german", "de"),
        ({"legal": (("en", "x" * 46),), "slots": ("banner_300x250", "native")}, "legal.en", "at most 45"),
        ({"legal": (("ga", "x" * 31),), "slots": ("banner_300x250",)}, "legal.ga", "at most 30"),
        ({"legal": (("en", ""),)}, "legal.en", "is empty"),
        ({"legal": (("en", "Cures cancer. Money back!"),)}, "legal.en", "which review refuses"),
        ({"legal": (("en", "Here only."),), "locales": ("en", "de-AT")}, "legal", '"de-AT"'),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(changes: dict[str, Any], where: str, meant: str) -> None:
    assert meant in found(**changes)[where]

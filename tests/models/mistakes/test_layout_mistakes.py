"""How pictures are laid out: SVGs that are no layouts, names that no layout has."""

from __future__ import annotations

import dataclasses

from models.campaigns import PictureLayout
from models.mistakes.campaign import campaign_mistakes
from tests.agents.creatives.generation_fixtures import CAMPAIGN, NOW_MS
from tests.models.scene.test_artwork import ART, BOXES, SLOT, svg


def found(layout: str, *own: PictureLayout) -> dict[str, str]:
    first = dataclasses.replace(CAMPAIGN.templates[0], slot=SLOT, layout=layout)
    campaign = dataclasses.replace(CAMPAIGN, templates=(first,), slots=(), layouts=own)
    said = campaign_mistakes(campaign, None, NOW_MS)
    return {each.where: str(each) for each in said if "layout" in each.where}


def test_what_is_right_is_not_named() -> None:
    assert found("ours", PictureLayout("ours", SLOT, svg())) == found("shelf") == found("") == {}


def test_mistakes_are_named_with_what_was_meant() -> None:
    assert (
        "<script>"
        in found("ours", PictureLayout("ours", SLOT, svg(ART + BOXES + "<script/>")))["layouts[0].svg"]
    )
    assert "shelf" in found("shelff")["templates[0].layout"]
    assert "no template" in found("", PictureLayout("ours", SLOT, svg()))["layouts[0].layout_id"]
    assert "every campaign" in found("shelf", PictureLayout("shelf", SLOT, svg()))["layouts[0].layout_id"]
    assert "banner_300x250" in found("", PictureLayout("ours", "banner_300x20", svg()))["layouts[0].slot"]
    twice = [PictureLayout("ours", SLOT, svg())] * 2
    assert "again" in found("ours", *twice)["layouts[1].layout_id"]

"""Mistakes in how a campaign's pictures are laid out."""

from __future__ import annotations

from collections.abc import Iterator

from models.campaigns import Campaign
from models.mistakes.mistake import Mistake, cited, one_of, twice
from models.scene.artwork import artwork_faults
from models.scene.layouts import layouts


def layout_mistakes(campaign: Campaign) -> Iterator[Mistake]:
    """SVGs that are no layouts, and names that no layout has."""
    drawn = {slot: [each.name for each in layout.variant] for slot, layout in layouts().items()}
    yield from twice(
        lambda at: f"layouts[{at}].layout_id",
        (each.layout_id for each in campaign.layouts),
        "templates cannot tell which is meant",
    )
    for at, each in enumerate(campaign.layouts):
        if each.slot not in drawn:
            yield from one_of(f"layouts[{at}].slot", each.slot, drawn)
            continue
        if each.layout_id in drawn[each.slot]:
            what = f"is {cited(each.layout_id)}, as one that every campaign has: templates get this one"
            yield Mistake(f"layouts[{at}].layout_id", "warning", what, "another name")
        for fault in artwork_faults(each.svg, each.slot):
            yield Mistake(f"layouts[{at}].svg", "error", fault)
        if not any(t.layout == each.layout_id and t.slot == each.slot for t in campaign.templates):
            what = f"is {cited(each.layout_id)}, which no template of slot {cited(each.slot)} names"
            yield Mistake(f"layouts[{at}].layout_id", "warning", what)
    for at, template in enumerate(campaign.templates):
        if template.layout:
            own = [each.layout_id for each in campaign.layouts if each.slot == template.slot]
            yield from one_of(
                f"templates[{at}].layout", template.layout, [*drawn.get(template.slot, []), *own]
            )

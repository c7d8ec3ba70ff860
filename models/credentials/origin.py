"""Where what a file shows comes from, in the terms of the IPTC, from what stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ALGORITHMIC: Final = "algorithmicMedia"
"""Made by a program by rules: no model that was trained on others' works had a part in it."""
COMPOSITE: Final = "composite"
"""Of several elements, here what a program draws and a picture that somebody supplied."""
COMPOSITE_BY_MODEL: Final = "compositeWithTrainedAlgorithmicMedia"
_BY_MODEL: Final = {
    "trained_algorithmic_media": "trainedAlgorithmicMedia",
    "composite_with_trained_algorithmic_media": COMPOSITE_BY_MODEL,
}


@dataclass(frozen=True, slots=True)
class FileContent:
    """What stands in a file beside what a program draws by rules. `worded`: the copy of its creative,
    `generated`: a ground that a model painted, `supplied`: pictures of the advertiser's, as `photo NAME`."""

    worded: bool
    generated: bool = False
    supplied: tuple[str, ...] = ()


def origin_of(declared: str, shown: FileContent) -> str:
    """The IPTC's term; `declared`: the digital source type of the creative's copy. Words or a ground of a
    model make it one of its composites, a person's words leave it what the rest is."""
    term = _BY_MODEL.get(declared, "") if shown.worded else ""
    if shown.generated or (term and shown.supplied):
        return COMPOSITE_BY_MODEL
    return term or (COMPOSITE if shown.supplied else ALGORITHMIC)


def is_by_model(origin: str) -> bool:
    """Whether a model had a part in it, by its term."""
    return origin in _BY_MODEL.values()

"""Where what a file shows comes from, in the terms of the IPTC, from what its creative declares of itself."""

from __future__ import annotations

from typing import Final

IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ALGORITHMIC: Final = "algorithmicMedia"
"""Made by a program by rules: no model that was trained on others' works had a part in it."""
_BY_MODEL: Final = {
    "trained_algorithmic_media": "trainedAlgorithmicMedia",
    "composite_with_trained_algorithmic_media": "compositeWithTrainedAlgorithmicMedia",
}


def origin_of(declared: str, worded: bool) -> str:
    """The IPTC's term for a file that is drawn by rules; `declared`: the digital source type of its
    creative's copy, `worded`: whether the file shows that copy. Words of a model make it a composite; a
    person's words, or none, leave it what it is."""
    return _BY_MODEL.get(declared, ALGORITHMIC) if worded else ALGORITHMIC

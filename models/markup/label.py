"""The label of a model's copy in forms that are text alone: where it is due it leaves with the words, or they
do not leave in that form."""

from __future__ import annotations

from typing import Final

from models.markup.ad import NotOfferedError

LABEL_DATA: Final = 501
"""Our data type of a label: Native 1.2 and AdCOM 1.0 have none, and leave 500 and more to agreement."""


class NoRoomForLabelError(NotOfferedError):
    """The label that is due would not be seen in this form."""


def with_label(text: str, label: str) -> str:
    """A text with its label behind it; a label that is not due is ''."""
    return " · ".join(each for each in (text, label) if each)

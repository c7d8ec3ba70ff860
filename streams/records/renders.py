"""What the renderer is asked for."""

from __future__ import annotations

from streams.records.base import Name, Names, Record
from streams.records.creatives import Creative


class Look(Record):
    """What the creative itself does not say: the brand's colours, words for the thing, most telling first,
    and what it costs as text."""

    colours: Names = []
    subject: Names = []
    price: Name = ""


class RenderRequest(Record):
    """A creative that is out, to be published again with a picture of its own."""

    creative: Creative
    look: Look = Look()

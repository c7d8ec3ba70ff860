"""What the renderer is asked for."""

from __future__ import annotations

from streams.records.base import Name, Names, Record, Svg, Title, Url
from streams.records.creatives import Creative


class Look(Record):
    """What the creative itself does not say: the brand's colours, words for the thing, most telling first,
    what it costs as text, where its photo and the brand's logo are had, how the picture is laid out (by
    a variant of the slot's layout, or by the advertiser's SVG), and the thing's own title."""

    colours: Names = []
    subject: Names = []
    price: Name = ""
    photo: Url = ""
    logo: Url = ""
    layout: Name = ""
    svg: Svg = ""
    title: Title = ""


class RenderRequest(Record):
    """A creative that is out, to be published again with a picture of its own. `render`: the formats that its
    campaign wants it to carry ready-made, of which it may carry more once it has its picture or clip."""

    creative: Creative
    look: Look = Look()
    seen: Names = []  # perceptual hashes of the user's last pictures, newest last: this one should differ
    render: Names = []

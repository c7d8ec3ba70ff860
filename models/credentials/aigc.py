"""The metadata label that China asks for of what is made with a model, beside the one that is seen: the field
AIGC of GB 45438-2025, Annex E, in XMP as TC260-PG-20252A shows it for pictures.

Known from how tools write and read it; the texts of both were not at hand. Not verified: what the guide for
video asks of MP4 (here the same XMP), and the form of a producer's code. Left empty are the reserved fields,
in which producer and propagator may sign, and those of the propagator, who fills them.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

import orjson

NAMESPACE: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"
MADE_BY_MODEL: Final = "1"
"""2 would be: it may be, 3: it is suspected."""


@dataclass(frozen=True, slots=True)
class AigcLabel:
    """`producer`: name or code of the service that made it, `produce_id`: its own number of the content."""

    producer: str
    produce_id: str

    def element(self) -> str:
        """The property of XMP; its prefix stands for NAMESPACE."""
        said = {
            "Label": MADE_BY_MODEL,
            "ContentProducer": self.producer,
            "ProduceID": self.produce_id,
            "ReservedCode1": "",
            "ContentPropagator": "",
            "PropagateID": "",
            "ReservedCode2": "",
        }
        text = escape(orjson.dumps(said).decode())
        return f"<TC260:AIGC>{text}</TC260:AIGC>"

"""What a generator follows, read once for all checks."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.creatives.declarations import Declarations
from agents.creatives.reference import GENERATOR_FOLLOWS, GeneratorReference
from streams.broker.reading import read_records
from streams.settings import Settings
from streams.topics import CAMPAIGN


@dataclass
class Followed:
    """Everything a generator knows after its start, and the newest record of each campaign as it was sent
    (JSON, append time), oldest first."""

    reference: GeneratorReference
    campaigns: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)


async def read_followed(settings: Settings) -> Followed:
    """One reading of each topic; what would be refused is left out."""
    reference = GeneratorReference(Declarations.of(settings))
    found = Followed(reference)
    async for spec, raw, record in read_records(settings, GENERATOR_FOLLOWS):
        found.reference.on_record(spec, raw.key.decode(), record, raw.headers, raw.timestamp)
        if spec is CAMPAIGN:
            found.campaigns.pop(raw.key, None)
            if record is not None:
                found.campaigns[raw.key] = raw.value, raw.timestamp
    return found

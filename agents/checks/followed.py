"""What a generator follows, read once for all checks."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.creatives.declarations import Declarations
from agents.creatives.reference import GENERATOR_FOLLOWS, GeneratorReference
from streams.broker.follow import read_topics
from streams.settings import Settings
from streams.topics import CAMPAIGN
from streams.wire.codecs import WireLimits, decode
from streams.wire.refusals import Rejected


@dataclass
class Followed:
    """Everything a generator knows after its start, and the newest record of each campaign as it was sent
    (JSON, append time), oldest first."""

    reference: GeneratorReference
    campaigns: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)


async def read_followed(settings: Settings) -> Followed:
    """One reading of each topic; what would be refused is left out."""
    reference = GeneratorReference(Declarations.of(settings))
    found, specs = Followed(reference), {spec.name: spec for spec in GENERATOR_FOLLOWS}
    async for raw in read_topics(settings, list(specs)):
        spec = specs[raw.topic]
        try:
            record = decode(spec, raw.value, raw.key, raw.headers, raw.timestamp, WireLimits())
        except Rejected:
            continue
        found.reference.on_record(spec, raw.key.decode(), record, raw.headers, raw.timestamp)
        if spec is CAMPAIGN:
            found.campaigns.pop(raw.key, None)
            if record is not None:
                found.campaigns[raw.key] = raw.value, raw.timestamp
    return found

"""What decoding costs per event, all limits checked: one process, batches of 500, best of several rounds.

python tests/bench/stream/bench_codecs.py [--short]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka.structs import ConsumerRecord

from streams.topics import BEHAVIOR, CLICK, CONVERSION, IMPRESSION, TopicSpec
from streams.wire.codecs import WireLimits, decode_batch, headers, record_key_of

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "wire"
NOW_MS: Final = 1_795_291_200_000
BATCH: Final = 500


def batch(spec: TopicSpec, with_headers: bool) -> list[Any]:
    """BATCH records of one topic, every field set."""
    value = (GOLDEN / f"{spec.name}.0.json").read_bytes()
    assert spec.record is not None
    key = record_key_of(spec, msgspec.json.decode(value, type=spec.record))
    about = tuple(headers(spec.ce_type, "event-1", NOW_MS)) if with_headers else ()
    return [ConsumerRecord(spec.name, 0, i, NOW_MS, 1, key, value, None, 0, 0, about) for i in range(BATCH)]


def us_per_event(spec: TopicSpec, records: list[Any], rounds: int) -> float:
    """Best round in microseconds of CPU per event."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(20):
            _decoded, rejects = decode_batch(spec, records, WireLimits())
        best = min(best, (time.process_time() - start) / 20 / BATCH * 1e6)
        assert not rejects
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    rounds = 5 if parser.parse_args().short else 30
    figures: dict[str, float] = {}
    print(f"{'topic':24} {'bytes':>6} {'us/event':>9} {'with headers':>13}")
    for spec in (IMPRESSION, CLICK, CONVERSION, BEHAVIOR):
        plain = us_per_event(spec, batch(spec, with_headers=False), rounds)
        full = us_per_event(spec, batch(spec, with_headers=True), rounds)
        figures[spec.entity] = round(plain, 3)
        figures[f"{spec.entity}_with_headers"] = round(full, 3)
        print(f"{spec.name:24} {len(batch(spec, False)[0].value):>6} {plain:>9.2f} {full:>13.2f}")
    print(json.dumps({"decode_us_per_event": figures}))


if __name__ == "__main__":
    main()

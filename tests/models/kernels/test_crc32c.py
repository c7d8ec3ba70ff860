"""The checksum by instruction is the one by table."""

from __future__ import annotations

import random

import pytest
from aiokafka.record.util import calc_crc32c

from models.kernels.crc32c import BY_INSTRUCTION

if not BY_INSTRUCTION:
    pytest.skip("kernels are not compiled for a processor that has the instruction", allow_module_level=True)

from models.kernels.crc32c import crc32c


def test_published_check_value() -> None:
    assert crc32c(memoryview(b"123456789")) == 0xE3069283


def test_every_length_and_place() -> None:
    data = random.Random(3).randbytes(4_200)
    for length in (*range(1, 70), 1_000, 4_096):
        for start in range(9):
            part = memoryview(data)[start : start + length]
            assert crc32c(part) == calc_crc32c(bytes(part)), (length, start)

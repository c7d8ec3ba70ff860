from __future__ import annotations

import numpy as np
import pytest

from models.segments import context_cell, segment_name, segment_of


def test_a_vector_belongs_to_the_nearest_segment() -> None:
    segments = np.eye(4, dtype=np.float32)
    assert segment_name(segment_of(np.array([0.1, 0.2, 0.9, 0.3], np.float32), segments)) == "k02"


@pytest.mark.parametrize(
    ("device", "country", "hour", "cell"),
    [
        (4, "GBR", 0, "phone-gbr-night"),
        (2, "DEU", 17, "pc-deu-afternoon"),
        (99, None, 23, "any-any-evening"),
        (None, "", None, "any-any-any"),
    ],
)
def test_a_user_without_consent_has_a_cell(
    device: int | None, country: str | None, hour: int | None, cell: str
) -> None:
    assert context_cell(device, country, hour) == cell

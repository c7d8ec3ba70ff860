"""The JSON of many exposures is that of each."""

from __future__ import annotations

import random

import numpy as np

from streams.wire.exposure_texts import NOTHING, Pieces, exposure_texts
from streams.wire.ids import exposure_id
from streams.wire.texts import Texts


def test_each_as_if_it_were_alone() -> None:
    lot, pieces = random.Random(5), Pieces()
    keys = [b"u" * n for n in (1, 2, 3, 4, 8, 9, 16, 17, 110, 111, 112, 128, 200)]
    imps = [lot.getrandbits(64) for _ in keys]
    ts = [0, 9, 10, 1_795_291_200_000, *(lot.randrange(1 << 62) for _ in keys[4:])]
    texts = ["", '"a":1', ',"b":"\u00fc"', ',"c":' + "9" * 400]
    chosen = [[lot.choice(texts) for _ in range(3)] for _ in keys]
    members = np.array([[pieces.number(text) for text in each] for each in chosen], np.int64)
    numbers = np.array(imps, np.uint64), np.array(ts, np.int64)
    rows, values = exposure_texts(Texts.of(keys), *numbers, pieces, members)
    ids = [row.tobytes() for row in rows]
    assert ids == [exposure_id(key, imp).encode() for key, imp in zip(keys, imps, strict=True)]
    assert list(values) == [
        f'{{"exposure_id":"{id.decode()}","user":"{key.decode()}","ts":{at},{"".join(each)}}}'.encode()
        for id, key, at, each in zip(ids, keys, ts, chosen, strict=True)
    ]


def test_a_text_has_one_number_and_no_text_is_nothing() -> None:
    pieces = Pieces()
    assert [pieces.number(text) for text in ("a", "b", "", "a")] == [1, 2, NOTHING, 1]

"""Partitions: as the clients compute them, with a user's creatives where the user is."""

from __future__ import annotations

import numpy as np
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from streams.wire.partition import keep_own, partition, partitions

plain = st.binary(max_size=40).map(lambda key: key.replace(b"|", b"_"))


@given(st.lists(plain, max_size=20), st.integers(1, 1000))
def test_murmur2_is_the_clients_own(keys: list[bytes], n: int) -> None:
    assert partitions(keys, n).tolist() == [(murmur2(key) & 0x7FFFFFFF) % n for key in keys]


@given(plain, plain, st.integers(1, 64))
def test_a_creative_goes_where_its_user_goes(user: bytes, rest: bytes, n: int) -> None:
    assert partition(b"u:" + user + b"|" + rest, n) == partition(user, n)
    assert partition(b"s:" + user + b"|" + rest, n) == partition(b"s:" + user, n)


def test_no_keys_are_no_partitions() -> None:
    assert partitions([], 4).shape == (0,)


def test_only_keys_of_the_own_partition_are_kept() -> None:
    values, keys = [b"x" * i for i in range(50)], [b"u%d" % i for i in range(50)]
    texts = [*values, *keys]
    kept = np.ones(50, np.bool_)
    kept[7] = False
    keep_own(np.frombuffer(b"".join(texts), np.uint8), np.array([len(text) for text in texts]), 4, 2, kept)
    assert kept.tolist() == [i != 7 and partition(key, 4) == 2 for i, key in enumerate(keys)]
    assert 0 < kept.sum() < 50

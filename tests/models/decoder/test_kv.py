from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from models.decoder.kv import Kv, KvLayout, KvPool, length_bucket, row_bucket
from models.decoder.mover import Mover
from models.decoder.prefix import PrefixCache

LAYOUT = KvLayout(("key_0", "value_0"), heads=2, head_width=3, element_type=1, element_bytes=4, device="cpu")


def filled(rows: int, length: int, seed: int = 0) -> tuple[Kv, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=(rows, 2, length, 3)).astype(np.float32) for _ in LAYOUT.names]
    return Kv.over(LAYOUT, [ort.OrtValue.ortvalue_from_numpy(array) for array in arrays]), arrays


def test_buckets() -> None:
    assert [row_bucket(rows) for rows in (1, 2, 3, 16, 17)] == [1, 2, 4, 16, 32]
    assert [length_bucket(tokens) for tokens in (1, 16, 17)] == [16, 16, 32]


@pytest.mark.parametrize("length", [5, 9])
def test_rows_are_moved_in_any_order_and_number_into_a_block_with_room_for_more(length: int) -> None:
    source, arrays = filled(3, 5)
    rows = np.array([2, 0, 2, 1])
    target = Kv.made(LAYOUT, 4, length)
    Mover(LAYOUT, "cpu", 1).move(source, rows, target)
    for array, value in zip(arrays, target.owners, strict=True):
        assert (value.numpy()[:, :, :5] == array[rows]).all()


def test_a_part_of_a_block_is_written_without_its_neighbours() -> None:
    source, arrays = filled(2, 4)
    whole, before = filled(5, 4, seed=1)
    expected = [array.copy() for array in before]
    Mover(LAYOUT, "cpu", 1).move(source, np.array([1, 0]), whole.part(2, 2))
    for array, one, value in zip(expected, arrays, whole.owners, strict=True):
        array[2:4] = one[[1, 0]]
        assert (value.numpy() == array).all()


def test_memory_is_kept_for_what_fits_and_grows_by_buckets() -> None:
    pool = KvPool(LAYOUT)
    first = pool.block(0, 5, 20)
    assert pool.block(0, 8, 32).pointers == first.pointers  # the bucket of 5 rows and 20 tokens
    assert pool.block(0, 16, 16).pointers == first.pointers  # the same number of tokens in another shape
    assert pool.block(1, 5, 20).pointers != first.pointers
    assert pool.holds(first)
    assert pool.block(0, 9, 32).owners != first.owners
    assert not pool.holds(first)
    assert first.size_bytes == 5 * 20 * 2 * 2 * 3 * 4


def snapshot(length: int) -> Kv:
    return Kv.made(LAYOUT, 1, length)


def test_the_least_recently_used_prefix_goes_when_the_bytes_are_spent() -> None:
    cache = PrefixCache(limit_bytes=2 * snapshot(10).size_bytes)
    a, b, c = ((0, 0, (name,)) for name in (1, 2, 3))
    kept = cache.get(a, lambda: snapshot(10))
    cache.get(b, lambda: snapshot(10))
    assert cache.get(a, lambda: snapshot(10)) is kept
    cache.get(c, lambda: snapshot(10))  # b goes
    assert cache.get(a, lambda: snapshot(10)) is kept
    assert (cache.hits, cache.misses) == (2, 3)
    cache.get(b, lambda: snapshot(10))
    assert cache.misses == 4
    assert cache.size_bytes == 2 * snapshot(10).size_bytes


def test_a_prefix_larger_than_the_limit_is_given_and_pushes_nothing_out() -> None:
    cache = PrefixCache(limit_bytes=snapshot(10).size_bytes)
    small = cache.get((0, 0, (1,)), lambda: snapshot(10))
    assert cache.get((0, 0, (2,)), lambda: snapshot(11)).length == 11
    assert cache.get((0, 0, (1,)), lambda: snapshot(10)) is small


def test_a_forgotten_prefix_is_computed_again() -> None:
    cache = PrefixCache(limit_bytes=1 << 20)
    cache.get((0, 0, (1,)), lambda: snapshot(10))
    cache.clear()
    cache.get((0, 0, (1,)), lambda: snapshot(10))
    assert (cache.misses, cache.size_bytes) == (2, snapshot(10).size_bytes)

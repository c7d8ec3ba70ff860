"""XXH3, 64 bits, seed 0, of at most 128 bytes, for kernels: the same numbers as `xxhash.xxh3_64_intdigest`.

Source: the XXH3 specification of the xxHash project (doc/xxhash_spec.md there).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.kernels.compiled import part
from models.kernels.words import byte, word

LONGEST_HASHED: Final = 128
_SECRET: Final = np.frombuffer(
    bytes.fromhex(
        "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
        "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
        "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
    ),
    np.uint64,
)
_P64_1: Final = np.uint64(0x9E3779B185EBCA87)
_P64_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_P64_3: Final = np.uint64(0x165667B19E3779F9)
_AVALANCHE: Final = np.uint64(0x165667919E3779F9)
_RRMXMX: Final = np.uint64(0x9FB21C651E98DF25)
_LOW: Final = np.uint64(0xFFFFFFFF)


@part
def xxh3(start: int, stop: int) -> Any:
    """Hash of the 1 to LONGEST bytes between two addresses, as uint64."""
    n = stop - start
    if n > 16:
        return _long(start, n)
    if n > 8:
        return _to_16(start, n)
    if n >= 4:
        return _to_8(start, n)
    return _to_3(start, n)


@part
def _folded(a: Any, b: Any) -> Any:
    """Low half xor high half of the 128-bit product."""
    half = np.uint64(32)
    low = (a & _LOW) * (b & _LOW)
    left, right = (a >> half) * (b & _LOW), (a & _LOW) * (b >> half)
    middle = (low >> half) + (left & _LOW) + right
    high = (a >> half) * (b >> half) + (left >> half) + (middle >> half)
    return (a * b) ^ high


@part
def _to_3(start: int, n: int) -> Any:
    first, middle, last = (
        np.uint64(byte(start)),
        np.uint64(byte(start + (n >> 1))),
        np.uint64(byte(start + n - 1)),
    )
    combined = (first << np.uint64(16)) | (middle << np.uint64(24)) | last | (np.uint64(n) << np.uint64(8))
    h = combined ^ ((_SECRET[0] & _LOW) ^ (_SECRET[0] >> np.uint64(32)))
    h ^= h >> np.uint64(33)
    h *= _P64_2
    h ^= h >> np.uint64(29)
    h *= _P64_3
    return h ^ (h >> np.uint64(32))


@part
def _to_8(start: int, n: int) -> Any:
    both = (word(start + n - 4) & _LOW) + (word(start) << np.uint64(32))
    h = both ^ (_SECRET[1] ^ _SECRET[2])
    h ^= _turned(h, 49) ^ _turned(h, 24)
    h *= _RRMXMX
    h ^= (h >> np.uint64(35)) + np.uint64(n)
    h *= _RRMXMX
    return h ^ (h >> np.uint64(28))


@part
def _turned(value: Any, n: int) -> Any:
    return (value << np.uint64(n)) | (value >> np.uint64(64 - n))


@part
def _to_16(start: int, n: int) -> Any:
    low = word(start) ^ (_SECRET[3] ^ _SECRET[4])
    high = word(start + n - 8) ^ (_SECRET[5] ^ _SECRET[6])
    return _avalanche(np.uint64(n) + _swapped(low) + high + _folded(low, high))


@part
def _swapped(value: Any) -> Any:
    """The bytes in reverse order."""
    out = np.uint64(0)
    for i in range(8):
        out |= ((value >> np.uint64(8 * i)) & np.uint64(255)) << np.uint64(8 * (7 - i))
    return out


@part
def _long(start: int, n: int) -> Any:
    total = np.uint64(n) * _P64_1
    for pair in range((n - 1) // 32, -1, -1):
        total += _mixed(start + 16 * pair, 4 * pair) + _mixed(start + n - 16 * (pair + 1), 4 * pair + 2)
    return _avalanche(total)


@part
def _mixed(at: int, secret: int) -> Any:
    return _folded(word(at) ^ _SECRET[secret], word(at + 8) ^ _SECRET[secret + 1])


@part
def _avalanche(h: Any) -> Any:
    h ^= h >> np.uint64(37)
    h *= _AVALANCHE
    return h ^ (h >> np.uint64(32))

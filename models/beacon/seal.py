"""Values in addresses that anyone may see and nobody may make: encrypted and authenticated by a key of the
operator (AES-SIV, RFC 5297). The same value has the same seal, so that a replay makes the same creative."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha512
from typing import Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

LEAST_KEY: Final = 32
"""Characters of a key: what `openssl rand -hex 32` gives has 64."""
LONGEST: Final = 4096
_TAG_BYTES: Final = 16

T = TypeVar("T", bound=msgspec.Struct)


class UnsealedError(ValueError):
    """This was not sealed by one of our keys."""


class Seal:
    """Seals with the first key, opens with each of them: to rotate, put the new one in front and take the old
    one away when what it sealed has ended. Raises ValueError for a key that is too short."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < LEAST_KEY for key in keys):
            raise ValueError(f"a key has at least {LEAST_KEY} characters")
        self._keys = [AESSIV(sha512(key.encode()).digest()) for key in keys]

    def close(self, value: msgspec.Struct) -> str:
        """A..Z a..z 0..9 - _; a value of one type is never opened as another."""
        sealed = self._keys[0].encrypt(msgspec.msgpack.encode(value), [_kind(type(value))])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, text: str, kind: type[T]) -> T:
        """The value. Raises UnsealedError."""
        data = _bytes_of(text)
        for key in self._keys:
            try:
                return msgspec.msgpack.decode(key.decrypt(data, [_kind(kind)]), type=kind)
            except (InvalidTag, msgspec.DecodeError):
                continue
        raise UnsealedError("it bears no seal of ours")


def _kind(kind: type[msgspec.Struct]) -> bytes:
    return f"shiftcast/{kind.__name__}/1".encode()


def _bytes_of(text: str) -> bytes:
    """Only the one way of writing them: an address that was touched is not ours any more."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) <= LONGEST else b""
    except (binascii.Error, ValueError):
        data = b""
    if len(data) <= _TAG_BYTES or urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise UnsealedError("it bears no seal of ours")
    return data

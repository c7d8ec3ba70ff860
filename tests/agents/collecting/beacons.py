"""Beacons as generators seal them."""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from models.beacon.beacon import CLICK, Beacon, SealedShowing
from models.beacon.seal import LEAST_KEY, Seal

NOW_MS: Final = 1_795_291_200_000
KEY: Final = "0" * LEAST_KEY
SEAL: Final = Seal([KEY])
TARGET: Final = "https://shop.example/p/1?a=b&c=%20d"
SHOWN: Final = Beacon(
    2, "cr_00112233445566aa", "c1", "t-native", "native", NOW_MS // 1000 + 3600, "sku-1", "u1"
)


def sealed(**changed: Any) -> str:
    """The last part of an address."""
    return SEAL.close(structs.replace(SHOWN, **changed))


def click(**changed: Any) -> str:
    """That of a redirect."""
    return sealed(event=CLICK, target=TARGET, **changed)


def showing(id: str, user: str = "") -> str:
    """The parameter `s` as a look-up fills it in."""
    return SEAL.close(SealedShowing(id, user))

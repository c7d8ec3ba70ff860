"""Portraits of groups of users, of one catalogue version, as a record of ads.artifact.v1:
`portraits|<catalogue version>|groups`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.arrays import FloatArray
from models.catalog.codes import MOST_CODES
from models.catalog.space.basis import DIM
from models.money import INDEX
from models.portrait.behaviour import DEVICES, HOURS
from models.portrait.naming import Traits
from models.portrait.portrait import Portrait, Portraits
from streams.artifacts.kinds import (
    PORTRAITS,
    checked_artifact,
    damage_of,
    float32_array,
    float32_text,
    summed,
)
from streams.records import ArtifactRecord

GROUPS: Final = "groups"
_SHARES: Final = {"interests": MOST_CODES, "hours": HOURS, "devices": DEVICES}


def portraits_record(version: int, portraits: Portraits) -> ArtifactRecord:
    """The record that makes portraits current for catalogue `version`."""
    data = {
        "users": portraits.users,
        "least": portraits.least,
        "hidden": portraits.hidden,
        "currency": portraits.currency,
        "code_names": portraits.code_names,
        "usual_countries": portraits.usual_countries,
        "usual": {name: float32_text(getattr(portraits, f"usual_{name}")) for name in _SHARES},
        "groups": [_told(each) for each in portraits.groups],
    }
    return summed(PORTRAITS, version, GROUPS, data)


def portraits_part(record: ArtifactRecord) -> Portraits:
    """The portraits of a record. Raises DamagedError."""
    data = checked_artifact(record)
    with damage_of(record):
        return Portraits(
            groups=tuple(_heard(each) for each in data["groups"]),
            usual_countries={str(name): float(share) for name, share in data["usual_countries"].items()},
            users=int(data["users"]),
            least=int(data["least"]),
            hidden=int(data["hidden"]),
            currency=_known_currency(data["currency"]),
            code_names=tuple(map(str, data["code_names"])),
            **{f"usual_{name}": _share(data["usual"][name], size) for name, size in _SHARES.items()},
        )


def _told(portrait: Portrait) -> dict[str, Any]:
    return {
        "name": portrait.name,
        "users": portrait.users,
        "vector": float32_text(portrait.vector),
        "countries": portrait.countries,
        "traits": portrait.traits._asdict(),
        **{name: float32_text(getattr(portrait, name)) for name in _SHARES},
    }


def _heard(data: dict[str, Any]) -> Portrait:
    users = int(data["users"])
    if users < 1:
        raise ValueError("a group without users")
    return Portrait(
        name=str(data["name"]),
        users=users,
        vector=float32_array(data["vector"], (DIM,)),
        countries={str(name): float(share) for name, share in data["countries"].items()},
        traits=Traits(**{name: float(value) for name, value in data["traits"].items()}),
        **{name: _share(data[name], size) for name, size in _SHARES.items()},
    )


def _known_currency(code: str) -> str:
    if code and code not in INDEX:
        raise ValueError(f"currency {code!r:.20} is not known")
    return code


def _share(text: str, size: int) -> FloatArray:
    """What a group resembles is read from its logarithm: nothing may be impossible."""
    shares = float32_array(text, (size,))
    if not (np.isfinite(shares).all() and (shares > 0).all()):
        raise ValueError("a share is not above 0")
    return shares

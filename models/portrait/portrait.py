"""What a group of users is like, as numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import FloatArray, IntArray
from models.portrait.behaviour import Behaviours
from models.portrait.naming import Traits, named_portrait

SMOOTHING: Final = 5.0
"""Usual users that each group is mixed with: what nobody of a group did is not impossible."""
_DAY_MS: Final = 86_400_000
_COUNTRIES: Final = 5
"""Most that a portrait names."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """One group. Shares are means over its users, each of whom counts once, and sum to 1."""

    name: str
    users: int
    vector: FloatArray  # (d,) unit: what they like
    interests: FloatArray  # (codes,)
    hours: FloatArray  # (24,)
    devices: FloatArray  # (8,)
    countries: dict[str, float]  # the commonest
    traits: Traits


@dataclass(frozen=True, eq=False)
class Portraits:
    """Groups of one fit, the largest first, and what everybody is like. `hidden` groups have fewer than
    `least` users and are nowhere told."""

    groups: tuple[Portrait, ...]
    usual_interests: FloatArray
    usual_hours: FloatArray
    usual_devices: FloatArray
    usual_countries: dict[str, float]
    users: int
    least: int
    hidden: int
    currency: str
    code_names: tuple[str, ...]  # what a person calls each interest


def portraits_of(
    behaviours: Behaviours, group: IntArray, least: int, code_names: tuple[str, ...]
) -> Portraits:
    """Of each group 0.. that `group` (u,) names with at least `least` users."""
    around = behaviours.around
    places = np.eye(len(around.countries) + 1, dtype=np.float32)[around.country][:, :-1]  # NOWHERE is last
    columns = [
        _shares(np.asarray(counts, np.float32))
        for counts in (behaviours.interests(), around.hours, around.devices, places)
    ]
    usual = [_usual(shares) for shares in columns]
    taste = behaviours.directions() / behaviours.positives()[:, None]
    traits = _traits(behaviours)
    everybody = _medians(traits, np.ones(len(group), bool))
    size = np.bincount(group)
    groups: list[Portrait] = []
    for number in np.flatnonzero(size >= least).tolist():
        inside = group == number
        own = [_smoothed(shares[inside], of_all) for shares, of_all in zip(columns, usual, strict=True)]
        middle = _medians(traits, inside)
        vector = taste[inside].sum(axis=0)
        groups.append(
            Portrait(
                name=named_portrait(
                    middle, everybody, own[0], usual[0], code_names, [each.name for each in groups]
                ),
                users=int(size[number]),
                vector=np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32),
                interests=own[0],
                hours=own[1],
                devices=own[2],
                countries=_commonest(own[3], around.countries),
                traits=middle,
            )
        )
    return Portraits(
        groups=tuple(groups),
        usual_interests=usual[0],
        usual_hours=usual[1],
        usual_devices=usual[2],
        usual_countries=_commonest(usual[3], around.countries),
        users=behaviours.users,
        least=least,
        hidden=int((size < least).sum()),
        currency=around.currency,
        code_names=code_names,
    )


def _shares(counts: FloatArray) -> FloatArray:
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(counts, total, out=np.zeros_like(counts), where=total > 0), np.float32)


def _usual(shares: FloatArray) -> FloatArray:
    """The mean user's; nothing is impossible, and equal shares where nothing is known."""
    sums = shares.sum(axis=0) + 1 / max(shares.shape[1], 1)
    return np.asarray(sums / max(float(sums.sum()), 1e-9), np.float32)


def _smoothed(shares: FloatArray, usual: FloatArray) -> FloatArray:
    sums = shares.sum(axis=0) + SMOOTHING * usual
    return np.asarray(sums / max(float(sums.sum()), 1e-9), np.float32)


def _commonest(shares: FloatArray, names: tuple[str, ...]) -> dict[str, float]:
    order = np.argsort(-shares, kind="stable")[:_COUNTRIES]
    return {names[place]: round(float(shares[place]), 4) for place in order.tolist()}


def _traits(behaviours: Behaviours) -> dict[str, NDArray[Any]]:
    """Of each user what portraits tell the median of."""
    around, newest = behaviours.around, behaviours.newest_ms()
    known = np.isfinite(behaviours.price_z)
    priced = np.bincount(behaviours.user[known], minlength=behaviours.users)
    dear = np.bincount(behaviours.user[known], behaviours.price_z[known], behaviours.users)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "positives": behaviours.positives(),
            "days_quiet": (newest.max(initial=0) - newest) / _DAY_MS,
            "price_z": np.where(priced > 0, dear / priced, np.nan),
            "bought": (around.sales > 0).astype(np.float64),
            "spent_minor": np.where(around.sales > 0, around.spent_minor / around.sales, np.nan),
        }


def _medians(traits: dict[str, NDArray[Any]], inside: NDArray[np.bool_]) -> Traits:
    middle = {
        name: float(np.median(finite)) if len(finite := values[inside][np.isfinite(values[inside])]) else 0.0
        for name, values in traits.items()
        if name != "bought"
    }
    return Traits(buyers=float(traits["bought"][inside].mean()), **middle)

"""Portraits as people and machines read them: words and rounded figures, no vector."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from models.arrays import FloatArray
from models.money import EXPONENTS, INDEX
from models.portrait.naming import marking
from models.portrait.portrait import Portrait, Portraits
from models.segments import DEVICE_WORDS

_INTERESTS: Final = 3
_SPAN: Final = 3
"""Hours in a row that are told."""
_MARKED: Final = 1.2
"""Times the usual share from which hours are told."""


def told_portraits(portraits: Portraits, version: int) -> dict[str, Any]:
    """Of one catalogue version."""
    return {
        "version": version,
        "users": portraits.users,
        "least": portraits.least,
        "hidden": portraits.hidden,
        "groups": [_told(each, portraits) for each in portraits.groups],
    }


def _told(portrait: Portrait, portraits: Portraits) -> dict[str, Any]:
    traits, code_names = portrait.traits, portraits.code_names
    telling = marking(portrait.interests, portraits.usual_interests)[:_INTERESTS]
    country = max(portrait.countries, key=lambda name: portrait.countries[name], default=None)
    return {
        "name": portrait.name,
        "users": portrait.users,
        "share": round(portrait.users / portraits.users, 4),
        "interests": [
            {"name": code_names[code], "share": round(float(portrait.interests[code]), 4)}
            for code in telling
            if code < len(code_names)
        ],
        "hours": _hours(portrait.hours, portraits.usual_hours),
        "device": _device(portrait.devices),
        "country": country,
        "positives": traits.positives,
        "days_quiet": round(traits.days_quiet, 1),
        "buyers": round(traits.buyers, 4),
        "spends": _money(traits.spent_minor, portraits.currency) if traits.spent_minor > 0 else None,
    }


def _hours(hours: FloatArray, usual: FloatArray) -> str | None:
    """The hours in a row at the user's place in which the group is most often about beyond the usual; None
    where it keeps everybody's hours."""
    spans = np.array([np.roll(hours, -start)[:_SPAN].sum() for start in range(len(hours))])
    often = np.array([np.roll(usual, -start)[:_SPAN].sum() for start in range(len(hours))])
    start = int(np.argmax(spans * np.log(spans / often)))
    if spans[start] < _MARKED * often[start]:
        return None
    return f"{start} to {(start + _SPAN) % len(hours)}"


def _device(devices: FloatArray) -> str | None:
    """Its commonest kind; None where nothing was told."""
    shares: dict[str, float] = {}
    for place, share in enumerate(devices.tolist()):
        word = DEVICE_WORDS[place + 1]
        shares[word] = shares.get(word, 0.0) + share
    best = max(shares, key=lambda word: shares[word])
    return f"{best} {shares[best]:.0%}" if np.ptp(devices) > 1e-6 else None


def _money(amount_minor: float, currency: str) -> str:
    places = EXPONENTS[INDEX[currency]]
    return f"{amount_minor / 10**places:.{places}f} {currency}"

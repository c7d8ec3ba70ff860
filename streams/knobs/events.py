"""Which events count, and for how long what was shown earns what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.campaigns import LOOK_BACK_S, EventTracker
from models.earned.judging import TOO_FAST_MS
from streams.knobs.knob import knob

_DAY_S: Final = 86_400


@dataclass(frozen=True)
class EventKnobs:
    """Part of streams.settings.Settings."""

    max_event_age_s: float = knob(
        7 * _DAY_S,
        "s",
        "older events are dead letters; raise it for a historical replay",
        least=60,
        most=100 * 365 * _DAY_S,
    )
    settle_late_s: float = knob(
        300,
        "s",
        "what comes later than this behind all topics is missing in exposures whose click window closed",
        least=0,
        most=LOOK_BACK_S,
    )
    click_too_fast_ms: int = knob(
        TOO_FAST_MS,
        "ms",
        "a click sooner after its impression is invalid; too high: quick readers count nowhere",
        least=0,
        most=60_000,
    )
    attribution_click_s: int = knob(
        7 * _DAY_S,
        "s",
        "so long a click earns what follows; 0: never; a campaign may say otherwise",
        least=0,
        most=LOOK_BACK_S,
    )
    attribution_view_s: int = knob(
        _DAY_S,
        "s",
        "so long a view earns where no click does; 0: never; a campaign may say otherwise",
        least=0,
        most=LOOK_BACK_S,
    )
    arm_half_life_s: float = knob(
        3 * _DAY_S,
        "s",
        "so long until what an arm earned counts half; shorter: changes are followed sooner, on fewer clicks",
        least=60,
        most=LOOK_BACK_S,
    )
    headline_window_s: int = knob(
        30 * _DAY_S,
        "s",
        "so long no headline of a model comes to a user again; 0: it may at once",
        least=0,
        most=LOOK_BACK_S,
    )
    http_assets: bool = knob(
        False, "", "true also takes images of plain http: browsers block them on https pages"
    )
    dsa_domain: str | None = knob(
        None,
        "host name",
        "who applies what is known of users, where a campaign's dsa names no domain; none: the advertiser's",
    )
    trackers: tuple[EventTracker, ...] = knob(
        (), "JSON", "`[{type, method, url}]` of every campaign that names no trackers of its own"
    )
    consent_default: bool = knob(
        False, "", "true learns from users who said nothing (never where GDPR applies)"
    )

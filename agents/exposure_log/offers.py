"""Where the same arms are on offer: campaign and slot, the locale that was asked for and the arms of
experiments, each of which narrows styles and templates; and what a policy file says there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.offpolicy.choice_log import ChoiceLog
from models.offpolicy.policies import EVERYWHERE
from streams import records as r

Chances = Mapping[str, float]
_BAR: Final = "|"


def offer_of(exposure: r.Exposure) -> tuple[str, ...]:
    """Its names, most exact first: `campaign|slot|locale|experiment=arm`, without experiments, without
    locale. What is not known is in none of them."""
    locale = (exposure.lang or "").lower().replace("_", "-")
    tried = ",".join(f"{name}={arm}" for name, arm in sorted(exposure.experiments.items()))
    place = f"{exposure.campaign_id}|{exposure.slot}"
    spoken = place + _BAR * bool(locale) + locale
    return tuple(dict.fromkeys((spoken + _BAR * bool(tried) + tried, spoken, place)))


def stated_chances(
    log: ChoiceLog, names: Mapping[str, tuple[str, ...]], stated: Mapping[str, Chances]
) -> dict[str, Chances]:
    """By context of the log, what a policy says under the most exact of its names. A statement for several
    contexts is drawn from where it stands: arms that are on offer in another of them alone (templates of
    another language) are left out and the rest keeps its proportions."""
    said = {context: _said(names[context], stated) for context in log.contexts}
    has = {
        context: {arm for arm, is_there in zip(log.arms, row, strict=True) if is_there}
        for context, row in zip(log.contexts, log.offered, strict=True)
    }
    anywhere: dict[str, set[str]] = {}
    for context, arms in has.items():
        for name in (*names[context], EVERYWHERE):
            anywhere.setdefault(name, set()).update(arms)
    return {
        context: _narrowed(stated[key], anywhere[key] - has[context])
        for context, key in said.items()
        if key in stated
    }


def _said(names: tuple[str, ...], stated: Mapping[str, Chances]) -> str:
    return next((name for name in names if name in stated), EVERYWHERE)


def _narrowed(chances: Chances, elsewhere: set[str]) -> Chances:
    kept = {arm: chance for arm, chance in chances.items() if arm not in elsewhere}
    total = sum(kept.values())
    return {arm: chance / total for arm, chance in kept.items()} if total else chances

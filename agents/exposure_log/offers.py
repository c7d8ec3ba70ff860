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
_LOCALE_AT: Final = 2


def offer_names_of(exposure: r.Exposure) -> tuple[str, ...]:
    """Its names, most exact first: `campaign|slot|locale|experiment=arm`, with the language alone, each
    without experiments, without locale. What is not known is in none of them."""
    locale = _plain_locale(exposure.lang or "")
    tried = ",".join(f"{name}={arm}" for name, arm in sorted(exposure.experiments.items()))
    place = f"{exposure.campaign_id}|{exposure.slot}"
    spoken = [place + _BAR * bool(each) + each for each in (locale, locale.partition("-")[0])]
    drawn = [each + _BAR * bool(tried) + tried for each in spoken]
    return tuple(dict.fromkeys((*drawn, *spoken, place)))


def stated_name(name: str) -> str:
    """A name as a policy file may write it, as `offer_of` does: its locale in whatever case."""
    parts = name.split(_BAR)
    return _BAR.join(
        _plain_locale(part) if at == _LOCALE_AT and "=" not in part else part for at, part in enumerate(parts)
    )


def never_met(names: Mapping[str, tuple[str, ...]], stated: Mapping[str, Chances]) -> list[str]:
    """What a policy says of contexts that the log has not, `names` being those of each that it has."""
    met = {EVERYWHERE}.union(*names.values())
    return [name for name in stated if name not in met]


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


def _plain_locale(text: str) -> str:
    return text.lower().replace("_", "-")


def _said(names: tuple[str, ...], stated: Mapping[str, Chances]) -> str:
    return next((name for name in names if name in stated), EVERYWHERE)


def _narrowed(chances: Chances, elsewhere: set[str]) -> Chances:
    kept = {arm: chance for arm, chance in chances.items() if arm not in elsewhere}
    total = sum(kept.values())
    return {arm: chance / total for arm, chance in kept.items()} if total else chances

"""What a campaign takes back when it changes: whether what was made of it before may still be shown."""

from __future__ import annotations

from typing import Final

from models.campaigns import Campaign

_STANDS_ON: Final = ("facts", "claims", "ctas", "images", "material")
"""What creatives say and show: what is taken out may be in one."""
_BARS: Final = ("avoid", "must_use", "blocked_categories")
"""What creatives must not or must say: what comes in may be missed by one."""
_ADMITS: Final = ("slots", "locales", "geo", "devices", "segments")
"""Where and to whom creatives are shown; an empty list admits all."""
_DECLARES: Final = ("brand", "advertiser", "adomain", "dsa", "legal")
"""Who stands behind a creative, and what must be said beside it."""


def is_narrowed(before: Campaign, after: Campaign) -> bool:
    """Whether a creative that was right before may be wrong now. Which one is, nobody can tell: a record of a
    creative does not say what it took from the brief, nor where its user was."""
    return (
        any(_without(before, after, each) for each in _STANDS_ON)
        or any(_without(after, before, each) for each in _BARS)
        or any(_admits_less(before, after, each) for each in _ADMITS)
        or any(getattr(before, each) != getattr(after, each) for each in _DECLARES)
        or _offers_less(before, after)
        or (after.people_first and not before.people_first)
    )


def reworded_templates(before: Campaign, after: Campaign) -> set[str]:
    """Ids of templates that say, or are for, something else under the name that they had."""
    kept = {_words(after, each) for each in range(len(after.templates))}
    named = {each.template_id for each in after.templates}
    old = (_words(before, each) for each in range(len(before.templates)))
    return {each[0] for each in old if each[0] in named and each not in kept}


def _without(campaign: Campaign, other: Campaign, name: str) -> bool:
    """Whether a list has what that of the other lacks."""
    theirs = getattr(other, name)
    return any(each not in theirs for each in getattr(campaign, name))


def _admits_less(before: Campaign, after: Campaign, name: str) -> bool:
    left = getattr(after, name)
    return bool(left) and (not getattr(before, name) or _without(before, after, name))


def _offers_less(before: Campaign, after: Campaign) -> bool:
    if not (after.item_ids or after.item_categories):
        return False
    if not (before.item_ids or before.item_categories):
        return True
    fewer = not set(before.item_ids) <= set(after.item_ids)
    return fewer or _without(before, after, "item_categories")


def _words(campaign: Campaign, at: int) -> tuple[str, ...]:
    of = campaign.templates[at]
    return (of.template_id, of.slot, of.locale, of.headline, of.description, of.cta)

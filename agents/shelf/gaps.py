"""What the shelves lack, said once per version of a campaign however often they are looked over: slots
without a default, and segments whose creatives review refuses, so that they see the default."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from agents.creatives.plan import Unfilled
from agents.shelf.blanks import Blank
from agents.shelf.sharing import Shared
from models.campaigns import Campaign
from streams.mapping.revocations import DEFAULT_KEY
from streams.metrics.creatives import BLANK_DEFAULTS, REFUSED_SEGMENTS

log = logging.getLogger(__name__)


class Gaps:
    """By campaign, as its shelf was last looked over."""

    def __init__(self) -> None:
        self._blanks: dict[str, list[Blank]] = {}
        self._fresh_blanks: list[Blank] = []  # not said yet
        self._refused: dict[str, int] = {}
        self._said: dict[str, tuple[int, set[tuple[str, ...]]]] = {}  # campaign -> version, what was said

    def keep(self, owns: Callable[[str], bool]) -> None:
        """Only campaigns that are still ours."""
        self._blanks = {each: blanks for each, blanks in self._blanks.items() if owns(each)}
        self._refused = {each: count for each, count in self._refused.items() if owns(each)}
        self._said = {each: said for each, said in self._said.items() if owns(each)}

    def forget(self, campaign_id: str) -> None:
        """It runs no more: nothing is missing."""
        self._blanks.pop(campaign_id, None)
        self._refused.pop(campaign_id, None)

    def note_blanks(self, campaign: Campaign, blanks: list[Blank]) -> None:
        """The slots that are blank for everyone without a creative of their own; with another item in the
        same slot the rules say nothing new."""
        self._blanks[campaign.campaign_id] = blanks
        self._fresh_blanks += [
            each for each in blanks if self._is_new(campaign, (each.slot, each.template_id, *each.rules))
        ]

    def note_unfilled(self, campaign: Campaign, unfilled: Sequence[tuple[Shared, Unfilled]]) -> None:
        """What review objects to of segments; that of defaults is told as blanks."""
        refused = [each for each in unfilled if each[0].audience.key != DEFAULT_KEY]
        self._refused[campaign.campaign_id] = len(refused)
        if not refused or not self._is_new(campaign, ("segments",)):
            return
        first, why = refused[0]
        log.warning(
            "campaign %s, version %d: review refuses %d of its creatives for segments, which leaves them the "
            "default; first %s, template %s: %s (%s)",
            campaign.campaign_id,
            campaign.version,
            len(refused),
            first.key,
            first.template.template_id,
            ", ".join(why.codes),
            why.said,
        )

    def _is_new(self, campaign: Campaign, what: tuple[str, ...]) -> bool:
        version, said = self._said.get(campaign.campaign_id, (campaign.version, set()))
        if version != campaign.version:
            said = set()
        self._said[campaign.campaign_id] = campaign.version, said | {what}
        return what not in said

    def say(self) -> None:
        """One line a turn: a catalogue that goes takes the defaults of all campaigns with it."""
        if self._fresh_blanks:
            first, *others = self._fresh_blanks
            more = f", nor in {len(others)} other slots" if others else ""
            log.warning("%s: no default creative stands%s; `shiftcast check` lists all of them", first, more)
            self._fresh_blanks = []
        BLANK_DEFAULTS.set(sum(map(len, self._blanks.values())))
        REFUSED_SEGMENTS.set(sum(self._refused.values()))

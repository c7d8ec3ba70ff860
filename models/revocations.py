"""What must not be shown any more, whatever was published: revocations of campaigns, items, templates, single
creatives, copies of the pool and pictures, and the switch that leaves only templates or only defaults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

REVOCABLE: Final = ("campaign", "item", "template", "creative", "copy", "picture")
SWITCH: Final = "switch"
EVERYTHING: Final = "*"
"""Id of the switch of all campaigns; that of one has the campaign's."""
TEMPLATES_ONLY: Final = "templates_only"
DEFAULTS_ONLY: Final = "defaults_only"
NORMAL: Final = "normal"
_STRICTEST: Final = (DEFAULTS_ONLY, TEMPLATES_ONLY)
SWITCHED: Final = "switched"
"""Why the switch revokes."""
NOT_MADE: Final = 1 << 62
"""Time of a creative that is yet to be made: only what lasts touches it."""


def template_in(campaign_id: str, template_id: str) -> str:
    """Id of a template as one campaign has it: another may go on with a template of that name."""
    return f"{campaign_id}|{template_id}"


@dataclass(frozen=True, slots=True)
class Revocation:
    """Since when something must not be shown, and why. `lasting`: also what is made later, until the record
    changes; else only what was made at or before `since_ms`. `mode` is the switch's, `by` a person's word."""

    kind: str
    id: str
    reason: str
    since_ms: int
    lasting: bool = False
    mode: str = ""
    by: str = ""

    def touches(self, created_ms: int) -> bool:
        """Whether a creative made at `created_ms` is revoked."""
        return self.lasting or created_ms <= self.since_ms


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What a creative stands on; "" = not known. `origin_id`: the creative that had this copy first;
    `copy_id`: the entry of the pool that it was taken from; `pictures`: ids of the photos, logo and ground in
    what was drawn for it."""

    campaign_id: str
    item_id: str
    template_id: str
    creative_id: str
    created_ms: int
    origin_id: str = ""
    by_model: bool = False
    is_default: bool = False
    copy_id: str = ""
    pictures: tuple[str, ...] = ()


class Revocations:
    """All that are in force. `changes` rises with each change, `grown` with each that may revoke more."""

    def __init__(self) -> None:
        self.changes = self.grown = 0
        self._of: dict[str, dict[str, Revocation]] = {kind: {} for kind in (*REVOCABLE, SWITCH)}

    def take(self, revocation: Revocation) -> None:
        """The newest word on one id; of a kind that is not known nothing follows."""
        of_kind = self._of.get(revocation.kind)
        if of_kind is not None and of_kind.get(revocation.id) != revocation:
            of_kind[revocation.id] = revocation
            self.changes += 1
            self.grown += 1

    def drop(self, kind: str, id: str) -> None:
        """Nothing is said of an id any more."""
        if self._of.get(kind, {}).pop(id, None) is not None:
            self.changes += 1

    def get(self, kind: str, id: str) -> Revocation | None:
        """What is said of one id."""
        return self._of[kind].get(id)

    def __iter__(self) -> Iterator[Revocation]:
        for of_kind in self._of.values():
            yield from list(of_kind.values())

    def lasting(self, kind: str) -> set[str]:
        """Ids of a kind of which nothing may be made."""
        return {each.id for each in self._of[kind].values() if each.lasting}

    def switches(self) -> list[Revocation]:
        """Switches that are not normal."""
        return [each for each in self._of[SWITCH].values() if each.mode in _STRICTEST]

    def mode(self, campaign_id: str) -> str:
        """What the switches leave of a campaign: the stricter of its own and that of all."""
        said = {
            each.mode for id in (EVERYTHING, campaign_id) if (each := self._of[SWITCH].get(id)) is not None
        }
        return next((mode for mode in _STRICTEST if mode in said), NORMAL)

    def why(self, made: MadeOf) -> str | None:
        """Why a creative must not be shown, or None."""
        of = self._of
        for kind, id in (
            ("campaign", made.campaign_id),
            ("item", made.item_id),
            ("template", made.template_id),
            ("template", template_in(made.campaign_id, made.template_id)),
            ("creative", made.creative_id),
            ("creative", made.origin_id),
            ("copy", made.copy_id),
            *(("picture", id) for id in made.pictures),
        ):
            found = of[kind].get(id)
            if found is not None and found.touches(made.created_ms):
                return found.reason
        if not of[SWITCH]:
            return None
        mode = self.mode(made.campaign_id)
        gone = (mode == DEFAULTS_ONLY and not made.is_default) or (mode == TEMPLATES_ONLY and made.by_model)
        return SWITCHED if gone else None

"""What was decided for one audience before a word is written: campaign, item and one line per slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from models.brief.brief import Brief, Copy
from models.campaigns import Campaign, Template
from models.choice.expected_clicks import DraftOpinion
from models.choice.ranking import CopyRank
from models.choice.selection import BASE_RATE
from models.item import Item
from models.text.variety import Pairs

TEMPLATE_STYLE: Final = "template"
"""Style of the arm of a template that nothing was drawn for: what many users share."""
PAST_POLICY: Final = "reused"
"""Policy of a creative that is published again: nothing was drawn."""

SWITCHED_OFF: Final = "SWITCHED"
"""Code of what the switch left undone: no model call, or no creative."""
UNAPPROVED: Final = "PEOPLE_FIRST"
"""Code of a template that stands in where a campaign shows only copy that a person approved, and there is
none."""
REVOKED_CODE: Final = "REVOKED"
"""Code of a creative that was revoked before it went out."""

PlanSource = Literal["model", "template", "reused"]
"""Where a copy came from."""
POOL: Final = "pool"
LIVE: Final = "live"
"""When a model wrote it: ahead of all requests, or for the one at hand."""


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """One creative to make: the approved template behind it, the arm that was drawn and with what
    probability, what to write."""

    slot: str
    template: Template
    arm: str
    propensity: float
    policy_version: str
    brief: Brief
    copywriter: str = ""  # NAME/VERSION of what is to write it; "" = what writes for everyone
    item_propensity: float | None = None  # the part of the propensity that is the item's
    layout: str = ""  # that was drawn for its picture or clip; "" = as its template or its seed says
    layout_propensity: float | None = None
    past: Copy | None = None  # copy of a returning interest, published again when review still accepts it
    recent: tuple[int, ...] = ()  # fingerprints of what the user was shown lately
    headlines: frozenset[int] = frozenset()  # hashes of those he had from a model (models.choice.headlines)
    said: Pairs = frozenset()  # neighbouring words of what the pool says of the item
    expected_ctr: float = BASE_RATE  # reward rate of the arm by its posterior
    usual_ctr: float = BASE_RATE  # that of all campaigns of the same goal
    opinion: DraftOpinion | None = None  # of the click model, on what drafts of the line will earn
    origin_id: str = ""  # the creative that had the past copy first
    past_by_model: bool = True  # whether a model wrote the past copy
    past_copy_id: str = ""  # the entry of the pool that the past copy came from


@dataclass(frozen=True, slots=True)
class CreativePlan:
    """The best campaign and item for one request, and one line per slot (1 to 3)."""

    campaign: Campaign
    item: Item
    slots: tuple[SlotPlan, ...]
    goes_with: str = ""  # id of the item that the user looked at or took which this is bought with


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that ends without a creative."""

    status: Literal["no_match", "no_consent", "capped", "withdrawn", "superseded", "holdout"]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Copy for one line of a plan: reviewed, what review said of it and of the drafts before it, and which
    model wrote it, if known.

    `candidates`: drafts that review accepted; `score`: of the chosen one, None when nothing was ranked.
    `copy_id`: the entry of the pool that it was taken from; `approved`: a person did so; `also`: other
    entries that may be said in its place, by their ids.
    """

    line: SlotPlan
    copy: Copy
    source: PlanSource
    codes: tuple[str, ...] = ()
    model_hash: str = ""
    candidates: int = 0
    score: CopyRank | None = None
    copy_id: str = ""
    approved: bool = False
    also: tuple[tuple[str, Copy], ...] = ()

    @property
    def written_when(self) -> str | None:
        """POOL or LIVE where a model wrote it for this creative, else None."""
        if self.source != "model":
            return None
        return POOL if self.copy_id else LIVE


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A line whose template review refuses too: by which rules, and the words they object to."""

    line: SlotPlan
    codes: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the milliseconds of a request went."""

    queue_ms: float = 0.0
    model_ms: float = 0.0
    total_ms: float = 0.0
    cpu_ms: float = 0.0

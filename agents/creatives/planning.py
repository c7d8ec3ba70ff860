"""From a request to a plan: consent, the best campaign, its slots, the item and the arm of each slot. Same
request, same plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.creatives.briefs import brief_of
from agents.creatives.expectation import expected_takes, showing_of_line, showings_of
from agents.creatives.just_said import JustSaid
from agents.creatives.plan import (
    REVOKED_CODE,
    SWITCHED_OFF,
    CreativePlan,
    Refusal,
    SlotPlan,
)
from agents.creatives.query import query_of
from agents.creatives.returning import returning
from models.campaigns import UNIFORM, Campaign, Treatment
from models.catalog.complements import NOBODY
from models.catalog.version import Catalog
from models.choice.expected_clicks import ClickOpinion, DraftOpinion, lifted_scores
from models.choice.expected_takes import TakesOpinion
from models.choice.experiments import treated, treatment_at
from models.choice.headlines import unpacked_hashes
from models.choice.matching import Match, Matcher, Query, servable
from models.choice.selection import (
    Choice,
    Posterior,
    arm_name,
    arm_priors_of,
    arms_of,
    assumed_rate,
    choose_arm,
    choose_evenly,
    choose_item,
    expected_rate,
    layout_arm,
    lifted,
    styles_of,
)
from models.choice.style_prior import style_factors
from models.item import Item
from models.review.simhash import unsigned
from models.revocations import DEFAULTS_ONLY, NORMAL, SWITCHED, Revocations
from streams import records as r
from streams.mapping.revocations import made_of
from streams.wire.ids import number_of

LayoutsOf = Callable[[str], Sequence[str]]


@dataclass(frozen=True, eq=False)
class PlanningSnapshot:
    """Reference data of one moment. `posteriors` by (campaign, slot), then arm; `overall` is the pooled rate
    of what counts, by the goal of the campaigns."""

    matcher: Matcher | None = None
    posteriors: Mapping[tuple[str, str], Mapping[str, Posterior]] = field(default_factory=dict)
    overall: Mapping[str, float] = field(default_factory=dict)
    revocations: Revocations = field(default_factory=Revocations)
    opinion: ClickOpinion | None = None  # of the newest click model, once it has learnt enough
    takes: TakesOpinion | None = None

    def usual_rate(self, goal: str) -> float:
        """Pooled rate of the campaigns with a goal, or what is assumed while nothing is known of any."""
        return self.overall.get(goal, assumed_rate(goal))


@dataclass(frozen=True, eq=False)
class DrawnItem:
    """The item of a plan: its row of the catalogue, and the chance with which it was drawn."""

    catalog: Catalog
    row: int
    chance: float

    @property
    def item(self) -> Item:
        """What is advertised."""
        return self.catalog.items[self.row]


class RequestPlanner:
    """Plans requests from the newest snapshot of the reference data."""

    def __init__(
        self,
        snapshot: Callable[[], PlanningSnapshot],
        just_said: JustSaid | None = None,
        layouts: LayoutsOf = lambda _slot: (),
    ) -> None:
        """`layouts`: those that a slot's pictures may be drawn in, none where none are drawn."""
        self._snapshot = snapshot
        self._layouts = layouts
        self._just_said = just_said or JustSaid(0)

    def plan(self, request: r.CreativeRequest, now_ms: int) -> CreativePlan | Refusal:
        """The plan of a request, or why it gets no creative. Raises ValueError for a vector that is none."""
        if not request.consent.personalise:
            return Refusal("no_consent")
        snapshot = self._snapshot()
        if snapshot.matcher is None:
            return Refusal("no_match", ("NO_CATALOG",))
        query = query_of(request, snapshot.matcher.catalog, now_ms)
        planned = returning(request, query, snapshot.revocations, snapshot.matcher) or _planned(
            request, query, snapshot, snapshot.matcher, self._layouts
        )
        if not isinstance(planned, CreativePlan):
            return planned
        if self._mode(planned) == DEFAULTS_ONLY:
            return Refusal("withdrawn", (SWITCHED_OFF,))
        said = self._just_said.of(request.user, now_ms)
        lines = tuple(replace(line, headlines=line.headlines | said) for line in planned.slots)
        return replace(planned, slots=lines) if said else planned

    def note(self, made: Sequence[r.Creative]) -> None:
        """Creatives go out now: their headlines count before their user's row knows them."""
        self._just_said.note(made)

    def stands(self, plan: CreativePlan, now_ms: int) -> bool:
        """Whether campaign and item are what they were when the plan was made, and may be shown."""
        matcher = self._snapshot().matcher
        current = None if matcher is None else matcher.campaigns.get(plan.campaign.campaign_id)
        if matcher is None or current is None:
            return False
        row = matcher.catalog.index.get(plan.item.item_id)
        same = row is not None and matcher.catalog.items[row] == plan.item and current == plan.campaign
        return same and plan.item.available and current.running(now_ms)

    def revoked(self, creative: r.Creative, origin_id: str) -> str | None:
        """Code of why a creative must not go out, or None."""
        why = self._snapshot().revocations.why(made_of(creative, origin_id))
        return None if why is None else SWITCHED_OFF if why == SWITCHED else REVOKED_CODE

    def may_write(self, plan: CreativePlan) -> bool:
        """Whether a model may write for the plan's campaign."""
        return self._mode(plan) == NORMAL

    def _mode(self, plan: CreativePlan) -> str:
        return self._snapshot().revocations.mode(plan.campaign.campaign_id)


def _planned(
    request: r.CreativeRequest,
    query: Query,
    snapshot: PlanningSnapshot,
    matcher: Matcher,
    layouts: LayoutsOf,
) -> CreativePlan | Refusal:
    match = matcher.match(query)
    if not isinstance(match, Match):
        return Refusal(match.value)
    number = number_of(request.request_id)
    treatment = treatment_at(match.campaign, request.user, query.now_ms)
    if treatment.holdout:
        return Refusal("holdout")
    campaign = treated(match.campaign, treatment)
    slots = servable(campaign, query)
    if not slots:
        return Refusal("no_match", ("TREATMENT",))
    scores, opinion = match.scores, snapshot.opinion
    if snapshot.takes is not None:
        scores = expected_takes(snapshot.takes, request, match, matcher.catalog)
    if opinion is not None:
        showings = showings_of(request, match, matcher.catalog)
        scores = lifted_scores(scores, opinion.factors(showings, match.campaign.goal))
    chosen = choose_item(scores, number)
    drawn = DrawnItem(matcher.catalog, int(match.rows[chosen.index]), chosen.propensity)
    lines = [_line(request, campaign, drawn, slot, snapshot, treatment, layouts(slot)) for slot in slots]
    with_row = int(match.goes_with[chosen.index])
    goes_with = "" if with_row == NOBODY else matcher.catalog.items[with_row].item_id
    return CreativePlan(match.campaign, drawn.item, tuple(lines), goes_with)


def _line(
    request: r.CreativeRequest,
    campaign: Campaign,
    drawn: DrawnItem,
    slot: str,
    snapshot: PlanningSnapshot,
    treatment: Treatment,
    layouts: Sequence[str],
) -> SlotPlan:
    """One slot: style x template by the policy of the user's treatment; the logged propensity is that of arm
    and item together. Where the template names no layout, one is drawn beside them, with a chance of its
    own."""
    templates = {each.template_id: each for each in campaign.drawn_templates(slot, request.context.locale)}
    arms = arms_of(styles_of(campaign), list(templates))
    names = [arm_name(*arm) for arm in arms]
    known = snapshot.posteriors.get((campaign.campaign_id, slot), {})
    usual = snapshot.usual_rate(campaign.goal)
    number, stream = number_of(request.request_id), f"{campaign.campaign_id}|{slot}"
    opinion = snapshot.opinion
    expected = opinion.arm_factors(campaign.campaign_id, slot, arms, campaign.goal) if opinion else ()
    factors = style_factors(campaign.goal, arms, expected)
    choice = (
        choose_evenly(names, number, stream)
        if treatment.policy == UNIFORM
        else choose_arm(known, names, number, stream, usual, factors)
    )
    style, template_id = arms[choice.index]
    template = templates[template_id]
    layout = None if template.layout else _drawn_layout(known, layouts, number, stream, treatment.policy)
    start = arm_priors_of(known, names, usual)
    start = lifted(start, factors[choice.index]) if factors else start
    brief = brief_of(request, campaign, drawn.catalog, drawn.row, slot, style)
    arm = names[choice.index]
    showing = showing_of_line(request, campaign, drawn.row, slot, arm, drawn.catalog)
    return SlotPlan(
        slot=slot,
        template=template,
        arm=arm,
        propensity=choice.propensity * drawn.chance,
        policy_version=choice.policy_version,
        brief=brief,
        copywriter=treatment.copywriter,
        item_propensity=drawn.chance,
        layout="" if layout is None else layouts[layout.index],
        layout_propensity=None if layout is None else layout.propensity,
        recent=tuple(unsigned(request.recent)),
        headlines=unpacked_hashes(request.headlines),
        expected_ctr=expected_rate(known.get(arm, Posterior()), start),
        usual_ctr=usual,
        opinion=DraftOpinion(opinion, showing, campaign.goal) if opinion else None,
    )


def _drawn_layout(
    known: Mapping[str, Posterior], layouts: Sequence[str], number: int, stream: str, policy: str
) -> Choice | None:
    """One of the layouts of a slot; None where there are no two to draw among. They are judged by clicks,
    whatever the campaign's goal."""
    if len(layouts) < 2:
        return None
    names, stream = [layout_arm(each) for each in layouts], f"layout:{stream}"
    if policy == UNIFORM:
        return choose_evenly(names, number, stream)
    return choose_arm(known, names, number, stream)

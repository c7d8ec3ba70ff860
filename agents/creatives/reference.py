"""The reference data the generator follows: campaigns, the catalogue, posteriors, reviews and revocations, as
one snapshot at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from agents.creatives.declarations import Declarations
from agents.creatives.planning import PlanningSnapshot
from models.campaigns import USABLE_AUDITS, Campaign
from models.catalog.version import Catalog
from models.choice.expected_clicks import ClickOpinion
from models.choice.expected_takes import TakesOpinion
from models.choice.experiment_ledger import ExperimentLedger
from models.choice.matching import Matcher
from models.choice.narrowing import is_narrowed, reworded_templates
from models.choice.selection import Posterior, assumed_rate, base_rate, is_layout_arm
from models.item import Item
from models.revocations import MadeOf, Revocation, Revocations, template_in
from streams import records as r
from streams import topics
from streams.artifacts.click_model import ClickModelReader
from streams.artifacts.kinds import BEHAVIOUR_MODEL
from streams.artifacts.reader import ArtifactReader
from streams.mapping.campaigns import campaign_of
from streams.mapping.experiments import note_experiment
from streams.mapping.revocations import heed
from streams.metrics.click import CLICK_MODEL_VERSION
from streams.metrics.creatives import SWITCHES
from streams.topics import TopicSpec
from streams.wire.codecs import Headers
from streams.wire.ids import PICTURE_ID

GENERATOR_FOLLOWS: Final = (
    topics.CAMPAIGN,
    topics.ARTIFACT,
    topics.ARM,
    topics.REVIEW,
    topics.REVOCATION,
    topics.EXPERIMENT,
)
DENIED: Final = 4
"""AdCOM audit status of a creative that must not be shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The newest review of one id and when it came; None = it was taken back."""

    review: r.Review | None
    appended_ms: int


class GeneratorReference:
    """Takes records in the event loop; `snapshot` gives what is in force now."""

    def __init__(self, declarations: Declarations | None = None) -> None:
        self._declarations = declarations or Declarations()
        self.artifacts = ArtifactReader()
        self.click_models = ClickModelReader()
        self.behaviour_models = ClickModelReader(BEHAVIOUR_MODEL)
        self.revocations = Revocations()
        self._experiments = ExperimentLedger()
        self.campaigns: dict[str, Campaign] = {}
        self.campaign_changed_ms: dict[str, int] = {}  # append time of its newest record, a null too
        self.removed_templates: set[tuple[str, str]] = set()  # (campaign, template) that it named before
        self.narrowed_ms: dict[str, int] = {}  # append time of the newest record that took something back
        self.reworded_ms: dict[tuple[str, str], int] = {}  # of a campaign's template, likewise
        self.verdicts: dict[str, Verdict] = {}  # on templates, creatives and pictures, by id
        self.decisions = 0  # campaigns and verdicts that came
        self._unapproved: set[str] = set()  # ids of those that may not be shown
        self._posteriors: dict[tuple[str, str], dict[str, Posterior]] = {}
        self._matched: tuple[Catalog | None, Matcher] | None = None
        self._items: tuple[Catalog, dict[str, Item]] | None = None
        self._opinion: ClickOpinion | None = None
        self._snapshot: PlanningSnapshot | None = None

    def on_record(
        self, spec: TopicSpec, key: str, record: r.Record | None, headers: Headers, append_ts: int
    ) -> None:
        """What a Follower calls."""
        self._snapshot = None
        if spec is topics.ARTIFACT:
            assert record is None or isinstance(record, r.ArtifactRecord)
            self.artifacts.apply(key, record)
            if self.click_models.apply(key, record):
                self._take_click_model()
            self.behaviour_models.apply(key, record)
        elif spec is topics.CAMPAIGN:
            self._take_campaign(key, record, append_ts)
            self.campaign_changed_ms[key] = append_ts
            self.decisions += 1
        elif spec is topics.REVOCATION:
            before = self.revocations.changes
            heed(self.revocations, key, record)
            self._judge_again(before)
        elif spec is topics.ARM:
            self._take_arm(key, record)
        elif spec is topics.EXPERIMENT:
            note_experiment(self._experiments, key, record)
            self._matched = None
        else:
            self._take_review(key, record, append_ts)

    def snapshot(self) -> PlanningSnapshot:
        """The newest reference data; without a catalogue there is no matcher. Rebuilt only after a change."""
        if self._snapshot is None:
            self._snapshot = PlanningSnapshot(
                self._matcher(),
                {key: dict(arms) for key, arms in self._posteriors.items()},
                self._overall(),
                self.revocations,
                self._opinion,
                self._takes(),
            )
        return self._snapshot

    def advertised(self, creative: r.Creative) -> tuple[Campaign, Item] | None:
        """Campaign and item of a creative as they are now; None when either is gone."""
        catalog, campaign = self.artifacts.catalog, self.campaigns.get(creative.campaign_id)
        if catalog is None or campaign is None:
            return None
        if self._items is None or self._items[0] is not catalog:
            self._items = (catalog, {item.item_id: item for item in catalog.items})
        item = self._items[1].get(creative.item_id or "")
        return None if item is None else (campaign, item)

    def _take_click_model(self) -> None:
        current = self.click_models.current
        assert current is not None
        self._opinion = ClickOpinion(current.model) if current.model.usable else None
        CLICK_MODEL_VERSION.set(current.model.version)

    def _takes(self) -> TakesOpinion | None:
        """None where the catalogue itself was fitted on what users took: it says the same, and better."""
        exposed, behaviour = self.click_models.current, self.behaviour_models.current
        catalog = self.artifacts.catalog
        if behaviour is None or not behaviour.model.usable or catalog is None or len(catalog.popularity):
            return None
        return TakesOpinion(behaviour.model, 0 if exposed is None else exposed.model.clicks)

    def _overall(self) -> dict[str, float]:
        """Pooled reward rate by goal: what counts for one says nothing of another."""
        known: defaultdict[str, list[Posterior]] = defaultdict(list)
        for (campaign_id, _), arms in self._posteriors.items():
            campaign = self.campaigns.get(campaign_id)
            if campaign is not None:
                known[campaign.goal] += [each for name, each in arms.items() if not is_layout_arm(name)]
        return {goal: base_rate(arms, assumed_rate(goal)) for goal, arms in known.items()}

    def _matcher(self) -> Matcher | None:
        catalog = self.artifacts.catalog
        if catalog is None:
            return None
        if self._matched is None or self._matched[0] is not catalog:
            refused = self._unapproved | self.revocations.lasting("template")
            gone = self.revocations.lasting("campaign")
            approved = {
                id: each.review.status
                for id, each in self.verdicts.items()
                if each.review is not None and each.review.status in USABLE_AUDITS
            }
            campaigns = [
                _judged(self._experiments.in_force(each), refused, approved)
                for id, each in self.campaigns.items()
                if id not in gone
            ]
            self._matched = (catalog, Matcher(catalog, campaigns, self.revocations.lasting("item")))
        return self._matched[1]

    def heed(self, revocation: Revocation) -> None:
        """Take what this worker has stated itself."""
        before = self.revocations.changes
        self.revocations.take(revocation)
        self._judge_again(before)

    def _judge_again(self, changes: int) -> None:
        if self.revocations.changes != changes:
            self._snapshot = self._matched = None
            SWITCHES.set(len(self.revocations.switches()))

    def _take_campaign(self, key: str, record: r.Record | None, append_ts: int) -> None:
        self._matched = None
        if isinstance(record, r.Campaign):
            before, after = self.campaigns.get(key), self._declarations.complete(campaign_of(record))
            self.campaigns[key] = after
            self._compare(key, before, after, append_ts)
        else:
            self.campaigns.pop(key, None)

    def _compare(self, campaign_id: str, before: Campaign | None, after: Campaign, append_ts: int) -> None:
        """What the campaign takes back. The topic keeps a version long enough for who starts later."""
        named = {(campaign_id, each.template_id) for each in after.templates}
        if before is not None:
            self.removed_templates |= {(campaign_id, each.template_id) for each in before.templates}
            if is_narrowed(before, after):
                self.narrowed_ms[campaign_id] = append_ts
            for template_id in reworded_templates(before, after):
                self.reworded_ms[campaign_id, template_id] = append_ts
        self.removed_templates -= named

    def _take_arm(self, key: str, record: r.Record | None) -> None:
        campaign_id, slot, arm = (*key.split("|", 2), "", "")[:3]
        arms = self._posteriors.setdefault((campaign_id, slot), {})
        if isinstance(record, r.ArmPosterior):
            arms[arm] = Posterior(record.alpha, record.beta)
        else:
            arms.pop(arm, None)

    def _take_review(self, key: str, record: r.Record | None, append_ts: int) -> None:
        if not key.startswith(PICTURE_ID):
            self._matched = None
        self.decisions += 1
        self.verdicts[key] = Verdict(record if isinstance(record, r.Review) else None, append_ts)
        if isinstance(record, r.Review) and record.status not in USABLE_AUDITS:
            self._unapproved.add(key)
        else:
            self._unapproved.discard(key)

    def picture_status(self, id: str) -> int | None:
        """The audit status that persons gave to a picture; one that is revoked is denied."""
        if (said := self.revocations.get("picture", id)) is not None and said.lasting:
            return DENIED
        verdict = self.verdicts.get(id)
        return None if verdict is None or verdict.review is None else verdict.review.status

    def is_refused(self, made: MadeOf) -> bool:
        """Whether a reviewer does not let this creative, or a picture in it, be shown, or something that it
        stands on was revoked."""
        denied = not self._unapproved.isdisjoint((made.creative_id, *made.pictures))
        return denied or self.revocations.why(made) is not None


def _judged(campaign: Campaign, refused: set[str], approved: Mapping[str, int]) -> Campaign:
    """The campaign without the templates that a reviewer has denied or that were revoked; those a reviewer
    approved have the status given there."""
    kept = tuple(
        replace(each, audit=approved.get(each.template_id, each.audit))
        for each in campaign.templates
        if not refused & {each.template_id, template_in(campaign.campaign_id, each.template_id)}
    )
    return campaign if kept == campaign.templates else replace(campaign, templates=kept)

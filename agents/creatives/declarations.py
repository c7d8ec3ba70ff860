"""What a creative says of itself: who wrote it, who saw it, for whom it is paid, where a model must be named,
who is told that it was shown. What its campaign does not say is left out and named, never made up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from agents.creatives.plan import Written
from models.beacon.address import Collector
from models.brief.brief import Brief
from models.brief.disclosure import AI_ACT, label_duties, must_be_disclosed
from models.brief.places import alpha_2
from models.campaigns import Campaign, EventTracker
from models.link import host_fault, tracker_fault
from streams import records as r
from streams.mapping.authorship import EDITED
from streams.settings import Settings

AI_TOOL: Final = "copy-lm"
PROFILING: Final = 1
BASIC: Final = 2
"""`dsaparams` of the IAB's transparency extension."""
PRE_APPROVED: Final = 2
"""AdCOM audit status of copy that review let through and no person saw."""
APPROVED: Final = 3
"""The same of copy that a person approved."""
UNSEEN: Final = "passed the rules of review; no person has seen it"


def audit_of(written: Written, now_ms: int) -> r.Audit:
    """A filled template has the status a person gave it; copy of a model is pre-approved, unless a
    person approved it in the pool."""
    if is_filled(written):
        return r.Audit(written.line.template.audit, [], now_ms, now_ms)
    if written.approved:
        return r.Audit(APPROVED, [], now_ms, now_ms)
    return r.Audit(PRE_APPROVED, [UNSEEN], now_ms, now_ms)


def is_filled(written: Written) -> bool:
    """Whether the copy is a template's, also when it is published again."""
    return written.source == "template" or (written.source == "reused" and not written.line.past_by_model)


def provenance_of(written: Written, voice: str = "") -> r.Provenance:
    """AdCP provenance: what a model wrote says so, names the model if it is known, and where that must be
    told; a filled template is a person's work, also when it is published again, unless a `voice` (an
    engine) speaks it: that is synthetic whoever wrote the words."""
    if not is_filled(written):
        tool = r.AiTool(AI_TOOL, f"sha256:{written.model_hash}" if written.model_hash else None)
        return _by_model(written.line.brief, tool, "selected" if written.approved else "prompt_only")
    if voice:
        return _by_model(written.line.brief, r.AiTool(voice), EDITED)
    return r.Provenance("human_edits", human_oversight=EDITED, declared_by=r.DeclaredBy("advertiser"))


def _by_model(brief: Brief, tool: r.AiTool, oversight: str) -> r.Provenance:
    duties = label_duties(brief.markets, brief.locale)
    return r.Provenance(
        "composite_with_trained_algorithmic_media",
        human_oversight=oversight,
        ai_tool=tool,
        disclosure=r.Disclosure(
            must_be_disclosed(brief.markets, brief.locale),
            [r.Jurisdiction(each.country, each.regulation, each.label) for each in duties],
        ),
    )


def domain_of(campaign: Campaign) -> str:
    """The advertiser's first domain that is one; '' = none."""
    return next((each for each in campaign.adomain if not host_fault(each)), "")


def dsa_of(campaign: Campaign, profiled: bool) -> r.CreativeDsa | None:
    """Art. 26 DSA: for whom, who paid, and who applied what is known of the user; without a domain nobody is
    named."""
    if campaign.dsa is None:
        return None
    domain = campaign.dsa.domain or domain_of(campaign)
    parameters = [PROFILING, BASIC] if profiled else [BASIC]
    named = [r.DsaTransparency(domain, parameters)] if domain else []
    return r.CreativeDsa(campaign.dsa.behalf, campaign.dsa.paid, named)


def trackers_of(campaign: Campaign, ids: dict[str, str]) -> list[r.Tracker]:
    """The campaign's trackers with our ids in place of their macros; other macros are the ad server's."""
    return [
        r.Tracker(each.type, each.method, _filled(each.url, ids))
        for each in campaign.trackers
        if not tracker_fault(each.url)
    ]


def click_trackers_of(campaign: Campaign, ids: dict[str, str]) -> list[str]:
    """What is called at a click, filled in likewise."""
    return [_filled(url, ids) for url in campaign.click_trackers if not tracker_fault(url)]


def _filled(url: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        url = url.replace("${" + name + "}", quote(value, safe=""))
    return url


@dataclass(frozen=True, slots=True)
class Declarations:
    """What the settings declare for campaigns that do not."""

    dsa_domain: str = ""
    trackers: tuple[EventTracker, ...] = ()
    collector: Collector | None = None
    voice: str = ""
    judged: bool = False
    http_assets: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Declarations:
        """Those of this environment."""
        judged = settings.picture_classifier_dir is not None
        domain = settings.dsa_domain or ""
        return cls(
            domain, settings.trackers, settings.collector, settings.clip_voice, judged, settings.http_assets
        )

    def complete(self, campaign: Campaign) -> Campaign:
        """The campaign with what it does not say itself. For whom and who paid, nobody else can say."""
        dsa = campaign.dsa
        if dsa is not None and not dsa.domain:
            dsa = replace(dsa, domain=self.dsa_domain)
        return replace(
            campaign,
            dsa=dsa,
            trackers=campaign.trackers or self.trackers,
            collector=self.collector,
            voice=self.voice,
            judged=self.judged,
            http_assets=self.http_assets,
        )


@dataclass(frozen=True, slots=True)
class Undeclared:
    """One thing a campaign leaves its creatives without: the field, what follows, what to give."""

    campaign_id: str
    field: str
    text: str
    wanted: str


def undeclared(campaign: Campaign) -> list[Undeclared]:
    """What creatives of a campaign cannot say because it does not."""
    markets = [alpha_2(each) for each in campaign.geo]
    duties = label_duties(markets, "en")
    found: list[tuple[str, str, str]] = []
    if not domain_of(campaign):
        found.append(
            ("advertiser.adomain", "no fallback link, and nobody to name", "the advertiser's domain")
        )
    if campaign.dsa is None and (not markets or any(each.regulation == AI_ACT for each in duties)):
        found.append(("dsa", "shown in the EU without saying for whom and who paid", "dsa {behalf, paid}"))
    elif campaign.dsa is not None and not (campaign.dsa.domain or domain_of(campaign)):
        wanted = "dsa.domain, advertiser.adomain or SHIFTCAST_DSA_DOMAIN"
        found.append(("dsa.domain", "nobody is named who profiles", wanted))
    if not markets:
        text = (
            "where the user's country is unknown only the rules of every market hold, and copy of the model "
            "asks for a label"
        )
        found.append(("targeting.geo", text, "countries of three letters"))
    if not campaign.trackers and campaign.collector is None:
        text = "no tracker: impressions and clicks come back only when the ad server sends them itself"
        wanted = "SHIFTCAST_COLLECT_URL, trackers [{type, method, url}] or SHIFTCAST_TRACKERS"
        found.append(("trackers", text, wanted))
    return [Undeclared(campaign.campaign_id, *each) for each in found]

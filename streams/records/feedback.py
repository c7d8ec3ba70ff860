"""What the loop publishes: an exposure once it is settled, the metrics of a cell and window."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from streams.records.base import Code, Count, Id, Ms, Name, Names, Record, Share, UserKey
from streams.records.requests import CopyText


class Exposure(Record):
    """One impression of a creative of ours and what followed it until its campaign's click window closed,
    sent once nothing can change it any more: that window is over (`complete`), or the profile had no room for
    all of it (`evicted`).

    The id comes from the impression: a replay sends it again, readers keep the last. What is not known is
    missing. Clicks that do not count (of bots, too fast, repeated) are told by their number alone.
    """

    exposure_id: Id
    user: UserKey
    ts: Ms  # of the impression
    settled: Name  # complete | evicted
    campaign_id: Id
    creative_id: Id
    slot: Name
    template_id: Id
    arm: Name
    propensity: Share | None = None  # of arm and item together
    item_propensity: Share | None = None  # of the item alone
    policy_version: Name | None = None
    request_id: Id | None = None
    item_id: Id | None = None
    segment: Name | None = None
    interest: Names = []  # the user's strongest codes, strongest first
    hour: Code | None = None  # this, weekday and device: of the impression, at the user's place
    weekday: Code | None = None
    device: Code | None = None
    country: Name | None = None  # of the request, as is `interest`: a shared creative has neither
    showing: Annotated[int, Meta(ge=1)] = (
        1  # the how-manieth of this creative to this user; 8 = eighth or later
    )
    experiments: dict[str, str] = {}  # experiment id -> arm
    viewable: bool = False
    clicked: bool = False
    click_after_s: Count | None = None
    invalid_clicks: Count = 0
    conversions: Count = 0
    value_minor: dict[str, int] = {}
    cost_micros: dict[str, int] = {}  # millionths of the currency's unit
    liked: bool = False
    hidden: bool = False
    reported: bool = False
    lang: Name | None = None
    copy: CopyText | None = None  # of a creative of the user's own
    copy_id: Name | None = None
    layout: Name | None = None
    layout_propensity: Share | None = None  # with which it was drawn; None where another was, or none
    asset: Name | None = None
    channel: Name | None = None
    purposes: Names = []  # profile, personalise, measure, train: allowed at the time of the exposure
    invalid: Name | None = None  # why it counts nowhere: bot; None = it counts


EVERY: Final = "*"
"""In the cell of a metric: not told apart by this name. A minute tells campaign, arm and slot alone; each
campaign has one cell of its own per window, which no sum over cells may contain."""


class MetricCounts(Record):
    impressions: Count = 0
    viewable: Count = 0
    clicks: Count = 0
    conversions: Count = 0
    likes: Count = 0
    hides: Count = 0
    reports: Count = 0
    invalid_impressions: Count = 0  # of bots; this and the next are in none of the counts above
    invalid_clicks: Count = 0
    starts: Count = 0  # this and the next: how far clips were played, by persons
    first_quartiles: Count = 0
    midpoints: Count = 0
    third_quartiles: Count = 0
    completions: Count = 0
    users: Count | None = None  # who saw the cell in the window; never more than there were
    by_showing: list[int] = []  # impressions by the how-manieth showing of a creative to its user, from 1
    clicked_by_showing: list[int] = []  # those of them that were clicked


class MetricRates(Record):
    """Shares with their Wilson 95 % intervals; None where nothing was counted."""

    ctr: Share | None = None
    ctr_lo: Share | None = None
    ctr_hi: Share | None = None
    cvr: Share | None = None
    cvr_lo: Share | None = None
    cvr_hi: Share | None = None
    ctr_by_showing: list[Share | None] = []
    fatigue_p: Share | None = None  # of a test whether click rate falls with the showing; small = it falls
    satisfaction: float | None = None
    vcr: Share | None = None  # video completion rate: of the clips that were started
    vcr_lo: Share | None = None
    vcr_hi: Share | None = None


class MetricMoney(Record):
    """Minor units per currency; `roas` only where there is a cost."""

    revenue_minor: dict[str, int] = {}
    cost_minor: dict[str, int] = {}
    roas: dict[str, float] = {}


class MetricQuality(Record):
    novelty: float | None = None
    distinct: Share | None = None  # different pairs of words in headlines, as a share of all
    arm_entropy: Share | None = None  # 1 = all arms alike, 0 = one alone; this and the next of campaigns
    style_entropy: Share | None = None  # of what copy leads with
    repeat_share: Share | None = None  # of impressions: the user had seen the creative before


class MetricGeneration(Record):
    """How requests ended and what that took."""

    by_status: dict[str, int] = {}
    review: dict[str, int] = {}  # reason code -> refusals
    creatives: Count = 0  # made for users
    queue_p50_ms: float | None = None
    total_p50_ms: float | None = None
    total_p95_ms: float | None = None
    cpu_ms: float | None = None


class CreativeMetric(Record):
    """Absolute metrics of one cell and window; the last value of a key is the truth."""

    campaign_id: Id
    template_id: Id
    arm: Name
    slot: Name
    segment: Name
    window: Ms  # start; 0 with `window_s` 0
    window_s: Count  # 60, 3600, 86400; 0 = the campaign's life
    counts: MetricCounts
    rates: MetricRates = MetricRates()
    money: MetricMoney = MetricMoney()
    quality: MetricQuality = MetricQuality()
    generation: MetricGeneration = MetricGeneration()
    k: Count = 0  # cells with fewer users are suppressed
    suppressed: bool = False

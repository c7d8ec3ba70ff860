"""What advertisers and reviewers give: campaigns, the catalogue, verdicts."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from models.campaigns import LOOK_BACK_S, PLANNED_USERS, THOMPSON
from streams.records.base import (
    Amount,
    Code,
    Count,
    Id,
    Ms,
    Name,
    Names,
    Price,
    Record,
    Share,
    Svg,
    Text,
    Title,
    Url,
)

CampaignId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^|\s]+$")]
"""A bar sets the parts of topic keys apart: one in an id would make it another campaign's key."""
TemplateId = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[^|]+$")]
WindowS = Annotated[int, Meta(ge=0, le=LOOK_BACK_S)]
Sentences = Annotated[list[Text], Meta(max_length=64)]


class Advertiser(Record):
    name: Name
    adomain: Names = []


class Flight(Record):
    start: Ms
    end: Ms


class CampaignItems(Record):
    """Which items a campaign advertises: both lists empty = the whole catalogue."""

    ids: Annotated[list[Id], Meta(max_length=20_000)] = []
    cat: Names = []


class Brief(Record):
    brand: Name
    facts: Sentences = []
    must_use: Sentences = []
    avoid: Sentences = []
    tone: Name = "friendly"


class Targeting(Record):
    geo: Names = []
    device: Annotated[list[Code], Meta(max_length=64)] = []
    segment: Names = []


class Template(Record):
    """A frame for one slot. `{title}`, `{noun}`, `{price}`, `{brand}` stand for the row's; audit = AdCOM
    status: 2 and 3 may be used, none said is 1, pending. `layout`: how its pictures are laid out, a variant
    of the slot's layout or one of the campaign's `layouts`; none said = any of the slot's."""

    template_id: TemplateId
    slot: Name
    locale: Name
    headline: Name
    description: Name
    cta: Name
    audit: Code = 1
    layout: Name = ""


class PictureLayout(Record):
    """An advertiser's own layout of a slot's pictures: an SVG with a rect for each element."""

    layout_id: Id
    slot: Name
    svg: Svg


class CampaignChoice(Record):
    """Styles and template ids that personal creatives are drawn from; an empty list = all of them."""

    styles: Names = []
    templates: Annotated[list[Id], Meta(max_length=512)] = []


class SuppliedPicture(Record):
    """A picture of an advertiser's library with what `shiftcast assets index` found of it; `near`: items by
    how near an encoder places it to them."""

    url: Url
    caption: Text = ""
    item_ids: Annotated[list[Id], Meta(max_length=64)] = []
    cat: Names = []
    colours: Annotated[list[Name], Meta(max_length=8)] = []
    sentiment: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    near: Annotated[dict[Id, Share], Meta(max_length=64)] = {}


class Pool(Record):
    """What creatives may show and say: `images` are addresses alone, `material` is described."""

    images: Annotated[list[Url], Meta(max_length=256)] = []
    material: Annotated[list[SuppliedPicture], Meta(max_length=256)] = []
    claims: Sentences = []
    ctas: Names = []


class Blocked(Record):
    cat: Names = []
    attr: Annotated[list[Code], Meta(max_length=64)] = []


class Cap(Record):
    """At most `n` impressions per user in `per_s` seconds (None = lifetime), counted per creative or
    campaign. models.earned.cap_limits says which can be held to."""

    n: Count
    per_s: Count | None = None
    scope: Name = "campaign"


class Attribution(Record):
    """For how many seconds a click earns what follows, and a view where no click does; 0 = never, None = as
    the settings say."""

    click_s: WindowS | None = None
    view_s: WindowS | None = None


class Treatment(Record):
    """What the users of an arm get otherwise than the campaign says. `holdout`: no creative of their own;
    `policy`: thompson | uniform; `detector_target`: false triggers per 1,000 positives, for which
    `shiftcast experiment start` finds the `threshold`; `copywriter`: NAME/VERSION of what writes."""

    holdout: bool = False
    styles: Names = []
    templates: Names = []
    policy: Name = THOMPSON
    detector_target: Annotated[float, Meta(gt=0, le=1000)] | None = None
    threshold: Annotated[float, Meta(ge=-1e6, le=1e6)] | None = None
    copywriter: Name = ""


class ExperimentArm(Record):
    id: Id
    share: Share
    treatment: Treatment = Treatment()


class Experiment(Record):
    """Immutable while it runs; the first arm is the control. `planned_users`: in all arms, where its
    intervals are narrowest."""

    id: Id
    salt: Name
    arms: Annotated[list[ExperimentArm], Meta(max_length=64)]
    start: Ms
    end: Ms
    planned_users: Annotated[int, Meta(ge=1, le=2**53 - 1)] = PLANNED_USERS


class Dsa(Record):
    """`domain`: of whoever applies what is known of the user; none said = the advertiser's."""

    behalf: Name
    paid: Name
    domain: Name | None = None


class Tracker(Record):
    """AdCOM event type and method; the url is https and may hold macros, `${CREATIVE_ID}` and other ids are
    filled in when a creative is made, the rest is the ad server's."""

    type: Code
    method: Code
    url: Url


class ClickThrough(Record):
    """`macro`: in markup the landing page stands percent-encoded behind it (`${CLICK_URL}`,
    `%%CLICK_URL_UNESC%%`); `trackers` are called at a click."""

    macro: Name = ""
    trackers: Annotated[list[Url], Meta(max_length=16)] = []


Colour = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")]


LegalTexts = Annotated[dict[Name, Annotated[str, Meta(min_length=1, max_length=300)]], Meta(max_length=64)]


class Bid(Record):
    """What OpenRTB requests are answered with: a price per thousand impressions, in units of `cur`."""

    cpm: Price
    cur: Name


class Campaign(Record):
    """active | paused | ended; what is advertised to whom, in which slots, and what the copy may say."""

    campaign_id: CampaignId
    version: Count
    status: Name
    advertiser: Advertiser
    goal: Name | None = None  # awareness | clicks | conversions; None: what the brief tells, else clicks
    k: Count = 0  # cells of ads.creative.metric.v1 that fewer users saw are suppressed
    budget: Amount | None = None
    flight: Flight | None = None
    slots: Names = []
    locales: Names = []
    items: CampaignItems = CampaignItems()
    brief: Brief | None = None
    targeting: Targeting = Targeting()
    templates: Annotated[list[Template], Meta(max_length=512)] = []
    choice: CampaignChoice = CampaignChoice()
    pool: Pool = Pool()
    people_first: bool = False  # copy of a model is shown only where a person approved it in ads.copy.v1
    blocked: Blocked = Blocked()
    cap: Annotated[list[Cap], Meta(max_length=64)] = []
    attribution: Attribution | None = None
    experiment: Experiment | None = None
    dsa: Dsa | None = None
    trackers: Annotated[list[Tracker], Meta(max_length=32)] = []
    click: ClickThrough = ClickThrough()
    render: Names = []  # native | html | vast: what its creatives carry ready-made
    bid: Bid | None = None  # without one no OpenRTB request is answered
    labels: dict[str, str] = {}
    colours: Annotated[list[Colour], Meta(max_length=4)] = []  # of its pictures: the brand's, the button's
    logo: Url = ""  # of the brand, a picture
    legal: LegalTexts = {}  # what every creative must say beside its copy, by locale
    layouts: Annotated[list[PictureLayout], Meta(max_length=16)] = []  # named by templates


class CatalogItem(Record):
    """One item of the catalogue; prices in units of `cur`."""

    item_id: Id
    title: Annotated[Title, Meta(min_length=1)]
    url: Url
    price: Price | None = None
    salesprice: Price | None = None
    cur: Name | None = None
    availability: Name = "in_stock"
    images: Annotated[list[Url], Meta(max_length=64)] = []
    cat: Names = []
    cattax: Code | None = None
    noun: Name | None = None
    text: Annotated[str, Meta(max_length=16_384)] | None = None
    valid_until: Ms | None = None


class Review(Record):
    """A reviewer's verdict on a creative or template: AdCOM audit status 1 to 6. `key` = the creative's topic
    key."""

    id: Id
    status: Code
    key: Annotated[str, Meta(max_length=512)] | None = None
    feedback: Sentences = []
    reviewer: Name | None = None
    ts: Ms | None = None

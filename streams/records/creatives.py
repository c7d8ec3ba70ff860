"""What ad servers read: a creative with its provenance, audit status, trackers and renderings."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from streams.records.base import Cause, Code, Count, Id, Ms, Name, Names, Pixels, Record, Share, Text, Url
from streams.records.campaigns import Advertiser, Tracker
from streams.records.requests import CopyText


class Audience(Record):
    type: Name  # user | segment | default
    key: Name


class Asset(Record):
    role: Name
    url: Url
    type: Code | None = None
    mime: Name | None = None
    w: Pixels | None = None
    h: Pixels | None = None
    bytes: Count | None = None
    sha256: Name | None = None
    dur: Count | None = None  # s, of a clip
    codec: Name | None = None  # of a clip, as RFC 6381 names it
    why: Name | None = None  # an advertiser's picture was chosen
    layout: Name | None = None  # of a picture or clip that was made: the variant of the slot's layout
    looks: Name | None = None  # of a picture that was made for one user: perceptual hash, 16 hex digits
    shown: Names = []  # ids of the photo, logo and ground in it, by which persons review them


class Link(Record):
    """`trkr` are called at a click; in markup the landing page stands behind `macro`. `redirect` counts a
    click and leads to `url`: for markup that calls nobody."""

    url: Url
    urlfb: Url | None = None
    trkr: Annotated[list[Url], Meta(max_length=16)] = []
    macro: Name = ""
    redirect: Url | None = None


class Audit(Record):
    status: Code
    feedback: list[Text] = []
    init: Ms | None = None
    lastmod: Ms | None = None


class AiTool(Record):
    name: Name
    version: Name | None = None


class DeclaredBy(Record):
    role: Name


class Jurisdiction(Record):
    country: Name
    regulation: Name
    label_text: Text


class Disclosure(Record):
    required: bool
    jurisdictions: list[Jurisdiction] = []


class Provenance(Record):
    """AdCP `provenance`: who made this and with what."""

    digital_source_type: Name
    synthetic_depiction: bool = False
    ai_tool: AiTool | None = None
    human_oversight: Name = "prompt_only"
    declared_by: DeclaredBy = DeclaredBy(role="tool")
    disclosure: Disclosure = Disclosure(required=False)


class DsaTransparency(Record):
    domain: Url
    dsaparams: list[int]


class CreativeDsa(Record):
    behalf: Name
    paid: Name
    transparency: list[DsaTransparency] = []
    adrender: Count = 0


class CreativeReason(Record):
    trigger: Name


class CreativeExperiment(Record):
    arm: Name
    propensity: Share
    policy_version: Name
    id: Name | None = None
    item_propensity: Share | None = None  # the part of the propensity that is the item's
    layout: Name | None = None  # that was drawn for its picture or clip, which may turn out in another
    layout_propensity: Share | None = None  # of the layout alone


class AlsoSaid(Record):
    """Another copy of the pool for the same item and style, reviewed as the creative's own: for channels that
    try several, as search does. A reader leaves out what is revoked by its `copy_id`."""

    copy_id: Id
    headline: Text
    description: Text


class Creative(Record):
    """What ad servers read. `creative_id` = "cr_" + 16 hex digits, `request_id` = "rq_" + 16 hex digits."""

    creative_id: Id
    template_id: Id
    campaign_id: Id
    advertiser: Advertiser
    audience: Audience
    slot: Name
    lang: Name
    version: Count
    created: Ms
    expires: Ms
    copy: CopyText
    link: Link
    audit: Audit
    provenance: Provenance
    reason: CreativeReason
    legal: Text = ""  # the campaign's, in its language: it leaves with the copy or the copy does not leave
    item_id: Id | None = None
    source: Name | None = None  # of copy that a model wrote: pool (ahead) | live (for this request)
    copy_id: Id | None = None  # of the entry of ads.copy.v1 that it was taken from
    also: Annotated[list[AlsoSaid], Meta(max_length=12)] = []
    request_id: Id | None = None
    replaces: Name | None = None
    assets: list[Asset] = []
    trackers: list[Tracker] = []
    cat: Names = []
    cattax: Code | None = None
    attr: list[int] = []
    mrating: Code = 1
    dsa: CreativeDsa | None = None
    experiment: CreativeExperiment | None = None
    cause: Cause | None = None
    render: dict[str, Any] = {}
    replaces_version: Count | None = (
        None  # of this same creative: it is this version with pictures of its own
    )

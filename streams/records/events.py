"""What ad-platform engineers send about users: impressions, clicks, conversions, behaviour, consent, privacy
requests."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from streams.records.base import (
    Amount,
    Code,
    ConsentString,
    Count,
    Device,
    Explicit,
    Id,
    Ms,
    Name,
    Names,
    Pixels,
    Price,
    Record,
    Regs,
    Text,
    UserKey,
)


class Placement(Record):
    id: Name | None = None
    gpid: Name | None = None
    w: Pixels | None = None
    h: Pixels | None = None
    pos: Code | None = None


class ImpressionPrice(Record):
    cpm: Price | None = None
    cur: Name | None = None


class Impression(Record):
    """A creative was shown (AdCOM event 2, or 3 to 5 when it became viewable). `creative_id` null = not one
    of ours."""

    id: Id
    ts: Ms
    user: UserKey
    creative_id: Name | None
    item_id: Name | None = None
    cat: Names = []
    cattax: Code | None = None
    campaign_id: Name | None = None
    template_id: Name | None = None
    slot: Name | None = None
    event: Code | None = None
    placement: Placement | None = None
    device: Device | None = None
    auction_id: Name | None = None
    price: ImpressionPrice | None = None
    regs: Regs | None = None
    consent: ConsentString | None = None
    explicit: Explicit | None = None


class Click(Record):
    """A click. `imp_id` is the id of the impression it belongs to."""

    id: Id
    ts: Ms
    user: UserKey
    imp_id: Name | None = None
    creative_id: Name | None = None
    item_id: Name | None = None
    cat: Names = []
    cattax: Code | None = None
    campaign_id: Name | None = None
    slot: Name | None = None
    device: Device | None = None
    regs: Regs | None = None
    consent: ConsentString | None = None
    explicit: Explicit | None = None


class ConversionItem(Record):
    """One line of an order; a return has a negative quantity."""

    item_id: Id
    qty: Amount = 1
    price: Amount | None = None


class Conversion(Record):
    """purchase | lead | signup | install | add_to_cart | custom; `value` in units of `cur`, negative for a
    return, at most 10^12 of its smallest unit, and so is the sum of `items`."""

    id: Id
    ts: Ms
    user: UserKey
    type: Name
    value: Amount | None = None
    cur: Name | None = None
    order: Name | None = None
    imp_id: Name | None = None
    click_id: Name | None = None
    items: Annotated[list[ConversionItem], Meta(max_length=64)] = []
    device: Device | None = None
    regs: Regs | None = None
    consent: ConsentString | None = None
    explicit: Explicit | None = None


class Behavior(Record):
    """page | screen | search | product | cart | comment | dwell | video | feedback (hide | report | like |
    prefer | avoid; the last two state a preference that counts at once and until another is stated). `text`:
    what was searched for or said; of feedback without an item, what it is about."""

    id: Id
    ts: Ms
    user: UserKey
    type: Name
    item_id: Name | None = None
    creative_id: Name | None = None
    cat: Names = []
    cattax: Code | None = None
    kwarray: Names = []
    text: Text | None = None
    dwell_ms: Annotated[int, Meta(ge=0, le=86_400_000)] | None = None
    feedback: Name | None = None
    device: Device | None = None
    regs: Regs | None = None
    consent: ConsentString | None = None
    explicit: Explicit | None = None


class Consent(Record):
    """The latest statement of a user; a null value withdraws everything."""

    user: UserKey
    ts: Ms
    regs: Regs | None = None
    consent: ConsentString | None = None
    explicit: Explicit | None = None


class PrivacySubject(Record):
    identifierType: Name | None = None  # noqa: N815 - the IAB framework's name
    identifierValue: Name | None = None  # noqa: N815
    identifierFormat: Name | None = None  # noqa: N815


class Withdrawal(Record):
    """A user allowed purposes and does no longer: whatever is of `ts` or before may not be used for them,
    also once the user agrees again."""

    user: UserKey
    ts: Ms
    purposes: Names  # of profile, personalise, measure, train


class PrivacyRequest(Record):
    """erasure | access | object | restrict for the user who is the key."""

    request_id: Id
    type: Name
    iat: Count
    sub: PrivacySubject | None = None
    iss: Name | None = None
    deadline: Count | None = None
    jwt: ConsentString | None = None


class StoreReport(Record):
    name: Name
    deleted: Count
    until: Ms | None = None


class PrivacyAck(Record):
    """What was done about a privacy request: done | superseded (the user has stated something newer, which is
    in force) | rejected, store by store."""

    request_id: Id
    type: Name
    status: Name
    raResultCode: int = 0  # noqa: N815 - the IAB framework's name
    stores: list[StoreReport] = []
    tombstones: Count = 0
    done_ts: Ms | None = None
    verify_after: Ms | None = None
    export: dict[str, Any] | None = None

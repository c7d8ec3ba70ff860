"""A campaign as matching and choice see it: plain values, no wire format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from models.beacon.address import Collector

LOOK_BACK_S: Final = 90 * 86_400
"""What is kept of a user who does nothing: no cap and no window can look back further."""
THOMPSON: Final = "thompson"
UNIFORM: Final = "uniform"
POLICIES: Final = (THOMPSON, UNIFORM)
PLANNED_USERS: Final = 100_000
"""Users of an experiment that does not say for how many it is made."""
MOBILE: Final = 1
HANDHELD: Final = frozenset({4, 5})
"""AdCOM devicetype 1, mobile or tablet, is also phone (4) and tablet (5)."""
PENDING: Final = 1
APPROVED: Final = 3
USABLE_AUDITS: Final = frozenset({2, APPROVED})
"""AdCOM audit status of a template that may be filled: pre-approved, approved."""
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
FOREIGN_PLACEHOLDER: Final = re.compile(
    r"(?<![\w%])%{1,2}[^\W\d]\w*%{1,2}|(?<!\w)\$\{?[^\W\d]\w*\}?|(?<![\w%])%(?:\d+\$)?[sdif@](?!\w)"
    r"|%\([^\W\d]\w*\)[sdf]"
)
"""As other systems write them, "%title%", "$title", "%s": nobody fills them in. "$20" and "50%" are none."""
PLACEHOLDERS: Final = ("title", "noun", "brand", "price")
"""What a template may leave to the row."""


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """What stands in `text` for something that nobody fills in, each once, as it is written."""
    own = (each.group() for each in PLACEHOLDER.finditer(text) if each[1] not in PLACEHOLDERS)
    foreign = (each.group() for each in FOREIGN_PLACEHOLDER.finditer(text))
    return tuple(dict.fromkeys((*foreign, *own)))


@dataclass(frozen=True)
class Template:
    """A frame for one slot and locale; `{title}`, `{noun}`, `{price}`, `{brand}` are filled in. `audit`: the
    AdCOM status; nobody has looked at it until it says so."""

    template_id: str
    slot: str
    locale: str
    headline: str
    description: str
    cta: str
    audit: int = PENDING
    layout: str = ""  # of its pictures: a variant of the slot's layout or one of the campaign's; "" = any

    @property
    def unknown_placeholders(self) -> tuple[str, ...]:
        """Placeholders that stand for nothing a row has, as they are written."""
        return unknown_placeholders(f"{self.headline} {self.description} {self.cta}")

    @property
    def usable(self) -> bool:
        """Whether it may be filled: approved, and every placeholder is known."""
        return self.audit in USABLE_AUDITS and not self.unknown_placeholders


@dataclass(frozen=True)
class PictureLayout:
    """An advertiser's own layout of a slot's pictures."""

    layout_id: str
    slot: str
    svg: str


@dataclass(frozen=True)
class Cap:
    """At most `n` impressions per user in `per_s` seconds (None = lifetime) of one creative or the whole
    campaign."""

    n: int
    per_s: int | None = None
    scope: str = "campaign"


@dataclass(frozen=True)
class Treatment:
    """What the users of an arm get otherwise than the campaign says; nothing said = as it says."""

    holdout: bool = False  # no creative of their own: they see what everyone sees
    styles: tuple[str, ...] = ()
    template_ids: tuple[str, ...] = ()
    policy: str = THOMPSON  # how style and template are drawn: thompson | uniform
    detector_target: float | None = None  # false triggers per 1,000 positives
    threshold: float | None = None  # of the trigger, found for that target
    copywriter: str = ""  # NAME/VERSION of what writes; "" = what writes for everyone


@dataclass(frozen=True)
class ExperimentArm:
    id: str
    share: float
    treatment: Treatment = Treatment()


@dataclass(frozen=True)
class Experiment:
    """Users are split over `arms`, the first of which is the control, by a hash of `salt` and user; immutable
    while it runs. Times in Unix ms; `planned_users`: how many it is made for, in all arms."""

    id: str
    salt: str
    arms: tuple[ExperimentArm, ...]
    start_ms: int
    end_ms: int
    planned_users: int = PLANNED_USERS

    def running(self, at_ms: int) -> bool:
        """Whether an exposure of that time belongs to it."""
        return self.start_ms <= at_ms < self.end_ms


@dataclass(frozen=True)
class Dsa:
    """For whom an ad is shown, who paid, and the domain of whoever applies what is known of the user."""

    behalf: str
    paid: str
    domain: str = ""


@dataclass(frozen=True)
class EventTracker:
    """What an ad server calls at an event: AdCOM event type and method, an https address with macros."""

    type: int
    method: int
    url: str


@dataclass(frozen=True)
class SuppliedPicture:
    """A picture of an advertiser's library and what is known of it: nothing said = it suits every item.
    `near`: items that an encoder finds it near to, 0 to 1."""

    url: str
    caption: str = ""
    item_ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()  # `#rrggbb`, the largest first
    sentiment: float = 0.0  # of what is said of it, -1 to 1
    near: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Campaign:
    """One campaign. Empty `slots`, `locales`, `geo`, `devices`, `segments` = no restriction of that kind.

    `item_ids` and `item_categories` say what is advertised: an item of either list; both empty = the whole
    catalogue. `blocked_categories` are never advertised, whatever the lists say. Times in Unix ms, None =
    open.
    """

    campaign_id: str
    version: int
    status: str  # active | paused | ended
    brand: str
    advertiser: str = ""
    adomain: tuple[str, ...] = ()
    goal: str = "clicks"  # awareness | clicks | conversions
    start_ms: int | None = None
    end_ms: int | None = None
    slots: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    item_categories: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    must_use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    tone: str = "friendly"
    geo: tuple[str, ...] = ()  # ISO 3166-1 alpha-3 countries
    devices: tuple[int, ...] = ()  # AdCOM devicetype
    segments: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    styles: tuple[str, ...] = ()  # in this and the next: what personal creatives are drawn from; () = all
    drawn_template_ids: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    material: tuple[SuppliedPicture, ...] = ()
    claims: tuple[str, ...] = ()
    ctas: tuple[str, ...] = ()
    blocked_categories: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    attribution_click_s: int | None = None  # None in this and the next: as the settings say
    attribution_view_s: int | None = None
    experiment: Experiment | None = None
    dsa: Dsa | None = None
    budget: float | None = None  # in the advertiser's own money
    trackers: tuple[EventTracker, ...] = ()
    click_macro: str = ""  # stands before the landing page in markup
    click_trackers: tuple[str, ...] = ()
    render: tuple[str, ...] = ()  # formats that its creatives carry ready-made
    cpm: float | None = None  # what OpenRTB requests are answered with; None: not at all
    cpm_currency: str = ""
    colours: tuple[str, ...] = ()  # of its pictures, `#rrggbb`: the brand's, the button's
    logo: str = ""  # address of the brand's, a picture
    legal: tuple[tuple[str, str], ...] = ()  # by locale: what every creative must say beside its copy
    layouts: tuple[PictureLayout, ...] = ()  # named by templates
    people_first: bool = False  # copy of a model is shown only once a person has approved it
    collector: Collector | None = field(default=None, repr=False, compare=False)  # where our trackers lead
    judged: bool = field(default=False, compare=False)  # pictures are shown only once they were looked at
    http_assets: bool = field(default=False, compare=False)  # its pictures may be plain http
    voice: str = field(default="", compare=False)  # the engine that speaks in its clips

    def running(self, now_ms: int) -> bool:
        """Active and in flight at `now_ms`."""
        begun = self.start_ms is None or self.start_ms <= now_ms
        over = self.end_ms is not None and now_ms >= self.end_ms
        return self.status == "active" and begun and not over

    def wants(self, country: str | None, device: int | None, segment: str | None) -> bool:
        """Whether someone there, with that device and of that segment is in its audience: what it asks for
        must be known and listed."""
        return (
            (not self.geo or country in self.geo)
            and (
                not self.devices or device in self.devices or (device in HANDHELD and MOBILE in self.devices)
            )
            and (not self.segments or segment in self.segments)
        )

    def legal_for(self, locale: str) -> tuple[str, str]:
        """The legal text for a reader, behind the locale that it is in: of his locale, else of his language,
        else the first: said in another language rather than not at all."""
        same = (each for each in self.legal if _written(each[0]) == _written(locale))
        spoken = (each for each in self.legal if speaks(each[0], locale))
        return next(chain(same, spoken, self.legal), ("", ""))

    def templates_for(self, slot: str, locale: str) -> tuple[Template, ...]:
        """Usable templates of `slot` whose locale fits `locale` (see `speaks`), in order of id; empty = the
        slot cannot be served."""
        if (self.slots and slot not in self.slots) or not allows(self.locales, locale):
            return ()
        fitting = (t for t in self.templates if t.slot == slot and t.usable and speaks(t.locale, locale))
        return tuple(sorted(fitting, key=lambda t: t.template_id))

    def drawn_templates(self, slot: str, locale: str) -> tuple[Template, ...]:
        """Those of `templates_for` that personal creatives may be made of."""
        fitting = self.templates_for(slot, locale)
        if not self.drawn_template_ids:
            return fitting
        return tuple(t for t in fitting if t.template_id in self.drawn_template_ids)


def speaks(offered: str, wanted: str) -> bool:
    """Whether text in locale `offered` may be shown to a user of locale `wanted`: same language, and same
    region where both name one."""
    here, there = _written(offered), _written(wanted)
    if "-" in here and "-" in there:
        return here == there
    return here.partition("-")[0] == there.partition("-")[0]


def _written(locale: str) -> str:
    return locale.lower().replace("_", "-")


def allows(locales: tuple[str, ...], wanted: str) -> bool:
    """Whether a list of locales admits `wanted`; an empty list admits all."""
    return not locales or any(speaks(offered, wanted) for offered in locales)

"""All mistakes of a campaign that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.brief.brief import GOALS, LIMITS, STYLES, TONE_WORDS, limits_of
from models.brief.disclosure import label_in
from models.campaigns import Campaign, speaks
from models.earned.cap_limits import CAP_SCOPES, cap_faults
from models.link import LINK_SCHEMES, SECURE_SCHEMES, host_fault, link_fault
from models.markup.ad import click_macro_fault
from models.markup.formats import STORED
from models.markup.label import with_label
from models.markup.slot_sizes import must_say_width
from models.markup.tracking import EVENT_TYPES, FIRST_OF_VENDORS, METHODS
from models.mistakes.advertised import item_set_mistakes
from models.mistakes.experiment import experiment_mistakes
from models.mistakes.known import KnownItems
from models.mistakes.layouts import layout_mistakes
from models.mistakes.locales import locale_mistakes, targeting_mistakes
from models.mistakes.mistake import Mistake, cited, listed, one_of
from models.mistakes.money import money_mistakes
from models.mistakes.times import YEAR_2001_MS, day_of, time_mistakes
from models.mistakes.wording import wording_mistakes
from models.money import INDEX, UNKNOWN_CURRENCY
from models.review.template_check import check_legal
from models.text.graphemes import shown_width

STATUSES: Final = ("active", "paused", "ended")
SHORTEST_CAP_S: Final = 60
"""A shorter time is hours or days, written as such."""


def campaign_mistakes(campaign: Campaign, known: KnownItems | None, now_ms: int) -> list[Mistake]:
    """In the order of the fields; `known` None = the catalogue is not at hand, items stay unchecked."""
    return [
        *_plain(campaign),
        *_flight(campaign, now_ms),
        *_places(campaign),
        *(item_set_mistakes(campaign, known) if known is not None else ()),
        *(money_mistakes(campaign, known) if known is not None else ()),
        *one_of("brief.tone", campaign.tone.casefold().strip(), TONE_WORDS, "warning"),
        *targeting_mistakes(campaign, known),
        *wording_mistakes(campaign),
        *layout_mistakes(campaign),
        *_choice(campaign),
        *_links(campaign),
        *_serving(campaign),
        *_legal(campaign),
        *_caps(campaign),
        *(experiment_mistakes(campaign.experiment, campaign.templates) if campaign.experiment else ()),
    ]


def _plain(campaign: Campaign) -> Iterator[Mistake]:
    yield from one_of("status", campaign.status, STATUSES)
    yield from one_of("goal", campaign.goal, GOALS)
    if not campaign.advertiser.strip():
        yield Mistake("advertiser.name", "error", "is empty")
    if not campaign.brand.strip():
        yield Mistake("brief.brand", "error", "is empty: a creative must say whose it is")
    elif shown_width(campaign.brand) > (most := limits_of("").brand):
        what = f"is {cited(campaign.brand)}, {shown_width(campaign.brand)} wide: it will be cut"
        yield Mistake("brief.brand", "warning", what, f"at most {most}")
    if campaign.budget is not None and campaign.budget <= 0:
        yield Mistake("budget", "error", f"is {campaign.budget:g}", "an amount above 0")


def _flight(campaign: Campaign, now_ms: int) -> Iterator[Mistake]:
    yield from time_mistakes("flight", campaign.start_ms, campaign.end_ms)
    if (
        campaign.status == "active"
        and campaign.end_ms is not None
        and YEAR_2001_MS < campaign.end_ms <= now_ms
    ):
        yield Mistake("flight.end", "warning", f"is {day_of(campaign.end_ms)}: it is over")


def _places(campaign: Campaign) -> Iterator[Mistake]:
    for at, slot in enumerate(campaign.slots):
        yield from one_of(f"slots[{at}]", slot, LIMITS)
    for at, locale in enumerate(campaign.locales):
        yield from locale_mistakes(f"locales[{at}]", locale)


def _choice(campaign: Campaign) -> Iterator[Mistake]:
    """What personal creatives are drawn from: known by name, and something is left of every slot."""
    for at, style in enumerate(campaign.styles):
        yield from one_of(f"choice.styles[{at}]", style, STYLES)
    known = [each.template_id for each in campaign.templates]
    for at, template_id in enumerate(campaign.drawn_template_ids):
        yield from one_of(f"choice.templates[{at}]", template_id, known)
    if campaign.drawn_template_ids:
        kept = {each.slot for each in campaign.templates if each.template_id in campaign.drawn_template_ids}
        for slot in dict.fromkeys(each.slot for each in campaign.templates):
            if slot not in kept:
                what = f"lists no template of slot {cited(slot)}: nobody gets a creative of their own there"
                yield Mistake("choice.templates", "warning", what)


def _links(campaign: Campaign) -> Iterator[Mistake]:
    for at, domain in enumerate(campaign.adomain):
        if fault := host_fault(domain):
            meant = domain.partition("://")[2].partition("/")[0]
            likely = cited(meant) if meant and not host_fault(meant) else ""
            what = f"is {cited(domain)}, which {fault}"
            yield Mistake(
                f"advertiser.adomain[{at}]", "error", what, 'a host name such as "shop.example"', likely
            )
    schemes = LINK_SCHEMES if campaign.http_assets else SECURE_SCHEMES
    if campaign.logo and (fault := link_fault(campaign.logo, schemes)):
        yield _of_asset("logo", campaign.logo, fault)
    for at, image in enumerate(campaign.images):
        if fault := link_fault(image, schemes):
            yield _of_asset(f"pool.images[{at}]", image, fault)
    for at, picture in enumerate(campaign.material):
        if fault := link_fault(picture.url, schemes):
            yield _of_asset(f"pool.material[{at}].url", picture.url, fault)


def _of_asset(where: str, url: str, fault: str) -> Mistake:
    safe = f"https://{url.removeprefix('http://')}"
    likely = cited(safe) if url.startswith("http://") and not link_fault(safe, SECURE_SCHEMES) else ""
    return Mistake(where, "error", f"is {cited(url)}, which {fault}", "https://...", likely)


def _serving(campaign: Campaign) -> Iterator[Mistake]:
    """How its creatives leave: known formats, a macro that an ad server fills in, a price that is one."""
    for at, name in enumerate(campaign.render):
        yield from one_of(f"render[{at}]", name, STORED)
    for at, tracker in enumerate(campaign.trackers):
        for field, code, known in (("type", tracker.type, EVENT_TYPES), ("method", tracker.method, METHODS)):
            if code not in known and code < FIRST_OF_VENDORS:
                allowed = f"{listed(map(str, known))}, or a vendor's from {FIRST_OF_VENDORS}"
                yield Mistake(f"trackers[{at}].{field}", "error", f"is {code}: AdCOM has no such", allowed)
    if fault := click_macro_fault(campaign.click_macro):
        what = f"is {cited(campaign.click_macro)}, which {fault}"
        yield Mistake("click.macro", "error", what, "${CLICK_URL}, %%CLICK_URL_UNESC%% or another macro")
    if campaign.cpm is not None:
        if campaign.cpm <= 0:
            yield Mistake("bid.cpm", "error", f"is {campaign.cpm:g}", "an amount above 0")
        currencies = [code for code, index in INDEX.items() if index != UNKNOWN_CURRENCY]
        yield from one_of("bid.cur", campaign.cpm_currency, currencies)


def _legal(campaign: Campaign) -> Iterator[Mistake]:
    """What must be said: in the languages that are spoken, in slots that hold it beside a model's label, and
    nothing that a rule forbids."""
    for locale, text in campaign.legal:
        where = f"legal.{locale}"
        yield from locale_mistakes(where, locale)
        if not text:
            yield Mistake(where, "error", "is empty")
        apart = shown_width(with_label(text, label_in(locale))) - shown_width(text)
        for slot in dict.fromkeys(campaign.slots or (each.slot for each in campaign.templates)):
            if (wide := shown_width(text)) > (most := must_say_width(slot) - apart):
                what = f"is {wide} wide: creatives of slot {cited(slot)} get no picture, clip or banner"
                yield Mistake(where, "warning", what, f"at most {most} there")
    for locale, found in check_legal(campaign):
        what = f"says {cited(found.text)}, which review refuses ({found.code}): no creative leaves with it"
        yield Mistake(f"legal.{locale}", "error", what, found.citation)
    for locale in campaign.locales if campaign.legal else ():
        if not any(speaks(told, locale) for told, _ in campaign.legal):
            what = f"says nothing in {cited(locale)}: readers there get another language's text"
            yield Mistake("legal", "warning", what, f"a text for {cited(locale)}")


def _caps(campaign: Campaign) -> Iterator[Mistake]:
    for at, cap in enumerate(campaign.caps):
        yield from one_of(f"cap[{at}].scope", cap.scope, CAP_SCOPES)
        if cap.per_s is not None and 0 < cap.per_s < SHORTEST_CAP_S:
            what = f"is {cap.per_s}: seconds, not hours or days?"
            yield Mistake(f"cap[{at}].per_s", "warning", what, "3600 for an hour, 86400 for a day")
    for where, what in cap_faults(campaign.caps):
        if not where.endswith(".scope"):  # said above, with what was probably meant
            yield Mistake(where, "error", what)

"""Mistakes of templates and of what the copy must and may not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.brief.brief import LIMITS, language_of, limits_of
from models.campaigns import (
    FOREIGN_PLACEHOLDER,
    PLACEHOLDERS,
    USABLE_AUDITS,
    Campaign,
    Template,
    allows,
    unknown_placeholders,
)
from models.mistakes.known import is_locale
from models.mistakes.locales import locale_mistakes
from models.mistakes.mistake import Mistake, cited, listed, nearest_word, one_of, twice
from models.review.template_check import AUDITS, check_templates
from models.rules import load_rules
from models.text.graphemes import shown_width
from models.text.normalise import fold_text

_TOLD: Final = frozenset({"MARKUP", "AVOIDED_TERM"})
"""Rules of review that are told here in words of their own."""
_TEXTS: Final = ("headline", "description", "cta")
_BRACED = re.compile(r"[{\[<%$]{1,2}\s*([^\s{}\[\]<>%]{1,40})\s*[}\]>%]{1,2}")
_WHOLE = re.compile(r"\{(\w+)\}")


def wording_mistakes(campaign: Campaign) -> Iterator[Mistake]:
    """Of every template, of all of them together, and of the words that the brief demands and forbids."""
    for at, template in enumerate(campaign.templates):
        yield from _template(f"templates[{at}]", template, campaign)
    yield from twice(
        lambda at: f"templates[{at}].template_id",
        [each.template_id for each in campaign.templates],
        "decisions and counts of the two would mix",
    )
    yield from _unread(campaign)
    yield from _coverage(campaign)
    yield from _terms(campaign)
    yield from _refused(campaign)


def _unread(campaign: Campaign) -> Iterator[Mistake]:
    """Languages of templates that review cannot read, each once."""
    read = set(load_rules().languages)
    for at, template in enumerate(campaign.templates):
        language = language_of(template.locale)
        if is_locale(template.locale) and language not in read:
            what = f"is {cited(template.locale)}, which no rule pack reads: review passes whatever it says"
            allowed = "any language, once a person who speaks it has read the templates"
            yield Mistake(f"templates[{at}].locale", "warning", what, allowed)
            read.add(language)


def _refused(campaign: Campaign) -> Iterator[Mistake]:
    """What review will refuse of a template in every row's creative."""
    places = {each.template_id: at for at, each in enumerate(campaign.templates)}
    for each in check_templates(campaign):
        if each.usable and each.rule not in _TOLD:
            what = f"says {cited(each.text)}, which review refuses ({each.rule})"
            yield Mistake(f"templates[{places[each.template_id]}].{each.field}", "error", what, each.allowed)


def _template(where: str, template: Template, campaign: Campaign) -> Iterator[Mistake]:
    yield from one_of(f"{where}.slot", template.slot, LIMITS)
    yield from locale_mistakes(f"{where}.locale", template.locale)
    if campaign.slots and template.slot in LIMITS and template.slot not in campaign.slots:
        what = f"is {cited(template.slot)}, which slots does not list: the template is never used"
        yield Mistake(f"{where}.slot", "warning", what, listed(campaign.slots))
    readable = all(map(is_locale, (*campaign.locales, template.locale)))  # else its own mistake is told
    if readable and not allows(campaign.locales, template.locale):
        what = f"is {cited(template.locale)}, which locales does not list: the template is never used"
        yield Mistake(f"{where}.locale", "warning", what, listed(campaign.locales))
    if template.audit not in USABLE_AUDITS:
        what = f"is {template.audit} ({AUDITS.get(template.audit, 'unknown')}): the template is not used yet"
        usable = listed(f"{each} ({AUDITS[each]})" for each in sorted(USABLE_AUDITS))
        yield Mistake(f"{where}.audit", "warning", what, usable)
    for field in _TEXTS:
        yield from _text(
            f"{where}.{field}", getattr(template, field), getattr(limits_of(template.slot), field)
        )


def _text(where: str, text: str, limit: int) -> Iterator[Mistake]:
    if not text.strip():
        yield Mistake(where, "error", "is empty")
    known = {"{" + name + "}" for name in PLACEHOLDERS}
    braced = [match.group() for match in _BRACED.finditer(text)]
    foreign = [match.group() for match in FOREIGN_PLACEHOLDER.finditer(_BRACED.sub("", text))]
    for found in (*braced, *foreign):
        if found not in known:
            meant = nearest_word(found.strip("{}[]<>%$ "), PLACEHOLDERS)
            meant = cited("{" + meant.strip('"') + "}") if meant else ""
            yield Mistake(where, "error", f"holds {cited(found)}", listed(sorted(known)), meant)
    rest = _WHOLE.sub("", _BRACED.sub("", text))
    if "{" in rest or "}" in rest:
        yield Mistake(where, "error", "holds a brace without its partner", listed(sorted(known)))
    if shown_width(_WHOLE.sub("", text)) > limit:
        width = shown_width(_WHOLE.sub("", text))
        yield Mistake(
            where, "warning", f"is {width} wide without its placeholders and will be cut", f"{limit}"
        )


def _coverage(campaign: Campaign) -> Iterator[Mistake]:
    """Slots and languages that the campaign wants and no usable template serves."""
    if not campaign.templates:
        yield Mistake("templates", "error", "is empty: no slot can be served")
        return
    if not any(each.audit in USABLE_AUDITS for each in campaign.templates):
        yield Mistake("templates", "error", "holds none that is approved: no slot can be served")
        return
    for at, slot in enumerate(campaign.slots):
        if any(each.slot == slot and not is_locale(each.locale) for each in campaign.templates):
            continue  # told of the template
        for locale in filter(is_locale, campaign.locales) if campaign.locales else ("",):
            served = campaign.templates_for(slot, locale) if locale else _of_slot(campaign, slot)
            if slot in LIMITS and not served:
                language = f" in {locale}" if locale else ""
                yield Mistake(f"slots[{at}]", "error", f"{cited(slot)} has no approved template{language}")


def _of_slot(campaign: Campaign, slot: str) -> list[Template]:
    return [each for each in campaign.templates if each.slot == slot and each.audit in USABLE_AUDITS]


def _terms(campaign: Campaign) -> Iterator[Mistake]:
    for at, term in enumerate(campaign.avoid):
        folded = fold_text(term)
        if not folded:
            yield Mistake(f"brief.avoid[{at}]", "warning", "is empty")
            continue
        if any(_says(each, folded) for each in campaign.must_use):
            what = f"is {cited(term)}, which brief.must_use demands: no copy can be published"
            yield Mistake(f"brief.avoid[{at}]", "error", what)
        for place, template in enumerate(campaign.templates):
            fields = [name for name in _TEXTS if _says(getattr(template, name), folded)]
            for name in fields:
                what = f"says {cited(term)}, which brief.avoid forbids: the template is never published"
                yield Mistake(f"templates[{place}].{name}", "error", what)
    narrowest = min((limits_of(slot).cta for slot in campaign.slots), default=limits_of("").cta)
    for at, call in enumerate(campaign.ctas):
        for found in unknown_placeholders(call):
            yield Mistake(f"pool.ctas[{at}]", "error", f"holds {cited(found)}, which nobody fills in")
        if shown_width(call) > narrowest:
            what = f"is {shown_width(call)} wide: too long for a slot of the campaign"
            yield Mistake(f"pool.ctas[{at}]", "warning", what, f"at most {narrowest}")


def _says(text: str, folded: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(folded)}(?!\w)", fold_text(text)) is not None

"""Training examples this project writes itself: briefs of made-up items and the copy a good writer would point out for them."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from models.copywriter.brief import DAYPARTS, DEVICES, GOALS, LIMITS, STYLES, TONES, WEEKDAYS, Brief, limits_of
from models.copywriter.render import own_words, render_field
from models.copywriter.slots import cta_texts, grammatical_number, slot_texts

_PLACES: Final = ("US", "GB", "DE", "FR", "AU", "CA", "IN", "SE", "")
_WORD = re.compile(r"\{(\w+)\}")
_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
_SPELLING = re.compile(r"([\w-]+)~([\w-]+)")
_BRITISH: Final = frozenset({"GB", "AU", "IN"})


@dataclass(frozen=True, slots=True)
class Example:
    """One brief and its copy, with pointers in angle brackets."""

    brief: Brief
    headline: str
    description: str
    cta: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern of copy and when it may be used."""

    conditions: tuple[tuple[str, frozenset[str]], ...]
    text: str

    def fits(self, facts: Mapping[str, str]) -> bool:
        return all(facts.get(name, "") in values for name, values in self.conditions)

    @property
    def looks_at_interest(self) -> bool:
        return any(name == "interest" for name, _ in self.conditions)


@lru_cache(maxsize=1)
def word_lists() -> dict[str, dict[str, list[str]]]:
    """Domains of products (words.toml)."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def phrase_lists() -> dict[str, Any]:
    """Patterns of copy (phrases.toml), those of each field parsed."""
    raw = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8"))
    return {name: [_parse(line) for line in lines] if isinstance(lines, list) else lines for name, lines in raw.items()}


def _parse(line: str) -> Phrase:
    condition, text = line.split("|", 1)
    pairs = (part.split("=", 1) for part in condition.split())
    return Phrase(tuple((name, frozenset(values.split(","))) for name, values in pairs), text.strip())


def pseudo_word(rng: random.Random) -> str:
    """A word nobody knows, so that the writer learns to lean on category and title instead."""
    return "".join(rng.choices(phrase_lists()["made_up"]["syllables"], k=rng.choice((2, 2, 3))))


def _title(noun: str, mods: Sequence[str], brand: str, rng: random.Random) -> str:
    """A catalogue title around `noun` in one of the ways catalogues write them."""
    words = rng.sample(list(mods), rng.choice((0, 1, 1, 2)))
    if rng.random() < 0.4:
        words.insert(0, rng.choice(phrase_lists()["made_up"]["colors"]))
    if rng.random() < 0.15:
        words.insert(0, pseudo_word(rng))
    if rng.random() < 0.1:
        words.insert(0, brand)
    title = " ".join([*words, noun])
    tail = rng.random()
    if tail < 0.06:
        title += rng.choice((" set of 6", ", 2-pack", " 500 ml", " - large", " with lid", " no. 7", " (small)"))
    case = rng.random()
    return title.upper() if case < 0.12 else title if case < 0.22 else title.title()


def _item(rng: random.Random, brand: str) -> tuple[str, str, str, str]:
    """Domain, noun, title and category of a made-up item; how much of them tells the domain varies."""
    words = word_lists()
    domain = rng.choice(list(words))
    entry = words[domain]
    noun, mods, category = rng.choice(entry["nouns"]), entry["mods"], rng.choice(entry["names"])
    kind = rng.random()
    if kind < 0.12:  # an unknown thing in a known category
        noun = pseudo_word(rng)
    elif kind < 0.18:  # an unknown thing that only its title's words place
        noun, category = pseudo_word(rng), ""
    elif kind < 0.24:  # nothing is known
        domain, noun, mods, category = "any", pseudo_word(rng), [pseudo_word(rng), *words["any"]["mods"]], ""
    elif kind < 0.45:
        category = ""
    if kind < 0.18 and kind >= 0.12:
        mods = [mod for mod in mods for _ in range(2)]
    title = _title(noun, mods, brand, rng)
    return domain, noun, title, category.title() if rng.random() < 0.5 else category


def _interest(domain: str, rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    """Relation (same, other, none), names as the catalogue's codes have them, and their domain."""
    words = word_lists()
    kind = rng.random()
    if kind < 0.2:
        return "none", (), domain
    other = domain if kind < 0.5 else rng.choice([name for name in words if name != "any"])
    entry = words[other]
    names = tuple(rng.sample([*entry["names"], *entry["names"], *entry["nouns"]], rng.choice((1, 2))))
    return ("same" if other == domain else "other"), names, other


def random_brief(rng: random.Random) -> tuple[Brief, str, str, str]:
    """A made-up brief, its item's domain, the interest's relation and domain."""
    brand = " ".join(pseudo_word(rng).title() for _ in range(rng.choice((1, 1, 2))))[:25]
    domain, noun, title, category = _item(rng, brand)
    relation, interest, other = _interest(domain, rng)
    price = rng.choice((None, rng.randrange(199, 9999), rng.randrange(1, 400) * 100, rng.randrange(1, 300) * 100 - 1))
    sale = None if price is None or rng.random() < 0.7 else int(price * rng.uniform(0.5, 0.95))
    goal = rng.choice(GOALS)
    pool = phrase_lists()["cta_pool"]
    facts = (rng.choice(phrase_lists()["facts"]["texts"]),) if rng.random() < 0.3 else ()
    must = rng.random() < 0.3
    ctas = tuple(rng.sample([*pool[goal], *pool[rng.choice(GOALS)]], rng.randint(1, 4))) if rng.random() < 0.35 else ()
    brief = Brief(
        request_id="", campaign_id="", slot=rng.choice(tuple(LIMITS)), brand=brand, title=title, noun=noun, category=category,
        price_minor=price, salesprice_minor=sale, currency=rng.choice(("USD", "EUR", "GBP", "CHF")), facts=() if must else facts,
        must_use=facts if must else (), ctas=tuple(dict.fromkeys(ctas)), style=rng.choice(STYLES), goal=goal, tone=rng.choice(TONES),
        interest=interest, daypart=rng.choice((*DAYPARTS, "")), weekday=rng.choice((*WEEKDAYS, "")), device=rng.choice((*DEVICES, "")),
        place=rng.choice(_PLACES), returning=rng.random() < 0.1,
    )  # fmt: skip
    return brief, domain, relation, other


def _facts(brief: Brief, relation: str) -> dict[str, str]:
    """What the conditions of phrases look at."""
    slots = slot_texts(brief)
    weekend = brief.weekday in ("saturday", "sunday")
    return {
        "style": brief.style, "goal": brief.goal, "tone": brief.tone, "daypart": brief.daypart, "device": brief.device,
        "interest": relation, "week": ("weekend" if weekend else "weekday") if brief.weekday else "",
        "num": grammatical_number(slots["noun"]), "brand": "yes", "price": "yes" if "price" in slots else "no",
        "sale": "yes" if "save" in slots else "no", "returning": "yes" if brief.returning else "no",
    }  # fmt: skip


class _Writer:
    """Fills the patterns for one brief."""

    def __init__(self, brief: Brief, domain: str, relation: str, other: str, rng: random.Random) -> None:
        self.rng, self.brief, self.facts = rng, brief, _facts(brief, relation)
        words, moods = word_lists(), phrase_lists()["mood"]
        self.lists = {name: words[domain][f"{name}_" if name == "for" else name] for name in ("for", "do", "where")}
        self.lists |= {f"i{name}": words[other][f"{name}_" if name == "for" else name] for name in ("for", "do", "where")}
        self.lists["mood"] = moods[brief.tone]

    def _word(self, name: str) -> str:
        low = name.lower().rstrip("2")
        article = low == "amood"
        word = self.rng.choice(self.lists["mood" if article else low])
        if article:
            word = f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
        return word[0].upper() + word[1:] if name[0].isupper() else word

    def fill(self, text: str) -> str:
        """A pattern with its words chosen, agreed and spelt."""
        text = _AGREE.sub(lambda match: match.group(("sg", "pl", "mass").index(self.facts["num"]) + 1), text)
        text = _WORD.sub(lambda match: self._word(match.group(1)), text)
        return _SPELLING.sub(lambda match: match.group(2 if self.brief.place in _BRITISH else 1), text)

    def pick(self, field: str) -> str:
        """A fitting pattern of a field; one that looks at the brief is preferred, so that the brief shows in the copy."""
        fitting = [phrase for phrase in phrase_lists()[field] if phrase.fits(self.facts)]
        weights = [1.0 + 1.2 * len(phrase.conditions) + 3.0 * phrase.looks_at_interest for phrase in fitting]
        return self.fill(self.rng.choices(fitting, weights)[0].text)

    def description(self, limit: int) -> str:
        """One to three sentences within the limit; a fact the campaign requires is always among them."""
        fact = "<fact>." if self.brief.must_use or (self.brief.facts and self.rng.random() < 0.6) else ""
        sentences = [self.pick("short_description" if limit < 60 else "opening")]
        extra = [fact] if fact else []
        extra += [self.pick("closing") for _ in range(self.rng.choice((1, 1, 2)))]
        for sentence in dict.fromkeys(extra):
            longer = " ".join([*sentences, sentence])
            if _width(longer, self.brief) <= limit:
                sentences.append(sentence)
        return " ".join(sentences)

    def cta(self) -> str:
        """A pointer at the campaign's own call to action that suits the goal, else one of ours."""
        known = cta_texts(self.brief)
        if not known:
            return self.pick("cta")
        suited = [index for index, text in enumerate(known) if text in phrase_lists()["cta_pool"][self.brief.goal]]
        return f"<cta_{self.rng.choice(suited or range(len(known)))}>"


def _width(text: str, brief: Brief) -> int:
    return len(render_field(text, brief))


def write_example(rng: random.Random) -> Example | None:
    """One example, None when chance gave a brief that no pattern fits within the limits."""
    brief, domain, relation, other = random_brief(rng)
    writer, limits = _Writer(brief, domain, relation, other, rng), limits_of(brief.slot)
    for _ in range(12):
        headline, description = writer.pick("headline"), writer.description(limits.description)
        named = any(f"<{slot}>" in headline + description for slot in ("noun", "anoun", "nouns"))
        stated = not brief.must_use or "<fact>" in description
        if named and stated and _width(headline, brief) <= limits.headline and _width(description, brief) <= limits.description:
            return Example(brief, headline, description, writer.cta())
    return None


def examples(count: int, seed: int) -> Iterator[Example]:
    """`count` examples; the same seed gives the same ones."""
    rng = random.Random(seed)  # noqa: S311 - text, not secrets
    while count:
        example = write_example(rng)
        if example is not None:
            count -= 1
            yield example


def lexicon(count: int, seed: int) -> list[str]:
    """Words the copy of `count` examples is written in, pointers aside: a draft with another one has misspelt."""
    fields = (field for item in examples(count, seed) for field in (item.headline, item.description, item.cta))
    return sorted({word for field in fields for word in own_words(field)})


def without_pointers(example: Example, request_id: str) -> tuple[Brief, tuple[str, str, str]]:
    """The example's brief under an id and its copy as it would be shown."""
    brief = replace(example.brief, request_id=request_id)
    return brief, (render_field(example.headline, brief), render_field(example.description, brief), render_field(example.cta, brief))

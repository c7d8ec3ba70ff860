"""Training examples this project writes itself: made-up briefs and the copy a good writer would point out for
them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from models.brief.brief import (
    Brief,
    Copy,
    copy_channel_of,
    language_of,
    limits_of,
    scene_limit,
)
from models.brief.render import join_scenes, render_field
from models.brief.said_twice import NAMES, says_twice
from models.brief.slots import cta_texts, grammatical_number, slot_texts
from models.corpus.languages import LANGUAGES, lists_of
from models.corpus.made_up import MadeUp, make_up
from models.text.graphemes import shown_width

_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
_SPELLING = re.compile(r"([\w-]+)~([\w-]+)")
_BRITISH: Final = frozenset({"GB", "AU", "IN"})
_SHARES: Final = {"en": 0.44, "de": 0.28, "zh": 0.28}
"""How often each language comes; English has the most patterns."""
_TRIES: Final = 24


@dataclass(frozen=True, slots=True)
class CorpusExample:
    """One brief and its copy with pointers in angle brackets: headline, description (of a video its scenes),
    call to action."""

    brief: Brief
    fields: tuple[str, ...]

    @property
    def headline(self) -> str:
        return self.fields[0]

    @property
    def middle(self) -> tuple[str, ...]:
        """The description, or the scenes of a video."""
        return self.fields[1:-1]

    @property
    def cta(self) -> str:
        return self.fields[-1]


class _Writer:
    """Fills the patterns for one brief."""

    def __init__(self, made_up: MadeUp, rng: random.Random) -> None:
        self.rng, self.brief = rng, made_up.brief
        self.language = language_of(self.brief.locale)
        self.own = lists_of(self.language)
        self.facts = brief_facts(self.brief)

    def fill(self, text: str) -> str:
        """A pattern, agreed and spelt."""
        if self.language == "en":
            text = _AGREE.sub(
                lambda match: match.group(("sg", "pl", "mass").index(self.facts["num"]) + 1), text
            )
        return _SPELLING.sub(lambda match: match.group(2 if self.brief.place in _BRITISH else 1), text)

    def pick(self, field: str) -> str:
        """A fitting pattern of a field; one that looks at the brief is preferred, so that the brief shows in
        the copy."""
        fitting = [phrase for phrase in self.own.patterns[field] if phrase.fits(self.facts)]
        weights = [1.0 + 1.2 * len(phrase.conditions) for phrase in fitting]
        return self.fill(self.rng.choices(fitting, weights)[0].text)

    def _joined(self, sentences: Sequence[str]) -> str:
        return join_scenes(sentences, self.brief.locale)

    def description(self, limit: int) -> str:
        """One to three sentences within the limit; a fact the campaign requires is always among them."""
        stop = "。" if self.language == "zh" else "."
        fact = (
            f"<fact>{stop}" if self.brief.must_use or (self.brief.facts and self.rng.random() < 0.6) else ""
        )
        sentences = [self.pick("short_description" if limit < 60 else "opening")]
        extra = [fact] if fact else []
        extra += [self.pick("closing") for _ in range(self.rng.choice((1, 1, 2)))]
        for sentence in dict.fromkeys(extra):
            if (
                sentence not in sentences
                and _width(self._joined([*sentences, sentence]), self.brief) <= limit
            ):
                sentences.append(sentence)
        return self._joined(sentences)

    def scenes(self) -> tuple[str, ...]:
        """The three lines of a video script; a required fact is the last of them."""
        last = self.pick("payoff")
        if self.brief.must_use:
            last = "<fact>。" if self.language == "zh" else "<fact>."
        return (self.pick("scene"), self.pick("scene"), last)

    def cta(self) -> str:
        """A pointer at the campaign's own call to action that suits the goal, else one of ours."""
        known = cta_texts(self.brief)
        if not known:
            return self.pick("cta")
        suited = [
            index for index, text in enumerate(known) if text in self.own.others["cta_pool"][self.brief.goal]
        ]
        return f"<cta_{self.rng.choice(suited or range(len(known)))}>"


def brief_facts(brief: Brief) -> dict[str, str]:
    """What the conditions of phrases look at."""
    slots = slot_texts(brief)
    weekend = brief.weekday in ("saturday", "sunday")
    return {
        "style": brief.style, "goal": brief.goal, "tone": brief.tone, "daypart": brief.daypart,
        "device": brief.device,
        "week": ("weekend" if weekend else "weekday") if brief.weekday else "",
        "channel": copy_channel_of(brief.slot),
        "num": grammatical_number(slots["noun"]), "brand": "yes",
        "price": "yes" if "price" in slots else "no",
        "sale": "yes" if "save" in slots else "no", "returning": "yes" if brief.returning else "no",
    }  # fmt: skip


def _width(text: str, brief: Brief) -> int:
    return shown_width(render_field(text, brief))


def write_copy(made_up: MadeUp, rng: random.Random) -> CorpusExample | None:
    """The copy for a made-up brief, None when chance put together nothing that fits within the limits and
    names the item."""
    writer, limits, brief = _Writer(made_up, rng), limits_of(made_up.brief.slot), made_up.brief
    video = copy_channel_of(brief.slot) == "video"
    middle_limit = scene_limit(brief.slot) if video else limits.description
    for _ in range(_TRIES):
        headline = writer.pick("headline")
        middle = writer.scenes() if video else (writer.description(limits.description),)
        whole = "".join((headline, *middle))
        named = any(f"<{slot}>" in whole for slot in NAMES)
        stated = not brief.must_use or "<fact>" in whole
        fits = _width(headline, brief) <= limits.headline and all(
            _width(each, brief) <= middle_limit for each in middle
        )
        if named and stated and fits and not says_twice((headline, *middle), writer.language):
            return CorpusExample(brief, (headline, *middle, writer.cta()))
    return None


def write_example(rng: random.Random, languages: Sequence[str] = LANGUAGES) -> CorpusExample | None:
    """One example in one of `languages`, None when chance gave a brief that no pattern fits within the
    limits."""
    language = rng.choices(languages, [_SHARES[name] for name in languages])[0]
    return write_copy(make_up(language, rng), rng)


def corpus_examples(count: int, seed: int, languages: Sequence[str] = LANGUAGES) -> Iterator[CorpusExample]:
    """`count` examples; the same seed gives the same ones."""
    rng = random.Random(seed)  # noqa: S311 - text, not secrets
    while count:
        example = write_example(rng, languages)
        if example is not None:
            count -= 1
            yield example


def as_shown(example: CorpusExample, request_id: str) -> tuple[Brief, Copy]:
    """The example's brief under an id and its copy as it would be shown."""
    brief = replace(example.brief, request_id=request_id)
    headline, *middle, cta = (render_field(field, brief) for field in example.fields)
    scenes = tuple(middle) if len(middle) > 1 else ()
    return brief, Copy(headline, join_scenes(middle, brief.locale), cta, brief.brand, scenes)

"""Copies for one brief, put together from what its drafts say and from the row's own sentences: each by
another plan, and by plans that the item's other copy does not follow yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.brief.brief import Brief, language_of, limits_of
from models.brief.render import join_scenes, render_field, unspaced
from models.brief.slots import said_title, slot_texts
from models.copywriter.fit.lines import suits
from models.copywriter.fit.own import Own
from models.copywriter.fit.parts import PASSAGE, Part, priced_as_named
from models.copywriter.fit.said import called_by, is_stub, said_in_pointers, title_says_more, title_tells
from models.copywriter.fit.services import noun_says_all
from models.copywriter.fit.subject import has_no_subject
from models.text.graphemes import shown_width
from models.text.sentences import sentences_of
from models.text.variety import Pairs, new_share, said_pairs

TELLING: Final = 28
"""Columns of statements in a description that says something: with fewer it gets one that was said before,
and comes where there is no other."""
_PLAIN: Final = frozenset({"direct", "benefit", "scene"})
"""Styles whose headline may be a sentence of the row; one that asks, plays or names a price keeps its own."""
_BESIDE: Final = 2
"""Sentences beside the first, at most."""
_TRIES: Final = 3
"""Plans looked at for each copy that is wanted: some come again."""


@dataclass(frozen=True)
class PointerDraft:
    """One draft in pointers: its headline ("" = none of use), the sentences of its description, its call to
    action."""

    headline: str
    sentences: tuple[str, ...]
    cta: str


@dataclass(frozen=True)
class Planned:
    """A copy in pointers, and what <passage> stands for in it."""

    headline: str
    description: str
    cta: str
    passage: str = ""


class Plans:
    """The plans of one brief: which headline, which sentence of the row or none of it, what beside it. New
    parts come first, and none twice while there is another."""

    def __init__(
        self, brief: Brief, drafts: Sequence[PointerDraft], own: Own, said: Pairs, draw: int
    ) -> None:
        """`said`: neighbouring words of the item's other copy; which sentence is said again, where all of
        them were, turns with `draw`."""
        self._brief, self._drafts, self._said = brief, drafts, said
        self._language = language_of(brief.locale)
        self._stop = "。" if unspaced(brief.locale) else "."
        self._used: Counter[str] = Counter()
        self._turns = 0
        self._known: dict[tuple[Part, bool], frozenset[str]] = {}
        self._strict = True
        told = [each for draft in drafts for each in draft.sentences]
        sentences = self._parts(dict.fromkeys(filter(None, map(self._apart, told))))
        self._required = [each for each in sentences if brief.must_use and "<fact>" in each.text]
        free = [each for each in sentences if "<fact>" not in each.text]
        self._presenting = [each for each in free if each.names]
        offered = (each.rstrip(" .。") + self._stop for each in own.offers if suits(each, brief))
        offers = self._parts(offered, drafted=False)
        plain = [each for each in free if not each.names]
        self._beside = [*offers, *sorted(plain, key=lambda each: "<" not in each.text)]
        self._empty = {each for each in plain if "<" not in each.text}
        turn = draw % max(1, len(own.passages))
        passages = (self._quoted(each) for each in (*own.passages[turn:], *own.passages[:turn]))
        self._passages = sorted(passages, key=lambda each: len(sentences_of(each.shown)))
        written = [draft.headline for draft in drafts if draft.headline and suits(draft.headline, brief)]
        self._can_quote = bool(self._passages) and not brief.must_use
        stand_in = ["<noun>"] if self._can_quote else []  # a sentence of the row tells the rest
        self._headlines = self._parts([*(written or stand_in), *self._titled])
        self._can_tell = any(each.tells for each in (*self._passages, *offers, *self._required))
        self._must_title = bool(brief.text) and not self._passages and self._presents
        if brief.style in _PLAIN and self._whole_title:
            self._headlines += [Part(PASSAGE, each, self._newness(each), each) for each in own.headlines]

    def made(self, most: int) -> Iterator[Planned]:
        """At most so many copies, no two of one plan; where none does without a word again, those that say
        it."""
        seen: set[Planned] = set()
        for _ in range(_TRIES * most):
            planned = self._next()
            if planned is None and self._strict and not seen:
                self._strict = False
                planned = self._next()
            if planned is None or len(seen) == most:
                return
            if planned not in seen:
                seen.add(planned)
                yield planned

    def _parts(self, texts: Iterable[str], drafted: bool = True) -> list[Part]:
        shown = {text: render_field(text, self._brief) for text in texts}
        return [Part(text, each, self._newness(each), drafted=drafted) for text, each in shown.items()]

    def _quoted(self, passage: str) -> Part:
        text = PASSAGE + self._stop
        shown = render_field(text, self._brief, passage)
        return Part(text, shown, self._newness(shown), passage)

    def _newness(self, shown: str) -> float:
        return new_share(said_pairs("", shown), self._said)

    def _next(self) -> Planned | None:
        headlines = self._unused(self._headlines)
        for least in (TELLING, 1):
            for headline in headlines:
                for first in self._firsts(headline):
                    sentences = self._description(headline, first)
                    if not self._says_what(headline, sentences):
                        continue
                    if self._stated(sentences) >= least and (first or least == 1 or self._tells(sentences)):
                        self._used.update(each.shown for each in (headline, *sentences))
                        return self._planned(headline, sentences)
        return None

    def _stated(self, sentences: Sequence[Part]) -> int:
        """Columns of those that state something of row or campaign."""
        return shown_width(self._joined([each for each in sentences if each not in self._empty]))

    def _says_what(self, headline: Part, sentences: Sequence[Part]) -> bool:
        """Whether a copy says more than what the item is called and whose it is, what its row says, by its
        title where the text says nothing that an ad may say, and by its noun or title what it is about."""
        whole = (headline, *sentences)
        quoted = any(each.passage for each in whole)
        told = quoted or any(each.tells for each in sentences)
        titled = any("<title>" in each.text for each in whole)
        if self._strict and (self._can_tell > told or self._can_quote > quoted or self._must_title > titled):
            return False
        more = (titled and title_tells(self._brief)) or not all(each.only_names for each in whole)
        named = titled or noun_says_all(self._brief)
        return named and (more or not self._strict)

    def _tells(self, sentences: Sequence[Part]) -> bool:
        """Whether one states what no other copy says."""
        return any(each.is_new and each not in self._empty for each in sentences)

    def _unused(self, parts: Sequence[Part]) -> list[Part]:
        return sorted(parts, key=lambda each: (self._used[each.shown], -each.newness))

    def _firsts(self, headline: Part) -> Iterator[Part | None]:
        """What the description may begin with: a new sentence of the row; the one that presents the item,
        where no other copy names it so; nothing of it or a sentence again, in turn.

        Only the one that presents the item where the headline does not name it.
        """
        presenting = self._unused(self._presenting)
        if headline.names:
            new = self._unused([each for each in self._passages if each.is_new])
            yield from (each for each in new if not self._used[each.shown])
            if self._presents:
                yield from (each for each in presenting if each.is_new and not self._used[each.shown])
            old = [each for each in self._passages if not each.is_new]
            again = sorted(
                (*(each for each in new if self._used[each.shown]), *old),
                key=lambda each: self._used[each.shown],
            )
            self._turns += 1
            yield from (None, *again) if self._turns % 2 else again
        if self._presents or not headline.names:
            yield from presenting
        if headline.names:
            yield None

    @property
    def _whole_title(self) -> bool:
        """Whether the title can stand in a sentence: it is not cut off, nor are its parts run together."""
        title = said_title(self._brief).strip()
        return slot_texts(self._brief).get("title", "") == title and not (
            unspaced(self._brief.locale) and " " in title
        )

    @property
    def _presents(self) -> bool:
        """Whether the title may stand below a headline that names the item: it says more than the noun."""
        return self._whole_title and title_says_more(self._brief)

    def _apart(self, sentence: str) -> str:
        """A sentence that suits the item; the title by itself, where it does not suit the sentence."""
        if suits(sentence, self._brief):
            return sentence
        return f"<title>{self._stop}" if "<title>" in sentence and self._whole_title else ""

    @property
    def _titled(self) -> tuple[str, ...]:
        """The title as headline, with its price too, where the noun says less."""
        if noun_says_all(self._brief) or not self._whole_title:
            return ()
        colon, limit = "：" if unspaced(self._brief.locale) else ": ", limits_of(self._brief.slot).headline
        forms = ("<title>", *([f"<title>{colon}<price>"] if "price" in slot_texts(self._brief) else []))
        return tuple(form for form in forms if shown_width(render_field(form, self._brief)) <= limit)

    def _description(self, headline: Part, first: Part | None) -> list[Part]:
        """Sentences that fit and say nothing twice: the first, what the campaign requires, new ones beside
        it, those last that state nothing. [] where they do not fit."""
        sentences = [*([] if first is None else [first]), *self._required[:1]]
        cta = render_field(self._cta(headline), self._brief)
        said = self._says(headline, first=True) | called_by(cta)
        for each in sentences:
            own = self._says(each)
            if self._again(own & said):
                return []
            said |= own
        if not self._fits(sentences):
            return []
        most = _BESIDE + (first is not None)
        for each in self._unused(self._beside):
            telling = bool(sentences) and shown_width(self._joined(sentences)) >= TELLING
            called = each.calls and each.calls in {other.calls for other in sentences}
            second = each in self._empty and not self._empty.isdisjoint(sentences)
            needless = telling and (second or not each.is_new)
            nameless = is_stub(each.text) and each.prices and not any(other.names for other in sentences)
            astray = each.prices and any(has_no_subject(other.passage, self._language) for other in sentences)
            if len(sentences) == most or needless or called or nameless or astray:
                continue
            own = self._says(each)
            if (
                not self._again(own & said)
                and each.shown.rstrip(" .。") != cta
                and self._fits([*sentences, each])
            ):
                sentences.append(each)
                said |= own
        return priced_as_named(sorted(sentences, key=lambda each: (each in self._empty, is_stub(each.text))))

    def _says(self, part: Part, first: bool = False) -> frozenset[str]:
        key = part, first
        if key not in self._known:
            self._known[key] = said_in_pointers(part.text, part.passage, self._brief, first, part.drafted)
        return self._known[key]

    def _again(self, said: frozenset[str]) -> bool:
        """Whether what two parts say may not be said twice."""
        return bool(said) if self._strict else any(each.startswith(("<", "name", "seller")) for each in said)

    def _cta(self, headline: Part) -> str:
        own = (draft.cta for draft in self._drafts if draft.headline == headline.text)
        return next(own, self._drafts[0].cta)

    def _fits(self, sentences: Sequence[Part]) -> bool:
        return shown_width(self._joined(sentences)) <= limits_of(self._brief.slot).description

    def _joined(self, sentences: Sequence[Part]) -> str:
        return join_scenes([each.shown for each in sentences], self._brief.locale)

    def _planned(self, headline: Part, sentences: Sequence[Part]) -> Planned:
        passage = next((each.passage for each in (headline, *sentences) if each.passage), "")
        text = join_scenes([each.text for each in sentences], self._brief.locale)
        return Planned(headline.text, text, self._cta(headline), passage)

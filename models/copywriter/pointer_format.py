"""The built-in format: control tokens say what is asked for, pointers say facts, so that the copy of a small
model is exact."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Final
from zlib import crc32

from models.brief.brief import Brief, Copy, language_of, limits_of
from models.brief.render import join_scenes, lexicon_entries, line_entry, render_field, unspaced
from models.brief.slots import cta_texts, grammatical_number, slot_texts
from models.copywriter.checked import checker_of
from models.copywriter.fit.own import Own
from models.copywriter.layout import CopyLayout, budgets_of
from models.copywriter.own_sentence import asked_and_answered, without_echo, without_unsaid
from models.copywriter.plans import Plans, PointerDraft
from models.copywriter.prompt import Vocabulary, presented, prompt_parts
from models.copywriter.row import CopyRow
from models.copywriter.token_table import TokenTable, token_bytes
from models.copywriter.tokens import field_text
from models.copywriter.topics import FILE, Topics
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ModelFolder
from models.model_folder.tokenizer import read_tokenizer
from models.text.graphemes import cut, shown_width
from models.text.sentences import sentences_of
from models.text.variety import Pairs

LINES: Final = "lines.txt"
_OWN: Final = frozenset({"<noun>", "<noun>: <price>", "<noun>：<price>", "<fact>.", "<fact>。"})
PLANS: Final = 3
"""Copies that are put together for each row: a judge takes the best of them, and they cost no token."""
_FIELDS: Final = 3
"""Of a copy that is no script: headline, description, call to action."""


class PointerFormat:
    """Prompts, layouts and copy of a model trained on pointers."""

    copy_limit = 64
    """Tokens of one copy."""
    least = 0.02
    """A draft whose budget or facts leave only what the model finds this unlikely is given up: another one
    fits."""
    ranks = False  # what it learnt from leaves its choices to chance

    def __init__(self, folder: ModelFolder) -> None:
        tokenizer = read_tokenizer(folder)
        self.vocabulary = Vocabulary(tokenizer, _topics(folder), tuple(folder.manifest["controls"]))
        self.table = TokenTable.of(token_bytes(tokenizer), folder.spec.vocabulary)
        self._locales = tuple(folder.manifest["locales"])
        self._lexicon = frozenset(folder.read("lexicon.txt").decode().split())
        lines = folder.read(LINES).decode().splitlines() if LINES in folder.manifest["files"] else ()
        self._lines = frozenset(lines)  # () = of copy of others, too, whose sentences nobody has listed
        self._unsaid = tuple(filter(None, folder.manifest.get("unsaid") or ()))

    def impossible(self, brief: Brief) -> str:
        """Why this model cannot write for a brief at all; "" when it can."""
        if language_of(brief.locale) not in self._locales:
            return "locale"
        layout = self.layout(brief)
        if (
            self.vocabulary.special("slot_noun") not in layout.pointers
        ):  # there is none, or the brief forbids to say it
            return "no_noun"
        return "no_room" if layout.impossible or (brief.ctas and not cta_texts(brief)) else ""

    def prompt(self, brief: Brief) -> tuple[list[int], list[int]]:
        """The part that a campaign's prompts share, and the rest."""
        return prompt_parts(brief, self.vocabulary)

    def layout(self, brief: Brief) -> CopyLayout:
        """Fields divided by `sep` and ended by `eos`; facts, brand and the campaign's calls to action are
        pointers."""
        slots, special = slot_texts(brief), self.vocabulary.special
        shown = slots | presented(brief)
        budgets = budgets_of(brief, self.vocabulary.knows("channel_video"))
        must, checker = bool(brief.must_use), checker_of(brief)
        return CopyLayout(
            checker=checker,
            budgets=budgets,
            sentences=(False, *(True for _ in budgets[1:-1]), False),
            openings=((), *((special("sep"),) for _ in budgets[1:])),
            ctas=tuple((special(f"cta_{index}"),) for index in range(len(cta_texts(brief)))),
            encode=self.vocabulary.text,
            ends=frozenset({special("sep"), special("eos")}),
            pointers={
                special(f"slot_{name}"): shown[name]
                for name, text in slots.items()
                if self.vocabulary.knows(f"slot_{name}") and not checker.refuses(text)
            },
            pointer_space=0 if unspaced(brief.locale) else 1,
            required=(special("slot_fact"),) if must else (),
            required_text=slots.get("fact", "") if must else "",
            required_field=len(budgets) - 2,
            short_headlines=_short_headlines(
                brief, {name for name, text in slots.items() if not checker.refuses(text)}
            ),
        )

    def copies(self, brief: Brief, rows: Sequence[CopyRow], said: Pairs) -> list[Copy | str]:
        """What finished rows say, or why one says nothing: misspelt, unsaid where it has a line that readers
        refused, no_token_fits where a field had to break off, limit where nothing that may be said fits.

        Of rows that are no scripts PLANS times as many copies are put together, each by a plan of its own.
        """
        read = [self._written(brief, row) for row in rows]
        written = [each for each in read if not isinstance(each, str)]
        reasons: list[Copy | str] = [each for each in read if isinstance(each, str)]
        if not written or len(written[0]) != _FIELDS:
            known = [each for each in written if all(self._knows(line, brief) for line in each[:-1])]
            return [*(self._shown(brief, each) for each in known), *reasons] or ["misspelt"]
        short = {row.layout.short_headlines for row in rows if row.short}
        stand_in = set[str]().union(*short) if not all(row.short for row in rows) else set()
        drafts = [
            PointerDraft(
                each[0] if each[0] not in stand_in and self._knows(each[0], brief) else "",
                tuple(self._known(each[1], brief)),
                each[2],
            )
            for each in written
        ]
        plans = Plans(brief, drafts, _own(brief), said, crc32(brief.request_id.encode()))
        planned = [
            self._shown(brief, [each.headline, each.description, each.cta], each.passage)
            for each in plans.made(PLANS * len(rows))
        ]
        if planned or reasons:
            return [*planned, *reasons]
        return ["limit" if all(each[0] for each in written) else "unsaid"]

    def _written(self, brief: Brief, row: CopyRow) -> list[str] | str:
        """A row's fields in pointers, or why it says nothing."""
        if row.cut:
            return "no_token_fits"
        written = [field_text(field, self.vocabulary) for field in row.fields]
        if any(
            entry not in self._lexicon for field in written for entry in lexicon_entries(field, brief.locale)
        ):
            return "misspelt"
        if row.short:
            written[0] = _short_headline(row, written[1:])
        if len(written) == _FIELDS:
            written[0] = "" if any(line in written[0] for line in self._unsaid) else written[0]
            written[1] = without_unsaid(written[1], self._unsaid, brief.locale)
        if any(line in field for line in self._unsaid for field in written):
            return "unsaid"
        return written

    def _known(self, description: str, brief: Brief) -> Iterator[str]:
        """Sentences of a description that the model learnt, a question with the answer that it learnt."""
        for part in asked_and_answered(description):
            each_of = [part] if self._knows(part, brief) else sentences_of(part)
            yield from (each for each in each_of if self._knows(each, brief))

    def _knows(self, line: str, brief: Brief) -> bool:
        """Whether the model learnt a line for such a noun, or it is one of the layout's own."""
        number = grammatical_number(slot_texts(brief)["noun"])
        entries = (line_entry(line, brief.locale, each) for each in ("", number))
        return not self._lines or line in _OWN or any(each in self._lines for each in entries)

    def _shown(self, brief: Brief, written: Sequence[str], passage: str = "") -> Copy:
        shown = [render_field(field, brief, passage) for field in written]
        headline, *middle, cta = (each.strip() for each in shown)
        if brief.ctas:
            cta = shown[-1]  # the campaign's own wording, to the letter
        scenes = tuple(middle) if len(middle) > 1 else ()
        if not scenes:
            middle = [without_echo(middle[0], cta, brief.locale)]
        brand = cut(slot_texts(brief).get("brand", ""), limits_of(brief.slot).brand)
        return Copy(headline, join_scenes(middle, brief.locale), cta, brand, scenes)


@lru_cache(maxsize=1024)  # a brief is written for several times
def _own(brief: Brief) -> Own:
    return Own.of(brief, checker_of(brief))


def _short_headlines(brief: Brief, sayable: Collection[str]) -> tuple[str, ...]:
    """What still fits a headline where the item's name is long: the name, with its price too."""
    colon = "：" if unspaced(brief.locale) else ": "
    forms = {"<noun>": {"noun"}, f"<noun>{colon}<price>": {"noun", "price"}}
    limit = limits_of(brief.slot).headline
    return tuple(
        form
        for form, pointers in forms.items()
        if pointers.issubset(sayable) and shown_width(render_field(form, brief)) <= limit
    )


def _short_headline(row: CopyRow, middle: Sequence[str]) -> str:
    """One of the layout's, by the length of what was drawn; a price that is said below is not said here."""
    priced = any("<price>" in line for line in middle)
    forms = [form for form in row.layout.short_headlines if not (priced and "<price>" in form)]
    return forms[row.tokens % len(forms)] if forms else row.layout.short_headlines[0]


def _topics(folder: ModelFolder) -> Topics:
    if FILE not in folder.manifest["files"]:
        raise ModelFileError(
            f"{folder.folder}: has no {FILE}, it is from before domains; make it again: shiftcast model "
            "train --builtin"
        )
    return Topics.read(folder.read(FILE))

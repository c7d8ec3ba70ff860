"""The copywriter at work: briefs in, drafts out, in one batch through the decoder."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Protocol

from models.brief.brief import Brief, Copy, copy_channel_of, language_of
from models.copywriter.layout import CopyLayout
from models.copywriter.pointer_format import PointerFormat
from models.copywriter.row import CopyRow
from models.copywriter.sampling import Writing
from models.copywriter.text_format import TextFormat
from models.copywriter.token_table import TokenTable
from models.copywriter.wording import ADS
from models.decoder.engine import DecoderEngine
from models.decoder.sequence import Prompt, seed_of
from models.decoder.sequence import Sequence as Decoded
from models.model_folder.adapters import read_bank
from models.model_folder.graph_file import ModelFileError
from models.model_folder.identity import graphs_of, hash_of
from models.model_folder.session import ModelFolder, open_folder
from models.text.variety import Pairs

log = logging.getLogger(__name__)

CANDIDATES: Final = 6
"""Drafts per brief from one prefill, unless the caller has no time for so many."""
ATTEMPTS: Final = 3
"""Times a brief is written for before it is given up."""
FAILED: Final = "failed"
"""Why there is no draft of a brief that a step of its own raised for."""


@dataclass(frozen=True, slots=True)
class WrittenCopy:
    """Copy for one brief, or why there is none.

    For good: locale | withheld | no_noun | no_room | prompt_too_long | failed | deadline; of the last
    drafts: limit | no_token_fits | misspelt | empty | not_accepted. `candidates`: everything that was
    accepted, `copy` the first of it; `tokens` counts those of all drafts; `model_hash` "": written by whom
    was asked.
    """

    copy: Copy | None
    model_ms: float
    tokens: int
    why_none: str = ""
    candidates: tuple[Copy, ...] = ()
    model_hash: str = ""


class CopyFormat(Protocol):
    """How a model is asked and answers: the built-in pointers, or plain text."""

    table: TokenTable
    copy_limit: int
    least: float
    ranks: bool

    def impossible(self, brief: Brief) -> str: ...
    def prompt(self, brief: Brief) -> tuple[list[int], list[int]]: ...
    def layout(self, brief: Brief) -> CopyLayout: ...
    def copies(self, brief: Brief, rows: Sequence[CopyRow], said: Pairs) -> list[Copy | str]: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the model is asked for a brief: the part that other prompts share, and the rest."""

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    layout: CopyLayout


def _always(brief: Brief, copy: Copy) -> bool:
    return True


class Copywriter:
    """A loaded model. `write` may be called from one thread at a time; a second caller waits."""

    def __init__(
        self,
        folder: ModelFolder,
        engine: DecoderEngine,
        style: CopyFormat,
        graph: str,
        lock: threading.Lock | None = None,
    ) -> None:
        """`graph`: name of the file that stands for the model; `lock`: that of the copywriters that share the
        engine."""
        self.name, self.version = str(folder.manifest["name"]), str(folder.manifest["version"])
        self.locales = tuple(folder.manifest["locales"])
        self._withheld = withheld_of(folder.manifest)
        self.temperature, self.floor = float(folder.manifest["temperature"]), float(folder.manifest["floor"])
        self.model_hash = hash_of(folder, graph)
        self.engine, self._format, self._graph = engine, style, graph
        self._graphs = graphs_of(folder)
        self._adapters, self._bank = read_bank(folder)
        self._lock = lock or threading.Lock()

    @classmethod
    def load(cls, folder: Path | None = None, provider: str = "cpu", threads: int = 1) -> Copywriter:
        """The model of a folder (None = the built-in one) on `provider` (cpu | cuda) with `threads` per run.

        Raises ModelFileError (missing, changed or unsafe file) and ProviderError (processor not usable), each
        saying what to do.
        """
        opened = open_folder(folder or Path(str(files("models.copywriter").joinpath("builtin"))))
        writing = opened.manifest.get("writing")
        if writing not in _FORMATS:
            raise ModelFileError(
                f"{opened.folder}: manifest.json says writing {writing!r}, known are {', '.join(_FORMATS)}"
            )
        variant = opened.variant(provider)
        graph = variant.decode or variant.extend or ""
        return cls(opened, DecoderEngine.load(opened, provider, threads), _FORMATS[writing](opened), graph)

    def sharing(self, folder: Path) -> Copywriter | None:
        """The copywriter of another folder whose graphs and tokenizer are this one's: same sessions, its own
        adapters, bound at its first batch. None when the graphs differ. Raises ModelFileError.
        """
        opened = open_folder(folder)
        if graphs_of(opened) != self._graphs:
            return None
        return Copywriter(opened, self.engine, self._format, self._graph, self._lock)

    def write(
        self,
        briefs: Sequence[Brief],
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool] = _always,
        candidates: int = CANDIDATES,
        said: Sequence[Pairs] = (),
    ) -> list[WrittenCopy]:
        """One draft per brief, in order: the first of `candidates` that may be published, or the likeliest
        where the model's format ranks them.

        `remaining_ms()` is the time left (<= 0: give up); its difference is what `model_ms` reports. `said`:
        of each brief, the neighbouring words of other copy for its item, which this is to say least of.

        A brief none of whose candidates `accept` lets pass is written for again, at most ATTEMPTS times. What
        a brief gets depends on the brief, its request id, `candidates` and what was said alone, unless the
        time runs out. One that a step of its own raises for fails alone.
        """
        others = said or [frozenset[tuple[str, str]]()] * len(briefs)
        asked = [self._asked(brief) for brief in briefs]
        drafts = [WrittenCopy(None, 0.0, 0, each if isinstance(each, str) else "") for each in asked]
        open_ones = [index for index, draft in enumerate(drafts) if not draft.why_none]
        with self._lock:
            if self._bank and self.engine.bank is not self._bank:
                self.engine.set_adapters(self._bank)
            for attempt in range(ATTEMPTS):
                written = self._attempt(
                    [briefs[index] for index in open_ones],
                    [each for each in (asked[index] for index in open_ones) if isinstance(each, _Asked)],
                    [others[index] for index in open_ones],
                    attempt,
                    remaining_ms,
                    accept,
                    candidates,
                )
                for index, draft in zip(open_ones, written, strict=True):
                    before = drafts[index]
                    spent, tokens = before.model_ms + draft.model_ms, before.tokens + draft.tokens
                    drafts[index] = WrittenCopy(draft.copy, spent, tokens, draft.why_none, draft.candidates)
                open_ones = [
                    index
                    for index in open_ones
                    if drafts[index].copy is None and drafts[index].why_none not in ("deadline", FAILED)
                ]
                if not open_ones:
                    break
        return drafts

    def _asked(self, brief: Brief) -> _Asked | str:
        """What to ask for a brief, or why nothing can or may be written for it."""
        if (language_of(brief.locale), copy_channel_of(brief.slot)) in self._withheld:
            return "withheld"
        try:
            if why := self._format.impossible(brief):
                return why
            prefix, suffix = self._format.prompt(brief)
            return _Asked(tuple(prefix), tuple(suffix), self._format.layout(brief))
        except Exception as error:  # of what one row says, whatever it is
            return _failed(brief, error)

    def _attempt(
        self,
        briefs: Sequence[Brief],
        asked: Sequence[_Asked],
        said: Sequence[Pairs],
        attempt: int,
        remaining_ms: Callable[[], float],
        accept: Callable[[Brief, Copy], bool],
        candidates: int,
    ) -> list[WrittenCopy]:
        layouts = [each.layout for each in asked]
        chooser = Writing(
            self._format.table, layouts, candidates, self.temperature, self.floor, self._format.least
        )
        prompts = []
        for brief, each in zip(briefs, asked, strict=True):
            seed = seed_of(brief.request_id, brief.campaign_id, brief.slot, attempt)
            adapter = self._adapters.get(adapter_name(brief.brand), 0)
            prompts.append(Prompt(each.prefix, each.suffix, adapter, seed))
        decoded = self.engine.decode(prompts, chooser, remaining_ms, candidates, self._format.copy_limit)
        drafts = []
        for index, brief in enumerate(briefs):
            rows = chooser.rows[index * candidates : (index + 1) * candidates]
            try:
                drafts.append(self._draft(brief, said[index], decoded[index], rows, accept))
            except Exception as error:  # of what one row says, whatever it is
                drafts.append(WrittenCopy(None, 0.0, 0, _failed(brief, error)))
        return drafts

    def _draft(
        self,
        brief: Brief,
        said: Pairs,
        decoded: Sequence[Decoded],
        rows: Sequence[CopyRow],
        accept: Callable[[Brief, Copy], bool],
    ) -> WrittenCopy:
        """The first or likeliest candidate that may be published, and the others; the first reason against
        when there is none."""
        if self._format.ranks:
            ordered = sorted(range(len(rows)), key=lambda at: -rows[at].likelihood)
            rows, decoded = [rows[at] for at in ordered], [decoded[at] for at in ordered]
        ended = [row.why or sequence.why for row, sequence in zip(rows, decoded, strict=True)]
        whole = [row for row, why in zip(rows, ended, strict=True) if not why]
        read = self._format.copies(brief, whole, said)
        spent, tokens = max(sequence.model_ms for sequence in decoded), sum(row.tokens for row in rows)
        copies = [
            copy
            for copy in dict.fromkeys(each for each in read if isinstance(each, Copy))
            if accept(brief, copy)
        ]
        if copies:
            return WrittenCopy(copies[0], spent, tokens, "", tuple(copies))
        reasons = [
            *filter(None, ended),
            *(each if isinstance(each, str) else "not_accepted" for each in read),
        ]
        return WrittenCopy(None, spent, tokens, "deadline" if "deadline" in reasons else reasons[0])


def _failed(brief: Brief, error: Exception) -> str:
    log.warning(
        "nothing is written for slot %s of campaign %s, item %r: %s: %s",
        brief.slot,
        brief.campaign_id,
        brief.title,
        type(error).__name__,
        error,
    )
    return FAILED


_FORMATS: Final[dict[str, Callable[[ModelFolder], CopyFormat]]] = {
    "pointers": PointerFormat,
    "text": TextFormat,
    "ads": lambda folder: TextFormat(folder, ADS),
}


def withheld_of(manifest: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Languages and kinds of slot in which a model's copy was found too weak to be shown, and templates
    answer."""
    listed = manifest.get("withheld") or {}
    return frozenset((language, channel) for language, channels in listed.items() for channel in channels)


def adapter_name(brand: str) -> str:
    """Name of the adapter that writes for a brand, if the model has it: "quill-ash" for "Quill & Ash"."""
    return re.sub(r"\W+", "-", brand.casefold()).strip("-")

"""One copy being written: its fields so far, what is left of each budget, and what must still come."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.copywriter.checked import CheckedState
from models.copywriter.layout import CopyLayout
from models.copywriter.token_table import Token, TokenTable
from models.decoder.sequence import STOP
from models.text.graphemes import shown_width


class CopyRow:
    """Fields as ids in `fields` and as text in `texts`; `why` says why it could not be finished."""

    def __init__(self, layout: CopyLayout, table: TokenTable) -> None:
        self.layout, self._table, self._checker = layout, table, layout.checker
        self.fields: list[list[int]] = [[]]
        self.texts: list[str] = [""]
        self.cut: set[int] = set()  # fields that ended because nothing fitted any more
        self.why, self.finished = "", False
        self.short = False  # whether the headline is a short one of the layout
        self.tokens = 0
        self.log_chances: list[float] = []  # of the tokens that were a matter of choice
        self.pointer_space = layout.pointer_space
        self.has_figures = bool(self._checker.facts.numbers)
        self._queue: deque[int] = deque()
        self._said = not layout.required
        self.said_from = -1  # where the statement that plain text must hold begins in its field
        self._closing = False
        self._begin()

    def _begin(self) -> None:
        layout = self.layout
        self.field = len(self.fields) - 1
        self._last = self.field == len(layout.budgets) - 1
        self._state: CheckedState = self._checker.begun()
        self._begun = b""  # bytes of a character that is not complete
        self._sentence = False
        self.fresh, self.lacking = True, 0  # nothing is written yet; bytes missing of the character at hand
        here = not self._said and self.field == layout.required_field
        self.kept = (
            layout.required_width if here else 0
        )  # columns kept free for what must be said in this field
        self.kept_for = (
            layout.required[0] if here and layout.required[0] in layout.pointers else -1
        )  # the pointer they are kept for
        self.room = layout.budgets[self.field] - self.kept  # columns that the next token may take
        self.in_closed_cta = self._last and bool(
            layout.ctas
        )  # the next token must follow the closed list of calls to action

    def _has_said(self) -> None:
        self._said = True
        self.room, self.kept, self.kept_for = self.room + self.kept, 0, -1

    @property
    def likelihood(self) -> float:
        """Mean log chance of a token that was a matter of choice; 0 when none was."""
        return sum(self.log_chances) / max(1, len(self.log_chances))

    @property
    def may_end(self) -> bool:
        """Whether the field may end here."""
        whole = self._sentence or not self.layout.sentences[self.field]
        return not self.fresh and not self.lacking and whole and self._checker.may_end(self._state)

    def forced(self) -> int | None:
        """The next id that is not a matter of choice; None when there is none."""
        if self.finished:
            return STOP
        if self._queue:
            return self._queue.popleft()
        return self._ended() if self._closing else None

    def take(self, token: int) -> int | None:
        """Enters a token the model proposes; None when it may not come, and nothing has changed then."""
        pointed = self.layout.pointers.get(token)
        if pointed is not None:
            return (
                self._point(token, pointed)
                if self.may_point(token) and self._checker.may_end(self._state)
                else None
            )
        known = self._table.tokens[token]
        cost = known.width - (known.spaced and self.fresh)
        if cost > self.room or not known.is_text:
            return None
        whole = known.is_whole and not self.lacking
        text, begun = (known.text, b"") if whole else self._read(known)
        state = None if text is None else self._checker.after(self._state, text)
        if state is None or text is None:
            return None
        if state.run or state.named:
            rest = self._checker.rest(state)
            if rest and shown_width(rest) > self.room - cost:
                return None
        self._enter(token, text, state, cost)
        if not whole:
            self._begun, self.lacking = (
                begun,
                self.lacking - (len(known.data) if known.only_lead else self.lacking) + known.lacks,
            )
        if text.strip():
            self._sentence = known.ends_sentence
        return token

    def may_point(self, token: int) -> bool:
        """Whether the words a pointer stands for fit here."""
        pointed = self.layout.pointers.get(token)
        space = 0 if self.fresh else self.pointer_space
        room = self.room + (self.kept if token == self.kept_for else 0)
        return pointed is not None and not self.lacking and shown_width(pointed) + space <= room

    def _read(self, token: Token) -> tuple[str | None, bytes]:
        """The whole characters a token adds (None: it spells none) and the bytes of one that is not complete
        yet."""
        if token.lead != self.lacking and not (token.only_lead and token.lead < self.lacking):
            return None, b""
        data = self._begun + token.data
        if token.only_lead and len(token.data) < self.lacking:
            return "", data
        begun = next((back for back in range(1, 4) if data[-back] >= 0xC0), 0) if token.lacks else 0
        try:
            return data[: len(data) - begun].decode(), data[len(data) - begun :]
        except UnicodeDecodeError:
            return None, b""

    def _enter(self, token: int, text: str, state: CheckedState, cost: int) -> None:
        self.room -= cost
        self._state = state
        self.fields[-1].append(token)
        self.texts[-1] += text
        self.fresh = False
        self.tokens += 1

    def _point(self, token: int, text: str) -> int:
        space = 0 if self.fresh else self.pointer_space
        self._enter(
            token, " " * space + text, self._checker.past(self._state, " " + text), shown_width(text) + space
        )
        self._sentence = False
        if token in self.layout.required:
            self._has_said()
        return token

    def end(self) -> int | None:
        """Ends the field: what must be said is said first, then the next field opens, after the last one the
        row stops."""
        if not self._said and self.field == self.layout.required_field:
            return self._say_required()
        if self._last:
            self.finished = True
            return STOP
        self.fields.append([])
        self.texts.append("")
        self._closing = False
        self._begin()
        if self.in_closed_cta and len(self.layout.ctas) == 1:
            return self._take_whole_cta(self.layout.ctas[0])
        self._queue.extend(self.layout.openings[self.field])
        return self._queue.popleft()

    def _say_required(self) -> int:
        layout = self.layout
        self._has_said()
        if layout.required[0] in layout.pointers:
            return self._point(layout.required[0], layout.pointers[layout.required[0]])
        if layout.required_text.casefold() in self.texts[-1].casefold():
            return self._ended()
        self.said_from, self._closing = len(self.texts[-1]), True
        return self._write_out(layout.required, " " + layout.required_text + ".")

    def _write_out(self, ids: Sequence[int], text: str) -> int:
        """Enters ids without question: words of the row."""
        first, *others = ids
        state = self._checker.after(self._state, text) or self._checker.past(self._state, text)
        self._enter(first, text, state, shown_width(text))
        self.fields[-1] += others
        self.tokens += len(others)
        self._queue.extend(others)
        self._sentence = text.endswith((".", "。"))
        return first

    def _ended(self) -> int:
        taken = self.end()
        return STOP if taken is None else taken

    def take_cta(self, ids: NDArray[np.int64], draw: float) -> int:
        """The most likely way on along the closed list; one by chance when the model proposes none of
        them."""
        path = self.fields[-1]
        open_ones = [cta for cta in self.layout.ctas if list(cta[: len(path)]) == path]
        following = sorted({cta[len(path)] for cta in open_ones if len(cta) > len(path)})
        token = next((int(each) for each in ids if each in following), None)
        if token is None:
            token = following[int(draw * len(following))]
        left = [cta for cta in open_ones if len(cta) > len(path) and cta[len(path)] == token]
        if len(left) == 1:
            return self._take_whole_cta(left[0])
        self.fields[-1].append(token)
        return token

    def _take_whole_cta(self, cta: tuple[int, ...]) -> int:
        self.fields[-1] = list(cta)
        self.tokens += 1
        self.finished = True
        return STOP

    def stuck(self) -> int:
        """No candidate may come: what is half said is said to its end, else the field ends if it may, else
        the row gives up."""
        rest = self._checker.rest(self._state)
        if rest and shown_width(rest) <= self.room:
            return self._write_out(self.layout.encode(rest), rest)
        shortened = self.field == 0 and bool(self.layout.short_headlines)
        if not self.fresh and not rest and not shortened and (self.may_end or self.layout.loose):
            self.cut.add(self.field)
            return self._ended()
        if (
            not self._said
            and self.field == self.layout.required_field
            and not self.fresh
            and not self.lacking
        ):
            return self._ended()
        return self.give_up()

    def give_up(self) -> int:
        """A headline that cannot go on is left to the short ones of the layout; else the row ends without
        copy."""
        if self.field == 0 and self.layout.short_headlines:
            self.short = True
            return self._ended()
        self.why, self.finished = "no_token_fits", True
        return STOP

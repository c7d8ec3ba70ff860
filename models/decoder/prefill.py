"""From prompts to sequences that can be continued: prefixes from the cache, suffixes in batches, a prompt
once for all its candidates."""

from __future__ import annotations

from collections.abc import Sequence as Many
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from models.arrays import IntArray
from models.decoder.batches import pad_right
from models.decoder.extend_graph import ExtendGraph, GrowingState
from models.decoder.fused_graph import FusedGraph, FusedState
from models.decoder.kv import Kv, length_bucket
from models.decoder.prefix import MIN_PREFIX, PrefixCache
from models.decoder.sequence import Prompt
from models.decoder.state import DecodingState, Top

SUFFIX_STEP = 8
"""Suffixes are padded to multiples of this many tokens, so that sums over them run the same way whatever
stands beside them."""


def _adapters(prompts: Many[Prompt]) -> IntArray:
    return np.array([prompt.adapter for prompt in prompts], np.int64)


def _lengths(rows: Many[Many[int]]) -> NDArray[np.int32]:
    return np.array([len(row) for row in rows], np.int32)


class Prefill:
    """The prefill of a model with an extend graph, a fused one or both."""

    def __init__(
        self, fused: FusedGraph | None, extend: ExtendGraph | None, prefixes: PrefixCache, pad: int
    ) -> None:
        self._fused, self._extend, self._prefixes, self._pad = fused, extend, prefixes, pad

    def split(self, prompt: Prompt) -> Prompt:
        """The prompt as it is computed: a prefix that is not worth keeping, or cannot be kept, is a part of
        the suffix.

        This depends on the prompt and the model alone, so the way of computing never depends on the company.
        """
        if (
            len(prompt.prefix) >= MIN_PREFIX
            and self._extend is not None
            and (not prompt.adapter or self._extend.adapters.rows)
        ):
            return prompt
        return prompt._replace(prefix=(), suffix=prompt.prefix + prompt.suffix)

    def kind(self, prompt: Prompt) -> tuple[object, ...]:
        """Prompts of different kinds cannot share a state: without a fused graph, new tokens of all rows must
        stand in one column."""
        if self._fused is not None:
            return ()
        return (prompt.adapter if prompt.prefix else 0, prompt.prefix, -(-len(prompt.suffix) // SUFFIX_STEP))

    def run(self, prompts: Many[Prompt], candidates: int, limit: int) -> tuple[DecodingState, Top]:
        """Prompts as `split` gives them, all of one kind, same prefixes side by side -> a state of
        len(prompts) * candidates rows."""
        fan_out = np.repeat(np.arange(len(prompts)), candidates)
        if self._fused is None:
            return self._growing(prompts, fan_out)
        lengths = _lengths([prompt.prefix + prompt.suffix for prompt in prompts])
        room = length_bucket(int(lengths.max()) + limit)
        kv = self._fused.pool.block(0, self._fused.rows_of(len(fan_out)), room)
        tops = []
        first = 0
        for shared, group in groupby(
            prompts, key=lambda prompt: (prompt.adapter if prompt.prefix else 0, prompt.prefix)
        ):
            members = list(group)
            rows = np.repeat(np.arange(len(members)), candidates)
            part = kv.part(first, len(rows))
            tops.append(
                self._suffixes(members, rows, part) if shared[1] else self._whole(members, rows, part)
            )
            first += len(rows)
        top = Top(np.concatenate([each.logits for each in tops]), np.concatenate([each.ids for each in tops]))
        return FusedState(self._fused, 0, kv, lengths[fan_out], _adapters(prompts)[fan_out]), top

    def _whole(self, prompts: list[Prompt], rows: IntArray, target: Kv) -> Top:
        """Prompts without a prefix through the fused graph."""
        assert self._fused is not None
        ids = pad_right([prompt.suffix for prompt in prompts], self._pad)
        lengths = _lengths([prompt.suffix for prompt in prompts])
        alone = len(rows) == len(prompts)
        kv = target if alone else self._fused.pool.block(1, len(prompts), target.length)
        top = self._fused.prefill(ids, lengths, _adapters(prompts), kv)
        if not alone:
            self._fused.mover.move(kv, rows, target)
        return top.take(rows)

    def _suffixes(self, prompts: list[Prompt], rows: IntArray, target: Kv) -> Top:
        """Prompts of one prefix: its snapshot, then their suffixes behind it."""
        top, kv = self._extended(prompts)
        assert self._extend is not None
        self._extend.mover.move(kv, rows, target)
        return top.take(rows)

    def _extended(self, prompts: Many[Prompt]) -> tuple[Top, Kv]:
        assert self._extend is not None
        suffixes = [prompt.suffix for prompt in prompts]
        longest = max(map(len, suffixes))
        ids = pad_right(suffixes, self._pad, -(-longest // SUFFIX_STEP) * SUFFIX_STEP)
        return self._extend.suffix(ids, _lengths(suffixes), self._snapshot(prompts[0]), _adapters(prompts))

    def _snapshot(self, prompt: Prompt) -> Kv | None:
        extend = self._extend
        if extend is None or not prompt.prefix:
            return None
        key = (extend.adapters.version, prompt.adapter, prompt.prefix)
        return self._prefixes.get(
            key, lambda: extend.prefix(np.array(prompt.prefix, np.int64), prompt.adapter)
        )

    def _growing(self, prompts: Many[Prompt], fan_out: IntArray) -> tuple[DecodingState, Top]:
        """Both phases through the extend graph."""
        assert self._extend is not None
        top, kv = self._extended(prompts)
        before = len(prompts[0].prefix)
        mask = (
            np.arange(kv.length) < before + _lengths([prompt.suffix for prompt in prompts])[:, None]
        ).astype(np.int64)
        state = GrowingState(self._extend, kv, mask, _adapters(prompts))
        return (state if len(fan_out) == len(prompts) else state.take(fan_out)), top.take(fan_out)

"""The decoder at work: prompts in, token sequences out, whatever architecture and format the model has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Many
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.decoder.adapter_bank import AdapterBank
from models.decoder.batches import micro_batches
from models.decoder.extend_graph import ExtendGraph
from models.decoder.fused_graph import FusedGraph
from models.decoder.kv import KvLayout
from models.decoder.loop import write_rows
from models.decoder.mover import Mover
from models.decoder.prefill import Prefill
from models.decoder.prefix import PrefixCache
from models.decoder.sequence import Chooser, Prompt, Sequence, draws_of
from models.model_folder.graph_file import ModelFileError
from models.model_folder.session import ModelFolder, open_session

BATCH_ROWS: Final = {"cpu": 16, "cuda": 256}
"""Rows per micro-batch: on one core larger ones gain nothing."""
PREFIX_BYTES: Final = 64 << 20
"""Memory for keys and values of shared prefixes."""


class DecoderEngine:
    """A loaded model. One call works at a time; a second caller waits."""

    def __init__(
        self,
        fused: FusedGraph | None,
        extend: ExtendGraph | None,
        context: int,
        pad: int,
        batch_rows: int,
        prefix_bytes: int = PREFIX_BYTES,
    ) -> None:
        """At least one of the graphs; `context` is the longest sequence, `pad` an id that fills rows."""
        self.context, self.prefixes = context, PrefixCache(prefix_bytes)
        self._banks = [graph.adapters for graph in (fused, extend) if graph is not None]
        self._prefill = Prefill(fused, extend, self.prefixes, pad)
        self._batch_rows = batch_rows
        self._lock = threading.Lock()
        self.bank: Mapping[str, NDArray[np.float32]] = {}  # the adapters in use, as `set_adapters` got them

    @classmethod
    def load(
        cls, folder: ModelFolder, provider: str = "cpu", threads: int = 1, prefix_bytes: int = PREFIX_BYTES
    ) -> DecoderEngine:
        """The model of an opened folder on `provider` (cpu | cuda) with `threads` per run.

        Raises ModelFileError (missing, changed or unsafe file) and ProviderError (processor not usable), each
        saying what to do.
        """
        variant, captured = folder.variant(provider), provider == "cuda"

        def mover(layout: KvLayout) -> Mover:
            return Mover(layout, provider, threads)

        fused, extend = None, None
        if variant.decode is not None:
            session = open_session(folder.read(variant.decode), provider, threads, captured)
            fused = FusedGraph(session, AdapterBank(session), mover, captured)
        if variant.extend is not None:
            session = open_session(folder.read(variant.extend), provider, threads, traced=True)
            extend = ExtendGraph(session, AdapterBank(session), mover)
        if fused is None and extend is None:
            raise ModelFileError(
                f"{folder.folder}: manifest.json names no graph; write the folder again with `shiftcast "
                "model export`"
            )
        return cls(fused, extend, folder.spec.context, folder.spec.pad, BATCH_ROWS[provider], prefix_bytes)

    def decode(
        self,
        prompts: Many[Prompt],
        chooser: Chooser,
        remaining_ms: Callable[[], float],
        candidates: int = 1,
        limit: int = 64,
    ) -> list[list[Sequence]]:
        """`candidates` continuations of at most `limit` ids for each prompt, in order of the prompts.

        A prompt is computed once however many candidates it has. `remaining_ms()` is asked before every step:
        <= 0 ends the work, and what is not finished then says "deadline". Raises ValueError for a prompt that
        is empty or longer than the context leaves room.
        """
        for index, prompt in enumerate(prompts):
            self._check(index, prompt, limit)
        with self._lock:
            split = [self._prefill.split(prompt) for prompt in prompts]
            written: list[list[Sequence]] = [[] for _ in prompts]
            for batch in micro_batches(split, max(1, self._batch_rows // candidates), self._prefill.kind):
                sequences = self._write(batch, split, chooser, remaining_ms, candidates, limit)
                for at, index in enumerate(batch):
                    written[index] = sequences[at * candidates : (at + 1) * candidates]
        return written

    def _write(
        self,
        batch: list[int],
        prompts: list[Prompt],
        chooser: Chooser,
        remaining_ms: Callable[[], float],
        candidates: int,
        limit: int,
    ) -> list[Sequence]:
        began = remaining_ms()
        if began <= 0:
            return [Sequence(why="deadline") for _ in range(len(batch) * candidates)]
        chosen = [prompts[index] for index in batch]
        rows = (np.array(batch)[:, None] * candidates + np.arange(candidates)).reshape(-1)
        draws = np.stack(
            [draws_of(prompt.seed, candidate, limit) for prompt in chosen for candidate in range(candidates)]
        )
        state, top = self._prefill.run(chosen, candidates, limit)
        sequences = write_rows(state, top, rows, chooser, draws, remaining_ms)
        spent = began - remaining_ms()
        for sequence in sequences:
            sequence.model_ms = spent
        return sequences

    def _check(self, index: int, prompt: Prompt, limit: int) -> None:
        length = len(prompt.prefix) + len(prompt.suffix)
        if not prompt.suffix:
            raise ValueError(f"prompt {index} has an empty suffix: keep at least one id out of the prefix")
        if length + limit > self.context:
            raise ValueError(
                f"prompt {index} has {length} tokens; with {limit} to come that is more than the model's "
                f"{self.context}"
            )
        if prompt.adapter and not 0 < prompt.adapter < self._banks[0].rows:
            raise ValueError(
                f"prompt {index} names adapter {prompt.adapter}, but the model has room for "
                f"{max(0, self._banks[0].rows - 1)}"
            )

    def set_adapters(self, bank: Mapping[str, NDArray[np.float32]]) -> None:
        """Use these adapters from the next call on: `lora.<layer>.<projection>.a` (N, in, r) and `.b` (N, r,
        out).

        Row 0 must be zeros (no adapter). No session is made anew. Raises ModelFileError for a name or shape
        the model does not have.
        """
        with self._lock:
            for held in self._banks:
                if held is self._banks[0] or held.rows:
                    held.set(bank)
            self.prefixes.clear()
            self.bank = bank

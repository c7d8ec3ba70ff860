"""The pool of one generator, its parts connected: what is followed, served, retired and filled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any

from agents.creatives.reference import GeneratorReference
from agents.pool.ahead.filler import Filler, Shares
from agents.pool.ahead.in_force import PoolModels
from agents.pool.ahead.writing import WritingRecipe
from agents.pool.basis import Bases
from agents.pool.demand import Demand
from agents.pool.judge import judge_in_force
from agents.pool.retirer import Retirer
from agents.pool.serving import CopyPool
from agents.pool.view import PoolView
from agents.writing.copywriters import Loaded
from models.rules import load_rules
from streams.settings import Settings
from streams.topics import COPY, TopicSpec
from streams.wire.output import Output


class PoolKeeper:
    """Runs in the event loop."""

    def __init__(
        self,
        settings: Settings,
        reference: GeneratorReference,
        owns: Callable[[str], bool],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        clock_ms: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._reference = reference
        self._owns = owns
        self._send = send
        self._clock_ms = clock_ms
        self._bases = Bases()
        self._judge = judge_in_force(settings.pool_bar)
        self._demand = Demand()
        self._retirer: Retirer | None = None
        self.view = PoolView(settings.pool_bytes)

    @property
    def follows(self) -> tuple[TopicSpec, ...]:
        """The topic of the pool, where there is one."""
        return (COPY,) if self._settings.pool_bytes else ()

    def assign(self) -> None:
        """Other entries may be ours now."""
        if self._retirer is not None:
            self._retirer.assign()

    def serving(self, loaded: Callable[[], Loaded]) -> CopyPool:
        """What requests are answered from."""
        models = self._models(loaded)
        return CopyPool(
            self.view,
            self._demand,
            self._bases,
            models.name,
            lambda: self._reference.revocations,
            load_rules,
            self._judge.bar,
        )

    def tasks(
        self, loaded: Callable[[], Loaded], requests_wait: Callable[[], bool], passed: Callable[[str], None]
    ) -> Iterator[Coroutine[Any, Any, None]]:
        """What runs beside the requests."""
        settings = self._settings
        if not settings.pool_bytes:
            return
        models = self._models(loaded)
        self._retirer = Retirer(
            self.view, self._reference, self._bases, models.name, self._owns, self._send, self._clock_ms
        )
        yield self._retirer.run()
        if settings.pool_core_share and settings.copywriter == "model":  # a stub's words are for measuring
            yield Filler(
                self.view,
                self._demand,
                WritingRecipe(settings.pool_drafts, self._judge, load_rules, self._bases),
                Shares(settings.pool_copies, settings.pool_core_share),
                models.writing,
                lambda: self._reference.snapshot().matcher,
                self._owns,
                requests_wait,
                self._send,
                self._clock_ms,
                passed,
            ).run()

    def _models(self, loaded: Callable[[], Loaded]) -> PoolModels:
        return PoolModels(loaded, lambda: self._reference.artifacts.copywriters)

"""Functions at compiled speed. `@kernel(types)`: what Python calls, for exactly these argument types.
`@part`: what kernels call, compiled into each of them.

A kernel is compiled, or loaded from disk, at its first call or by `compile_kernels`, and never again: other
argument types are a TypeError, not some seconds in which an event loop stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numba import config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.event import Event, Listener, register
from numba.core.registry import CPUDispatcher
from numba.extending import register_jitable

from models.kernels.kept import KernelCache, name_processor

part: Final[Any] = register_jitable
"""A function that only kernels call. Elsewhere it runs as plain Python, slowly."""

_declared: Final[list[Kernel]] = []


class Kernel(CPUDispatcher):
    """A function with one signature. Relies on numba's `_compile_for_args` (a call that no compiled version
    fits), `get_call_template` (a kernel that calls this one) and `_cache`."""

    def __init__(self, function: Callable[..., Any], argument_types: tuple[Any, ...]) -> None:
        super().__init__(function, targetoptions={"nopython": True})
        self.argument_types = argument_types
        _declared.append(self)

    def prepare(self) -> None:
        """Compile it, or load it from disk; once."""
        with global_compiler_lock:
            if self._can_compile:
                self._cache = KernelCache(self.py_func)
                self.compile(self.argument_types)
                self.disable_compile()

    def _compile_for_args(self, *args: Any, **kws: Any) -> Kernel:
        self._types_active_call.clear()
        self.prepare()
        return self

    def get_call_template(self, args: Any, kws: Any) -> Any:
        self.prepare()
        return super().get_call_template(args, kws)


def kernel(*argument_types: Any) -> Any:
    """Declare a kernel for these numba types (models.kernels.argument_types)."""

    def declare(function: Callable[..., Any]) -> Any:
        return function if config.DISABLE_JIT else Kernel(function, argument_types)

    return declare


def compile_kernels() -> None:
    """Compile or load every kernel that was declared so far. After that a run compiles nothing."""
    for each in _declared:
        each.prepare()


def declared_kernels() -> tuple[Kernel, ...]:
    """Every kernel of the modules that were imported so far."""
    return tuple(_declared)


class _Compilations(Listener):
    count = 0

    def on_start(self, event: Event) -> None:
        self.count += 1

    def on_end(self, event: Event) -> None:
        pass


_compilations: Final = _Compilations()
register("numba:compile", _compilations)
name_processor()


def count_compilations() -> int:
    """How many functions this process has compiled so far; what was loaded from disk does not count."""
    return _compilations.count

"""Building blocks of kernels that are linked and nothing else.

Numba makes every function that compiled code calls a finished library of its own: it optimises it, with all that it
calls in turn, and turns it into machine code. A kernel holds its building blocks anyway, so all of this is done again
one level higher, and again, up to the kernel; of the machine code only the kernel's is ever run. Here a building block
stays what it was before optimisation, and the kernel is optimised once, as a whole. That halves the time of
compilation; the compiled kernels (:mod:`landscape.compilation`) are as fast.

Numba offers the hook (``pipeline_class``) but documents no library that it takes (:mod:`landscape.numba_internals`).
Where a release has another one, building blocks are compiled as Numba does it, which gives the same results, later.
"""

from __future__ import annotations

import itertools
from typing import Any

from landscape.numba_internals import LINKED, Compiler, CompileResult, JITCodeLibrary

__all__ = ["ApartCompiler", "PartCompiler", "set_environments"]

_numbers = itertools.count()


class _NoEnvironment:
    """A code generator without the environments of functions that have no machine code yet."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing to set yet (:func:`set_environments`)."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)


class _Part(JITCodeLibrary or object):  # type: ignore[misc]
    """A library that is there to be linked."""

    def finalize(self) -> None:
        """Link what is called from here; no optimisation, no machine code."""
        for library in dict.fromkeys(self._linking_libraries):
            if hasattr(self, "_reload_init"):  # younger releases
                self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """No function has an address."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        return _NoEnvironment(self._codegen)


class PartCompiler(Compiler):  # type: ignore[misc]
    """The ordinary compiler with another library to put its result into."""

    def define_pipelines(self) -> Any:
        if JITCodeLibrary is not None:
            library = _Part(self.state.targetctx.codegen(), f"part_{next(_numbers)}")
            if all(hasattr(library, name) for name in LINKED):
                self.state.library = library
        return super().define_pipelines()


class ApartCompiler(PartCompiler):
    """The same for a function of whose arguments none points to what another one writes."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()


def set_environments(result: CompileResult) -> None:
    """Give a compiled kernel the environments of its building blocks, which had no address before."""
    for environment in result._find_referenced_environments():
        result.library.codegen.set_env(environment.env_name, environment)

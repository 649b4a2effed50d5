"""The one way in which this house compiles a signal-processing kernel.

A kernel is compiled once and kept on disk, runs without the interpreter's lock and never starts a thread: a job's
child process may have no more than one. It takes two-dimensional, C-contiguous, writable arrays of one type, so that
warming compiles every version that production will ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

FASTMATH = {"contract", "reassoc", "nnan", "nsz"}
"""What the compiler may assume: fused multiply-adds, sums in any order, no NaN (reading refuses them), no signed zero.

Infinities and divisions keep their IEEE meaning.
"""


def kernel(function: Kernel) -> Kernel:
    """Compile `function` at its first call, with a cache on disk, in the house's floating-point mode."""
    return cast(Kernel, njit(cache=True, nogil=True, error_model="numpy", fastmath=FASTMATH)(function))

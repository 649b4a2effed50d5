"""The one way in which this house compiles a signal-processing kernel.

A kernel is compiled once and kept on disk, runs without the interpreter's lock and never starts a thread: a job's
child process may have no more than one. It takes two-dimensional, C-contiguous, writable arrays of one type, so that
warming compiles every version that production will ask for.

Compiled kernels lie in ``soundrack/kernels/<hash>`` under ``NUMBA_CACHE_DIR``, else ``XDG_CACHE_HOME``, else
``~/.cache``. numba itself looks only at the file that a kernel stands in, though a kernel has those of other files
compiled into it; here the folder's name is a hash over the text of every file that holds kernels on its floor and the
floors below, so that what is kept never differs from what is written. A file with kernels takes the constants they use
from itself or from another such file. Folders that nobody uses any more are removed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit
from numba.core import config, event

from soundrack import __version__

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

FASTMATH = {"contract", "reassoc", "nnan", "nsz"}
"""What the compiler may assume: fused multiply-adds, sums in any order, no NaN (reading refuses them), no signed zero.

Infinities and divisions keep their IEEE meaning.
"""

_PACKAGE = Path(__file__).parents[1]
_MARK = b"from soundrack.audio.kernels import kernel\n"
"""What makes a file one that holds kernels."""

_FLOORS = ("audio", "mastering", "analysis", "composition")
"""The packages with kernels, the lowest first: none of them uses what stands behind it."""

_UNUSED_FOR_S = 30 * 86400.0
"""A folder of kernels that no process has used for so long belongs to a version that is gone."""

_CONFIG: Any = config
_register: Any = event.register
_LOG = logging.getLogger(__name__)
_KERNELS: list[Any] = []


def kernel(function: Kernel) -> Kernel:
    """Compile `function` at its first call, with a cache on disk, in the house's floating-point mode."""
    with _kept_in(_folder(_floor(function.__module__))) as keep:
        compiled = njit(cache=keep, nogil=True, error_model="numpy", fastmath=FASTMATH)(function)
    if not _CONFIG.DISABLE_JIT:
        _KERNELS.append(compiled)
    return cast(Kernel, compiled)


def kernels_compiled(floor: str = _FLOORS[-1]) -> bool:
    """Tell whether each kernel that has been imported is kept on disk, compiled for this text and this Python.

    Those above a floor (``audio``, ``mastering``, ``analysis``, ``composition``) do not matter to it.
    """
    known = _FLOORS[: _FLOORS.index(floor) + 1]
    return all(_is_kept(each) for each in _KERNELS if _floor(each.py_func.__module__) in known)


def _is_kept(compiled: Any) -> bool:
    function, folder = compiled.py_func, compiled.stats.cache_path
    index = f"*.{function.__qualname__}-{function.__code__.co_firstlineno}.*.nbi"
    return folder is not None and any(Path(folder).glob(index))


@contextmanager
def _kept_in(folder: Path | None) -> Iterator[bool]:
    """Have numba keep what is decorated meanwhile in `folder`, and leave its settings as they were."""
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(folder or "")
    try:
        yield folder is not None
    finally:
        _CONFIG.CACHE_DIR = before


def _floor(module: str) -> str:
    """Return the floor of a module; whatever is not of the house stands on all of them."""
    package = module.removeprefix("soundrack.").partition(".")[0]
    return package if package in _FLOORS else _FLOORS[-1]


@cache
def _folder(floor: str) -> Path | None:
    """Return the folder for this text of a floor's kernels, or None where none can be written."""
    home = _CONFIG.CACHE_DIR or os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    folder = Path(home, "soundrack", "kernels", _text_hash(floor))
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
        os.utime(folder)  # in use
        for other in folder.parent.iterdir():
            if other.stat().st_mtime < time.time() - _UNUSED_FOR_S:
                shutil.rmtree(other, ignore_errors=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        _LOG.warning("Compiled kernels cannot be kept in %s (%s): every start compiles them.", folder, error.strerror)
        return None
    return folder


def _text_hash(floor: str) -> str:
    digest = hashlib.sha256(f"{floor} {__version__} numba {numba.__version__}".encode())
    below = _FLOORS[: _FLOORS.index(floor) + 1]
    for path in sorted(path for name in below for path in (_PACKAGE / name).rglob("*.py")):
        text = path.read_bytes()
        if _MARK in text:
            digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + text + b"\0")
    return digest.hexdigest()[:16]


class _Announcement(event.Listener):
    """Says once that kernels are being compiled: the first start takes longer, and should say why."""

    said = False

    def on_start(self, event: event.Event) -> None:
        if not self.said and event.data["dispatcher"] in _KERNELS:
            self.said = True
            _LOG.warning("Compiling the signal-processing kernels: half a minute, once.")

    def on_end(self, event: event.Event) -> None:
        """Say nothing: there is one sentence for all."""


_register("numba:compile", _Announcement())

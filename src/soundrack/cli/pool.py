"""The same work on several files, on all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

from soundrack.audio.kernels import kernels_compiled
from soundrack.cli import console

Done = TypeVar("Done")


def over(
    paths: Sequence[Path],
    work: Callable[[Path], Done],
    *,
    doing: str,
    module: str,
    warm: Callable[[], object],
) -> Iterator[Done]:
    """Yield what the work on each file gives, in the order of the files, and show how far it is.

    Parameters
    ----------
    paths : sequence of Path
        The files. One alone is worked on in this process.
    work : callable
        A module's function, or a partial of one, so that it can be sent to other processes. What it raises ends all.
    doing : str
        What is shown beside the bar.
    module : str
        What each process loads beforehand.
    warm : callable
        Compiles the kernels that the work needs; called if none are, once here and not in every process.
    """
    workers = min(len(paths), len(os.sched_getaffinity(0)))
    with console.bars() as shown:
        bar = shown.add_task(doing, total=len(paths))
        if workers > 1:
            if not kernels_compiled():
                warm()
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([module])
            with ProcessPoolExecutor(workers, mp_context=context) as pool:
                tasks = [pool.submit(work, path) for path in paths]
                try:
                    for task in tasks:
                        yield task.result()
                        shown.advance(bar)
                finally:
                    pool.shutdown(cancel_futures=True)
        else:
            for path in paths:
                yield work(path)
                shown.advance(bar)

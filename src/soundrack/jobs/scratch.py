"""The folders in which running jobs keep their files: one for each attempt, below one for each worker."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path

from soundrack.jobs.record import Job
from soundrack.jobs.task import INPUTS, OUTPUTS


@contextmanager
def made(root: Path, job: Job) -> Generator[Path]:
    """Make an attempt's folder, with one for inputs and one for outputs; at the end remove it with all in it."""
    folder = _of(root, job)
    folder.mkdir(parents=True, mode=0o700)
    try:
        for name in (INPUTS, OUTPUTS):
            (folder / name).mkdir(mode=0o700)
        yield folder
    finally:
        clear(root, job)


def clear(root: Path, job: Job) -> None:
    """Remove an attempt's folder; that somebody has done so already is no error."""
    shutil.rmtree(_of(root, job), ignore_errors=True)


def clear_all_but(root: Path, workers: Collection[str]) -> None:
    """Remove the folders of every worker that is none of these."""
    for folder in root.glob("*"):
        if folder.name not in workers:
            shutil.rmtree(folder, ignore_errors=True)


def _of(root: Path, job: Job) -> Path:
    if job.worker_id is None:
        raise ValueError("an attempt has a worker")
    return root / job.worker_id / f"{job.id}.{job.attempt}"

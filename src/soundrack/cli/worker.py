"""``soundrack worker``."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from soundrack import logs
from soundrack.cli import console
from soundrack.jobs import sandbox
from soundrack.jobs.forkclient import Forkclient
from soundrack.settings import SandboxMode

if TYPE_CHECKING:
    from soundrack.jobs.worker import Worker


def run(workers: int | None, data: Path | None, supervised: bool) -> int:
    """Run jobs until told to stop, or until the supervisor is gone."""
    console.load_undisturbed()
    settings = console.settings(workers=workers, data=data)
    logs.configure(json=settings.log_json)
    if settings.sandbox is SandboxMode.STRICT:
        sandbox.require_strict()
    forks = Forkclient()  # loads the engines while this process loads the rest

    from soundrack.jobs.worker import Worker  # noqa: PLC0415
    from soundrack.rack import open_rack  # noqa: PLC0415

    with open_rack(settings) as rack:
        worker = Worker(settings, rack.database, rack.store, rack.queue, rack.outbound, forks)
        worker.stop_on_signals()
        if supervised:
            threading.Thread(target=_stop_at_end_of_input, args=(worker,), daemon=True).start()
        console.spare_what_is_loaded()
        return worker.run()


def _stop_at_end_of_input(worker: Worker) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    worker.stop()

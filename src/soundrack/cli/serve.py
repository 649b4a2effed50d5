"""``soundrack serve``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from soundrack import logs
from soundrack.cli import console
from soundrack.jobs import sandbox
from soundrack.jobs.supervisor import Supervisor
from soundrack.settings import SandboxMode

_KEEP_ALIVE_S = 30


def run(host: str | None, port: int | None, workers: int | None, data: Path | None) -> None:
    """Serve until told to stop."""
    settings = console.settings(host=host, port=port, workers=workers, data=data)
    logs.configure(json=settings.log_json)
    if settings.sandbox is SandboxMode.STRICT:
        sandbox.require_strict()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))  # to which uvicorn returns it when it is done
    supervisor = Supervisor(settings)
    supervisor.start()  # loads while this process loads the rest
    try:
        import uvicorn  # noqa: PLC0415

        from soundrack import app  # noqa: PLC0415
        from soundrack.rack import open_rack  # noqa: PLC0415

        with open_rack(settings) as rack:
            uvicorn.run(
                app.create(rack),
                host=settings.host,
                port=settings.port,
                log_level="warning",
                timeout_keep_alive=_KEEP_ALIVE_S,
                server_header=False,
            )
    finally:
        supervisor.stop()

"""Keeps one worker process running beside the HTTP server, and starts another when it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import structlog

from soundrack.settings import Settings

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_STOP_WITHIN_S = 30.0
_log = structlog.get_logger()


class Supervisor:
    """Starts ``soundrack worker``, again and again; it ends when its standard input does, so it is never orphaned."""

    def __init__(self, settings: Settings) -> None:
        self._environment = os.environ | settings.environment()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="supervisor")

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def stop(self) -> None:
        """Have the worker put its jobs back and end; kill it if it does not in 30 s."""
        self._stopping.set()
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep_running(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "soundrack", "worker", "--supervised"],
                env=self._environment,
                stdin=subprocess.PIPE,
            )
            code = self._process.wait()
            if self._stopping.wait(0 if code == 0 else pause_s):
                return
            _log.error("worker ended, starting another", exit_code=code)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

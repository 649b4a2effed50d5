"""Keeps a process of ours running beside the HTTP server, and starts another when it ends."""

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
    """Starts ``soundrack <command>``, again and again; it ends when its standard input does, so it is never orphaned.

    Parameters
    ----------
    command : str
        ``worker`` or ``courier``.
    after_s : float
        Seconds before the first start, for what is not needed at once to leave the processor to what is.
    """

    def __init__(self, settings: Settings, command: str, *, after_s: float = 0.0) -> None:
        self._environment = os.environ | settings.environment()
        self._command = command
        self._after_s = after_s
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name=f"{command} supervisor")

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def tell_to_stop(self) -> None:
        """Have the process put down what it holds and end, without waiting until it has."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Have the process put down what it holds and end; kill it if it does not in 30 s."""
        self.tell_to_stop()
        process = self._process
        if process is not None:
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep_running(self) -> None:
        pause_s = _FIRST_PAUSE_S
        if self._stopping.wait(self._after_s):
            return
        while not self._stopping.is_set():
            self._process = subprocess.Popen(  # noqa: S603  a command of our own
                [sys.executable, "-m", "soundrack", self._command, "--supervised"],
                env=self._environment,
                stdin=subprocess.PIPE,
            )
            if self._stopping.is_set():  # since the last look: who told us to stop saw no process, or the former
                self._process.terminate()
            code = self._process.wait()
            if self._stopping.wait(0 if code == 0 else pause_s):
                return
            _log.error(f"{self._command} ended, starting another", exit_code=code)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

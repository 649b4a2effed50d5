"""A word to the worker on the same machine that a job waits, so that it need not find out by looking.

It goes by a datagram to a socket in the data folder, after the job's transaction has committed. Nothing depends on it:
where there is no worker, or it is busy or elsewhere, the job engine delivers the job as it delivers all.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

_NAME = "nudge.sock"
_LONGEST = 100
_log = structlog.get_logger()


def send(data: Path, job_id: str) -> None:
    """Tell the worker on a data folder of a job; that there is none is no error."""
    with suppress(OSError), _address(data) as address, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.sendto(job_id.encode(), address)


class Ear:
    """A worker's end. Of several workers on one data folder the one that began last is told.

    Parameters
    ----------
    hear : callable
        Called with a job's id, in a thread, at most `at_once` at the same time.
    """

    def __init__(self, data: Path, hear: Callable[[str], None], at_once: int) -> None:
        self._data = data
        self._hear = hear
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._running = ThreadPoolExecutor(at_once, thread_name_prefix="nudged")
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)

    def open(self) -> None:
        """Begin to listen."""
        try:
            with _address(self._data) as address:
                Path(address).unlink(missing_ok=True)
                self._channel.bind(address)
        except OSError as error:
            _log.warning("nobody can tell this worker of jobs; it looks for them itself", error=str(error))
            return
        self._thread.start()

    def close(self) -> None:
        """Hear nothing more, and wait until all that was heard is done."""
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RD)
        if self._thread.is_alive():
            self._thread.join()
        self._channel.close()
        self._running.shutdown(cancel_futures=True)

    def _listen(self) -> None:
        while job_id := self._channel.recv(_LONGEST):
            self._running.submit(self._tell, job_id.decode("ascii", "replace"))

    def _tell(self, job_id: str) -> None:
        try:
            self._hear(job_id)
        except Exception:  # noqa: BLE001  the job will be delivered all the same
            _log.exception("job not begun", job=job_id)


@contextmanager
def _address(data: Path) -> Generator[str]:
    """Yield the socket's path by way of its folder's descriptor: a longer one than 107 bytes is no address."""
    folder = os.open(data, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{_NAME}"
    finally:
        os.close(folder)

"""A worker's end of the warm process: start it, hand it tasks, follow and end its children."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from soundrack.errors import Internal
from soundrack.jobs.task import MESSAGE_BYTES, Task

_LINE_BYTES = 4 * 2**20
_END_WITHIN_S = 10.0
_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM")}
_PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "TZ", "HOME", "NUMBA_CACHE_DIR", "PYTHONPATH", "VIRTUAL_ENV"),
    "XDG_DATA_HOME",  # where a network may have been installed
)
"""The environment of the warm process: what Python needs to start, never a ``SOUNDRACK_`` variable."""
_IN_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Memory in pages of 2 MiB where the kernel has them: a fork, which copies the table of pages, takes half the time."""


class ForkserverLost(Internal):
    """The warm process has ended, and its children with it."""


@dataclass(frozen=True)
class End:
    """How a child ended."""

    exit_code: int
    """Below zero: the signal that ended it."""
    memory_mb: int


@dataclass(frozen=True)
class Killed:
    """That a child was killed: it does nothing more, and will have ended when its memory is given back."""


Ends = queue.SimpleQueue[End | Killed | None]
"""What the warm process says of one child's end; None, if it has ended itself."""


class Child:
    """One running task."""

    def __init__(self, client: Forkclient, task_id: str, events: int, ends: Ends) -> None:
        self._client = client
        self._task_id = task_id
        self._events = events
        self._ends = ends

    def follow(self, every_s: float) -> Generator[dict[str, Any] | None]:
        """Yield the child's events as they come, and None whenever `every_s` seconds brought none.

        Ends when the child has closed its pipe. A child that writes what is not an event is cut short: it is not
        trusted.
        """
        pending = b""
        due = time.monotonic() + every_s
        while True:
            ready, _, _ = select.select([self._events], [], [], max(0.0, due - time.monotonic()))
            if ready:
                data = os.read(self._events, 65536)
                if not data:
                    return
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    yield _event(line)
                if len(pending) > _LINE_BYTES:
                    raise Internal("The job's process wrote too much.")
            if time.monotonic() >= due:
                due = time.monotonic() + every_s
                yield None

    def kill(self) -> None:
        """End it now."""
        self._client.send({"kill": self._task_id})

    def halt(self) -> None:
        """End it now, or see that it has ended; when this returns it does nothing more.

        A process that was killed never returns to its own code. What it takes the kernel to give its memory back, tens
        of milliseconds, nobody need wait for.

        Raises
        ------
        ForkserverLost
            If the warm process has ended.
        """
        self.kill()
        self._said()

    def wait(self) -> End:
        """Wait for its end, which follows within moments once it has closed its pipe.

        Raises
        ------
        ForkserverLost
            If the warm process has ended.
        """
        while True:
            try:
                end = self._said()
            except queue.Empty:
                self.kill()
                end = self._said()
            if isinstance(end, End):
                return end

    def _said(self) -> End | Killed:
        said = self._ends.get(timeout=_END_WITHIN_S)
        if said is None:
            raise ForkserverLost("The process that runs jobs has ended.")
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._events)
        self._client.done(self._task_id)


class Forkclient:
    """Starts the warm process and keeps it for the worker's life. May be used from many threads once it is ready."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self._sending = threading.Lock()
        self._ends: dict[str, Ends] = {}
        self.lost = threading.Event()
        """Set once the warm process has ended."""
        with theirs:
            self._process = _start(theirs)
        self.speed = 0.0
        """Seconds of audio that one second masters here, as it measured when it started."""

    def await_ready(self) -> None:
        """Wait until everything is loaded.

        Raises
        ------
        ForkserverLost
            If it ended instead.
        """
        message = self._channel.recv(MESSAGE_BYTES)
        if not message:
            raise ForkserverLost(f"The process that runs jobs did not start ({describe(self._process.wait())}).")
        self.speed = float(json.loads(message)["ready"])
        threading.Thread(target=self._listen, name="forkserver", daemon=True).start()

    def run(self, task: Task) -> Child:
        """Have a task run in a child of its own.

        Raises
        ------
        ForkserverLost
            If the warm process has ended.
        """
        readable, writable = os.pipe2(os.O_CLOEXEC)
        ends: Ends = queue.SimpleQueue()
        self._ends[task.id] = ends
        try:
            with self._sending:
                socket.send_fds(self._channel, [task.to_json()], [writable])
        except OSError:
            os.close(readable)
            raise ForkserverLost("The process that runs jobs has ended.") from None
        finally:
            os.close(writable)
        return Child(self, task.id, readable, ends)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; that nobody is there to hear it is no error."""
        try:
            with self._sending:
                self._channel.send(json.dumps(message).encode())
        except OSError:
            self.lost.set()

    def done(self, task_id: str) -> None:
        """Forget a task."""
        self._ends.pop(task_id, None)

    def close(self) -> None:
        """End the warm process and every child of it."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        while True:
            try:
                message = self._channel.recv(MESSAGE_BYTES)
            except OSError:
                message = b""
            if not message:
                break
            fields = json.loads(message)
            if ends := self._ends.get(fields["task"]):
                ends.put(End(fields["exit_code"], fields["memory_mb"]) if "exit_code" in fields else Killed())
        self.lost.set()
        for ends in list(self._ends.values()):
            ends.put(None)


def _start(channel: socket.socket) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _ONE_THREAD | _IN_LARGE_PAGES
    return subprocess.Popen(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "soundrack.jobs.forkserver", str(channel.fileno())],
        env=environment,
        stdin=subprocess.DEVNULL,
        pass_fds=(channel.fileno(),),
    )


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise Internal("The job's process did not keep to its form.")
    return event


def describe(exit_code: int) -> str:
    """Return a child's exit code in words."""
    if exit_code >= 0:
        return f"exit code {exit_code}"
    return f"signal {signal.Signals(-exit_code).name}"

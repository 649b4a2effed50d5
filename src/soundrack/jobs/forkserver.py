"""The warm process: it has the engines loaded and does nothing but fork.

It is ready when masters can be made. The other engines are made warm one by one while there is nothing to do, or when a
task needs one before; kernels that are not kept on disk are compiled by a child meanwhile.

Started by a worker as a program of its own, with an empty environment and one socket, so that neither it nor any
child ever holds the database, a secret or a setting. One request is one datagram: a task with the pipe for its
events, or the wish to kill one. It answers that a child was killed and that one has ended, and lives as long
as its worker.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Iterable
from typing import Any

from soundrack.audio.kernels import kernels_compiled
from soundrack.jobs import child, kinds, sandbox
from soundrack.jobs.task import MESSAGE_BYTES, Task

_IDLE_S = 2.0
"""For so long nothing must have been asked before an engine is made warm that nobody needs yet."""


class Forkserver:
    """Forks a child a task and reports its end."""

    def __init__(self, channel: socket.socket, engines: Iterable[kinds.Engine]) -> None:
        self._channel = channel
        self._cold = list(engines)
        self._waiting: list[tuple[Task, int]] = []
        self._rehearsal: tuple[int, int] | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ)
        self._children: dict[str, tuple[int, int]] = {}

    def serve(self) -> None:
        """Serve until the worker is gone."""
        while True:
            ready = self._selector.select(_IDLE_S if self._cold and self._rehearsal is None else None)
            if not ready:
                self._warm(self._cold[0])
            for key, _ in ready:
                if isinstance(key.data, kinds.Engine):
                    self._rehearsed(key.data)
                elif key.fileobj is not self._channel:
                    self._bury(key.data)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self._channel, MESSAGE_BYTES, 1)
        if not message:
            return False
        if not descriptors:
            self._kill(json.loads(message)["kill"])
            return True
        self._waiting.append((Task.from_json(message), descriptors[0]))
        needed = self._engine_of(self._waiting[-1][0])
        if needed is None:
            self._fork_waiting()
        elif self._rehearsal is None:
            self._warm(needed)
        return True

    def _engine_of(self, task: Task) -> kinds.Engine | None:
        """Return the engine that a task needs, if it is not warm."""
        return next((engine for engine in self._cold if task.kind in engine.kinds), None)

    def _warm(self, engine: kinds.Engine) -> None:
        """Make an engine warm; where that compiles, have a child do so first, and go on meanwhile."""
        if kernels_compiled(engine.floor):
            self._warmed(engine)
            return
        pid = os.fork()
        if pid == 0:
            try:
                self._close()
                sandbox.end_with_parent()
                engine.warm()
                os._exit(0)
            finally:
                os._exit(1)
        self._rehearsal = (pid, os.pidfd_open(pid))
        self._selector.register(self._rehearsal[1], selectors.EVENT_READ, engine)

    def _rehearsed(self, engine: kinds.Engine) -> None:
        if self._rehearsal is not None:
            pid, watch = self._rehearsal
            self._selector.unregister(watch)
            os.close(watch)
            os.waitpid(pid, 0)
            self._rehearsal = None
        self._warmed(engine)

    def _warmed(self, engine: kinds.Engine) -> None:
        """Make an engine warm here, and fork those that waited for it. If it cannot be, its jobs will say why."""
        try:
            engine.warm()
        except Exception:  # noqa: BLE001  whatever it is, the other engines are none the worse
            traceback.print_exc(file=sys.stderr)
        _freeze()
        self._cold.remove(engine)
        self._fork_waiting()
        needed = self._engine_of(self._waiting[0][0]) if self._waiting else None
        if needed is not None:
            self._warm(needed)

    def _fork_waiting(self) -> None:
        while able := next((one for one in self._waiting if self._engine_of(one[0]) is None), None):
            self._waiting.remove(able)
            self._fork(*able)
            os.close(able[1])

    def _fork(self, task: Task, events: int) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self._close()
                child.live(task, events)
                os._exit(0 if os.getppid() == parent else 1)
            finally:
                os._exit(1)
        watch = os.pidfd_open(pid)
        self._children[task.id] = (pid, watch)
        self._selector.register(watch, selectors.EVENT_READ, task.id)

    def _kill(self, task_id: str) -> None:
        for task, events in self._waiting:
            if task.id == task_id:
                self._waiting.remove((task, events))
                os.close(events)
                self._say({"task": task_id})
                self._say({"task": task_id, "exit_code": -signal.SIGKILL, "memory_mb": 0})
                return
        if task_id in self._children:
            signal.pidfd_send_signal(self._children[task_id][1], signal.SIGKILL)
            self._say({"task": task_id})

    def _bury(self, task_id: str) -> None:
        pid, watch = self._children.pop(task_id)
        self._selector.unregister(watch)
        os.close(watch)
        _, status, usage = os.wait4(pid, 0)
        self._say(
            {
                "task": task_id,
                "exit_code": os.waitstatus_to_exitcode(status),
                "memory_mb": round(usage.ru_maxrss / 1024),
            }
        )

    def _close(self) -> None:
        """Close in a child what is the warm process's own."""
        for _, events in self._waiting:
            os.close(events)
        if self._rehearsal is not None:
            os.close(self._rehearsal[1])
        for _, watch in self._children.values():
            os.close(watch)
        self._selector.close()
        self._channel.close()

    def _say(self, message: dict[str, Any]) -> None:
        self._channel.send(json.dumps(message).encode())


def main(descriptor: int) -> None:
    """Load, say so on the socket of a descriptor, serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches the whole group; the worker decides
    channel = socket.socket(fileno=descriptor)
    speed = kinds.warm()
    _freeze()
    channel.send(json.dumps({"ready": speed}).encode())
    Forkserver(channel, kinds.ENGINES).serve()


def _freeze() -> None:
    """Have children leave what is loaded alone: a collection would touch, and so copy, every page of the parent."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(0)

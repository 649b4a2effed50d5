"""The warm process: it has every engine loaded and does nothing but fork.

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
from typing import Any

from soundrack.jobs import child, kinds
from soundrack.jobs.task import MESSAGE_BYTES, Task


class Forkserver:
    """Forks a child a task and reports its end."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ)
        self._children: dict[str, tuple[int, int]] = {}

    def serve(self) -> None:
        """Serve until the worker is gone."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._channel:
                    self._bury(key.data)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self._channel, MESSAGE_BYTES, 1)
        if not message:
            return False
        if descriptors:
            self._fork(Task.from_json(message), descriptors[0])
            os.close(descriptors[0])
        else:
            self._kill(json.loads(message)["kill"])
        return True

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
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of the parent
    channel.send(json.dumps({"ready": speed}).encode())
    Forkserver(channel).serve()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(0)

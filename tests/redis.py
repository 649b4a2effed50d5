"""A Redis or Valkey of the tests' own, where one is installed: on a socket in a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from redis.exceptions import RedisError

from redis import Redis

_PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server")


def available() -> bool:
    """Return whether this machine has one."""
    return _PROGRAM is not None


class RedisServer:
    """A Redis on a socket in a folder of its own; it keeps nothing when it stops."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Start, unless it runs."""
        assert _PROGRAM is not None
        if self._process is not None:
            return
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir", str(self._socket.parent)]
        self._process = subprocess.Popen([_PROGRAM, *options], stdout=subprocess.DEVNULL)
        while not self._answers():
            assert self._process.poll() is None, "redis-server has ended at once"
            time.sleep(0.01)

    def _answers(self) -> bool:
        """Its socket is there a moment before it listens."""
        try:
            with Redis.from_url(self.url) as client:
                client.ping()
        except RedisError:
            return False
        return True

    def clear(self) -> None:
        """Forget every key."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def forget_scripts(self) -> None:
        """Forget every script, as a restart does."""
        with Redis.from_url(self.url) as client:
            client.script_flush()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket.unlink(missing_ok=True)
        self._process = None


@contextmanager
def started() -> Generator[RedisServer]:
    """Start a server and stop it, however the block ends."""
    with tempfile.TemporaryDirectory(prefix="soundrack-redis-") as folder:  # a socket's path must be short
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()

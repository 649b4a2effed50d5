"""Files of the largest size pass through the server without ever standing in its memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import psutil
from tests.live import Live, until

from soundrack import clock
from soundrack.rack import open_rack

SIZE = 209_715_200
MIB = 2**20
CHUNK = bytes(MIB)


class HighWater:
    """Watches the memory of a process."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.start = self.peak = self._process.memory_info().rss
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> HighWater:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def grown_mib(self) -> float:
        return (self.peak - self.start) / MIB

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.peak = max(self.peak, self._process.memory_info().rss)


def chunks() -> Iterator[bytes]:
    for _ in range(SIZE // MIB):
        yield CHUNK


def test_200_mb_up_and_down_take_a_few_mb_of_the_server(tmp_path: Path):
    live = Live(tmp_path / "data", workers=1)
    server = live.start("serve")
    until(lambda: _answers(live))
    with open_rack(live.settings) as rack:
        upload, _ = rack.links.upload("assets/large.wav", SIZE, "audio/wav", timedelta(hours=1))
        download = rack.links.download("assets/large.wav", clock.now() + timedelta(hours=1))

    headers = {"Content-Type": "audio/wav", "Content-Length": str(SIZE)}
    with HighWater(server.pid) as up:
        assert httpx2.put(upload, content=chunks(), headers=headers, timeout=120).status_code == 200
    with HighWater(server.pid) as down, httpx2.stream("GET", download, timeout=120) as response:
        received = sum(len(chunk) for chunk in response.iter_bytes(MIB))
    live.stop()

    assert received == SIZE
    assert up.grown_mib < 64
    assert down.grown_mib < 64


def _answers(live: Live) -> bool:
    try:
        return httpx2.get(f"{live.settings.public_url}/healthz").is_success
    except httpx2.TransportError:
        return False

"""A client of SignalKey on a running installation, which follows its jobs as an ``EventSource`` does."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2
import numpy as np
from numpy.typing import NDArray

from tests.live import SOUNDRACK, Live, wav

_PATIENCE_S = 120.0


class Told(NamedTuple):
    """One event of a stream."""

    id: str
    name: str
    data: str


def song(seconds: float, rate_hz: int = 44_100) -> bytes:
    """Return a WAV with a beat and three notes: enough for every part of an analysis."""
    at: NDArray[np.float64] = np.arange(int(seconds * rate_hz)) / rate_hz
    beat = np.exp(-20 * (at % 0.5)) * np.sin(2 * np.pi * 110 * at)
    notes = sum(np.sin(2 * np.pi * hz * at) for hz in (220.0, 277.2, 329.6))
    return wav((0.3 * beat + 0.1 * notes)[:, None].repeat(2, axis=1), rate_hz)


class SignalKey:
    """One account's client."""

    def __init__(self, live: Live) -> None:
        made = subprocess.run(
            [*SOUNDRACK, "keys", "create", "signalkey", "--label", "tests", "--json"],
            env=os.environ | live.settings.environment(),
            capture_output=True,
            check=True,
        )
        self.token: str = json.loads(made.stdout)["key"]
        self.url = f"{live.settings.public_url}/signalkey"
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def submit(self, content: bytes, **fields: str) -> str:
        answer = httpx2.post(
            f"{self.url}/api/v1/analyze",
            headers=self.headers,
            files={"file": ("a.wav", content)},
            data=fields,
            timeout=60,
        )
        job_id: str = answer.raise_for_status().json()["job_id"]
        return job_id

    def poll(self, job_id: str) -> httpx2.Response:
        return httpx2.get(f"{self.url}/api/v1/jobs/{job_id}", headers=self.headers, timeout=30)

    def follow(self, job_id: str) -> Follower:
        follower = Follower(f"{self.url}/api/v1/jobs/{job_id}/stream", self.headers)
        follower.thread.start()
        return follower


@dataclass
class Follower:
    """Follows one stream in a thread, and connects again, with the last id that it has had, when it was cut off."""

    url: str
    headers: dict[str, str]
    told: list[Told] = field(default_factory=list)
    connections: int = 0
    is_done: bool = False

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self._until = time.monotonic() + _PATIENCE_S

    def wait(self) -> list[Told]:
        """Return all that was told, once the last event has come."""
        self.thread.join(_PATIENCE_S)
        assert self.is_done, self.told
        return self.told

    def _run(self) -> None:
        while not self.is_done and time.monotonic() < self._until:
            try:
                self._connect()
            except httpx2.TransportError:
                time.sleep(0.1)

    def _connect(self) -> None:
        # at first all from the start: a quick analysis may have begun before this connects
        headers = self.headers | {"Last-Event-ID": self.told[-1].id if self.told else "0"}
        with httpx2.stream("GET", self.url, headers=headers, timeout=30) as response:
            if response.status_code == 204:
                self.is_done = True
                return
            assert response.status_code == 200, response.status_code
            self.connections += 1
            fields: dict[str, str] = {}
            for line in response.iter_lines():
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                elif "event" in fields:
                    self.told.append(Told(fields.get("id", ""), fields["event"], fields["data"]))
                    self.is_done = self.is_done or fields["event"] in {"done", "error"}
                    fields = {}
                else:
                    fields = {}


def without_links(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what differs from one time it is told to the next: when its links end."""
    found: dict[str, Any] = json.loads(json.dumps(result), object_hook=_cut)
    return found


def _cut(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.partition("?")[0] if isinstance(value, str) and value.startswith("http") else value
        for name, value in found.items()
        if name != "links_expire_at"
    }

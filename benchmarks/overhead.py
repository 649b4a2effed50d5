"""``python -m benchmarks.overhead``: what a submission to SignalKey takes beyond its engine, from one end to the other.

A server with its idle, warm worker, both as `soundrack serve` starts them. A sound of 5 s is submitted, its stream
followed, again and again, one at a time; the first few are not counted. The time is from the last byte of the
submission until the last byte of ``result`` in the stream, less what the engine took by the clock, as its process
reports. The parts are read off the rows that the job leaves: until it was accepted, until a worker had it (the queue),
until its engine began (fork, walls, input), what follows the engine (outputs stored, settled), and until the client had
it (tick, result, wire).
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile
from sqlalchemy import select

from benchmarks import poll
from soundrack.accounts import keys, people
from soundrack.billing import subscriptions
from soundrack.database.tables import job_steps, jobs, workers
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.settings import Settings

_COUNTED, _FIRST = 30, 3
_START_WITHIN_S = 180.0
_PAUSE_S = 0.137
"""Between two submissions: no part of any interval of ours, so that each meets the queue at another moment."""
_BOUNDARY = "5f8e1c"


@dataclass(frozen=True)
class Parts:
    """Where the time of one submission went, in seconds."""

    overhead: float
    accepted: float
    queue: float
    start: float
    finish: float
    told: float
    engine: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    arguments = parser.parse_args()
    names = [one.name for one in fields(Parts)]
    print(f"{'ms':18}" + "".join(f"{name:>10}" for name in names) + f"{'idle CPU %':>12}")
    for database in arguments.database or ["sqlite", "postgresql"]:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="soundrack-bench-")))
            url = "" if database == "sqlite" else opened.enter_context(poll.postgresql())
            settings = Settings(data=folder / "data", database_url=url, port=poll.free_port(), workers=1, log_json=True)
            rack = opened.enter_context(open_rack(settings))
            token, log = _key(rack), folder / "log"
            server = opened.enter_context(_serving(settings, rack, log))
            found = [_one(rack, token, log) for _ in range(_FIRST + _COUNTED)][_FIRST:]
            idle = _idle_cpu(server)
        table = np.array([astuple(one) for one in found]) * 1000
        for percent in (50, 95, 100):
            row = "".join(f"{value:10.1f}" for value in np.percentile(table, percent, axis=0))
            print(f"{database:12}{f'p{percent}':6}{row}" + (f"{idle:12.1f}" if percent == 50 else ""), flush=True)


def _key(rack: Rack) -> str:
    with rack.database.write() as connection:
        account = people.create(connection, "someone@example.com")
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, rack.plans.highest(Service.SIGNALKEY).name)
        return keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "benchmark").token


@contextmanager
def _serving(settings: Settings, rack: Rack, log: Path) -> Generator[psutil.Process]:
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "soundrack", "serve"],
            env=os.environ | settings.environment(),
            stderr=written,
            stdout=written,
        )
    try:
        deadline = time.monotonic() + _START_WITHIN_S
        while not _has_worker(rack):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the server did not start")
            time.sleep(0.2)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def _has_worker(rack: Rack) -> bool:
    with rack.database.read() as connection:
        return connection.execute(select(workers.c.id)).first() is not None


def _idle_cpu(server: psutil.Process) -> float:
    """Return what the server and all that it has started take while nothing happens, in per cent of a core."""

    def spent_s() -> float:
        family = [server, *server.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)

    time.sleep(1.0)
    before, began = spent_s(), time.monotonic()
    time.sleep(10.0)
    return 100 * (spent_s() - before) / (time.monotonic() - began)


def _one(rack: Rack, token: str, log: Path) -> Parts:
    time.sleep(_PAUSE_S)
    port, headers = rack.settings.port, {"Authorization": f"Bearer {token}"}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = _form()
    connection.request(
        "POST",
        "/signalkey/api/v1/analyze",
        body,
        headers | {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
    )
    sent_at = time.time()
    job_id = json.loads(connection.getresponse().read())["job_id"]
    connection.request("GET", f"/signalkey/api/v1/jobs/{job_id}/stream", headers=headers)
    for name, _ in _events(connection.getresponse()):
        if name == "result":
            result_at = time.time()
        if name == "error":
            raise SystemExit("an analysis failed")
    connection.close()
    with rack.database.read() as reading:
        started_at = reading.execute(select(jobs.c.started_at).where(jobs.c.id == job_id)).scalar_one().timestamp()
        found = reading.execute(
            select(job_steps.c.at).where(job_steps.c.job_id == job_id).order_by(job_steps.c.number)
        ).scalars()
        accepted_at, began_at, *_, ended_at = [one.timestamp() for one in found]
    engine_s = _engine_s(log, job_id)
    return Parts(
        overhead=result_at - sent_at - engine_s,
        accepted=accepted_at - sent_at,
        queue=started_at - accepted_at,
        start=began_at - started_at,
        finish=ended_at - began_at - engine_s,
        told=result_at - ended_at,
        engine=engine_s,
    )


def _form() -> bytes:
    seconds = np.arange(5 * 44_100) / 44_100
    beat = np.exp(-20 * (seconds % 0.5)) * np.sin(2 * np.pi * 110 * seconds)
    sound = 0.3 * beat + 0.2 * np.sin(2 * np.pi * 220 * seconds) + 0.1 * np.sin(2 * np.pi * 277.2 * seconds)
    file = io.BytesIO()
    soundfile.write(file, np.stack([sound, sound], axis=1), 44_100, format="WAV", subtype="PCM_16")
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    return head.encode() + file.getvalue() + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _events(response: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    if response.status != 200:
        raise SystemExit(f"the stream was answered with {response.status}")
    name = ""
    for line in response:
        text = line.decode().rstrip("\n")
        if text.startswith("event: "):
            name = text[7:]
        elif text.startswith("data: "):
            yield name, text[6:]


def _engine_s(log: Path, job_id: str) -> float:
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if '"child ended"' in line:
                said: dict[str, Any] = json.loads(line)
                if said["job"] == job_id:
                    return float(said["engine_s"])
        time.sleep(0.02)
    raise SystemExit("the worker's log says nothing of the job")


if __name__ == "__main__":
    main()

"""``python -m benchmarks.streams``: a thousand open streams on one server process, and how soon each step is in all.

40 accounts, 500 SignalKey jobs, two streams on each. Steady: a step of one job after another, 50 a second. At once: a
step of every job in one transaction, five times. Ends: all jobs are completed within ten seconds, and every stream gets
the result (a report of the size of a four-minute song's). The time of a step is from just before its commit until the
client has the last byte of its event. Memory is that of the server process, after it was started, with all streams open
and at its highest. Queries are those of the server process: for news of jobs, and all that it does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, cast

import numpy as np
import psutil
import uvloop
from sqlalchemy import insert, update

from benchmarks import load, poll
from soundrack import clock, ids
from soundrack.accounts import keys, people
from soundrack.billing import subscriptions
from soundrack.cli import serve
from soundrack.database.tables import jobs
from soundrack.jobs import steps
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.services.signalkey import examples
from soundrack.settings import Settings

_ACCOUNTS, _JOBS, _WATCHERS = 40, 500, 2
_STEADY, _PER_SECOND = 500, 50
_AT_ONCE = 5
_ENDS_S = 10.0
_SETTLE_S = 3.0
_OPEN_AT_ONCE = 50
_REPORT_BYTES = 60_000
_ID = re.compile(rb"^id: ([0-9]+)$", re.MULTILINE)
_STAGES = ("decode", "features", "tempo", "key", "chords", "structure", "genre", "mood", "loudness", "mix", "stems")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    arguments = parser.parse_args()
    server_core, client_core = poll.cores()
    os.sched_setaffinity(0, {client_core})
    for database in arguments.database or ["sqlite", "postgresql"]:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="soundrack-bench-")))
            url = "" if database == "sqlite" else opened.enter_context(poll.postgresql(client_core))
            settings = Settings(data=folder / "data", database_url=url, port=poll.free_port(), workers=1)
            rack = opened.enter_context(open_rack(settings))
            asked = _fill(rack)
            os.environ["SOUNDRACK_BENCHMARK_COUNTS"] = str(folder / "counts.json")
            server = opened.enter_context(poll.server("streams", server_core, settings))
            print(f"\n{database}: {len(asked)} streams on {_JOBS} jobs of {_ACCOUNTS} accounts")
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_Bench(rack, server.process, folder / "counts.json").run(asked))


@dataclass(frozen=True)
class _Asked:
    job_id: str
    request: bytes


def _fill(rack: Rack) -> list[_Asked]:
    """Make accounts, keys and jobs, each with its first step, and return the requests for their streams."""
    now, asked = clock.now(), []
    highest = rack.plans.highest(Service.SIGNALKEY).name
    with rack.database.write() as connection:
        for number in range(_ACCOUNTS):
            account = people.create(connection, f"{number}@example.com")
            subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, highest)
            key = keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "benchmark")
            headers = {"Authorization": f"Bearer {key.token}", "User-Agent": "benchmark", "Accept": "text/event-stream"}
            for _ in range(number, _JOBS, _ACCOUNTS):
                job_id = ids.short("")
                connection.execute(insert(jobs).values(_job(job_id, account.id, now)))
                steps.begin(connection, job_id)
                path = f"/signalkey/api/v1/jobs/{job_id}/stream"
                asked += [_Asked(job_id, load.get(path, rack.settings.port, headers))] * _WATCHERS
    random.Random(0).shuffle(asked)  # noqa: S311
    return asked


def _job(job_id: str, account_id: str, now: Any) -> dict[str, Any]:
    return {
        "id": job_id,
        "account_id": account_id,
        "service": Service.SIGNALKEY.value,
        "kind": "analyze",
        "status": "processing",
        "parameters": {"filename": "song.mp3", "most_s": 1800.0, "stems": False},
        "work_s": 240.0,
        "credits_charged": 0,
        "request_id": "req_0",
        "created_at": now,
        "attempt": 1,
        "started_at": now,
        "followed": True,
    }


@dataclass
class _Bench:
    rack: Rack
    process: psutil.Process
    counts: Path
    committed: dict[tuple[str, int], float] = field(default_factory=dict)
    """When each step of each job was committed."""
    numbers: Counter[str] = field(default_factory=Counter)
    peak_mb: float = 0.0

    async def run(self, asked: list[_Asked]) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(_SETTLE_S)
        idle_mb = self._memory_mb()
        streams: list[_Stream] = []
        began = time.perf_counter()
        for start in range(0, len(asked), _OPEN_AT_ONCE):
            some = [_Stream(one) for one in asked[start : start + _OPEN_AT_ONCE]]
            for stream in some:
                await loop.create_connection(stream.itself, "127.0.0.1", self.rack.settings.port)
            await asyncio.gather(*(stream.first for stream in some))
            streams += some
        opened_s = time.perf_counter() - began
        await asyncio.sleep(_SETTLE_S)
        open_mb = self._memory_mb()
        print(f"opened in {opened_s:.1f} s; memory {idle_mb:.0f} MB idle, {open_mb:.0f} MB with all open:", end=" ")
        print(f"{(open_mb - idle_mb) * 1000 / len(asked):.1f} kB a stream")
        self.numbers.update({one.job_id: 1 for one in {one.job_id: one for one in asked}.values()})
        print(f"{'':12}{'steps':>7}{'events':>8}{'p50 ms':>8}{'p95 ms':>8}{'max ms':>8}{'ticks':>7}{'news':>6}", end="")
        print(f"{'all':>7}{'CPU %':>7}{'MB':>6}")
        await self._measure("nothing", streams, self._quiet())
        await self._measure("steady", streams, self._steady())
        await self._measure("at once", streams, self._at_once())
        await self._measure("ends", streams, self._ends())
        for stream in streams:
            if stream.lost is not None:
                raise SystemExit(f"a stream was lost: {stream.lost}")

    async def _measure(self, name: str, streams: list[_Stream], work: Any) -> None:
        for stream in streams:
            stream.arrived.clear()
        self.committed.clear()
        before, cpu_s, began = await self._counted(), sum(self.process.cpu_times()[:2]), time.perf_counter()
        self.peak_mb = 0.0
        watching = asyncio.create_task(self._watch_memory())
        await work
        await asyncio.sleep(1.0)
        took_s, cpu_s = time.perf_counter() - began, sum(self.process.cpu_times()[:2]) - cpu_s
        after = await self._counted()
        watching.cancel()
        waited = [
            at - self.committed[stream.asked.job_id, number]
            for stream in streams
            for number, at in stream.arrived
            if (stream.asked.job_id, number) in self.committed
        ]
        if len(waited) != len(self.committed) * _WATCHERS:
            raise SystemExit(f"{len(waited)} events of {len(self.committed)} steps have arrived")
        times = "".join(f"{value * 1000:8.1f}" for value in _of(waited)) if waited else f"{'':24}"
        spent = [after[name] - before[name] for name in ("ticks", "news", "all")]
        print(f"{name:12}{len(self.committed):7}{len(waited):8}{times}{spent[0]:7}{spent[1]:6}{spent[2]:7}", end="")
        print(f"{100 * cpu_s / took_s:7.1f}{self.peak_mb:6.0f}", flush=True)

    async def _quiet(self) -> None:
        await asyncio.sleep(5.0)

    async def _steady(self) -> None:
        order = list(self.numbers)
        for count in range(_STEADY):
            due = time.perf_counter() + 1 / _PER_SECOND
            await asyncio.to_thread(self._step, [order[count % len(order)]])
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    async def _at_once(self) -> None:
        for _ in range(_AT_ONCE):
            await asyncio.to_thread(self._step, list(self.numbers))
            await asyncio.sleep(2.0)

    async def _ends(self) -> None:
        for job_id in self.numbers:
            due = time.perf_counter() + _ENDS_S / len(self.numbers)
            await asyncio.to_thread(self._end, job_id)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    def _step(self, job_ids: list[str]) -> None:
        with self.rack.database.write() as connection:
            for job_id in job_ids:
                self.numbers[job_id] += 1
                number = self.numbers[job_id]
                stage = _STAGES[number % len(_STAGES)]
                connection.execute(update(jobs).where(jobs.c.id == job_id).values(stage=stage))
                steps.tell(connection, job_id, stage, number / 100)
            committed_at = time.monotonic()
        self.committed |= {(job_id, self.numbers[job_id]): committed_at for job_id in job_ids}

    def _end(self, job_id: str) -> None:
        self.numbers[job_id] += 1
        key = f"output/{job_id}/1/report.json"
        report = examples.RESULT | {"id": job_id, "beats": "x" * _REPORT_BYTES}
        file = self.counts.parent / "report.json"
        file.write_text(json.dumps(report))
        size = self.rack.store.put_file(key, file)
        output = {"key": key, "size_bytes": size, "content_type": "application/json"}
        with self.rack.database.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(status="completed", ended_at=clock.now(), outputs={"report": output}, result={})
            )
            steps.end(connection, job_id, completed=True)
            committed_at = time.monotonic()
        # that of `done`, before which all else has come
        self.committed[job_id, self.numbers[job_id] + 2] = committed_at

    async def _counted(self) -> dict[str, int]:
        await asyncio.sleep(0.6)  # it is written twice a second
        counted: dict[str, int] = json.loads(self.counts.read_text())
        return counted

    async def _watch_memory(self) -> None:
        while True:
            self.peak_mb = max(self.peak_mb, self._memory_mb())
            await asyncio.sleep(0.1)

    def _memory_mb(self) -> float:
        return float(self.process.memory_info().rss / 1e6)


def _of(times_s: list[float]) -> Iterator[float]:
    yield from (float(value) for value in np.percentile(times_s, [50, 95, 100]))


class _Stream(asyncio.Protocol):
    """One client."""

    def __init__(self, asked: _Asked) -> None:
        self.asked = asked
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.arrived: list[tuple[int, float]] = []
        self.lost: str | None = None
        self._left = b""
        self._is_done = False

    def itself(self) -> _Stream:
        """Return the protocol of its one connection."""
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self.asked.request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        *events, self._left = (self._left + data).split(b"\n\n")
        if events and not self.first.done():
            if not events[0].startswith(b"HTTP/1.1 200"):
                raise SystemExit(events[0].decode())
            self.first.set_result(None)
        for one in events:
            found = _ID.search(one)
            if found is not None:
                self.arrived.append((int(found[1]), now))
            self._is_done = self._is_done or b"event: done" in one

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_done:
            self.lost = repr(exc)


def serve_streams(_port: int, core: int) -> None:
    """The server, which also writes down how often it asks its database."""
    from soundrack.database.lookups import postgresql, sqlite  # noqa: PLC0415

    os.sched_setaffinity(0, {core})
    asked = 0

    def counted(ask: Any) -> Any:
        def ask_and_count(*given: Any) -> Any:
            nonlocal asked
            asked += 1
            return ask(*given)

        return ask_and_count

    only = sqlite._only
    sqlite._only = lambda connection, sql, values: (
        only(connection, sql, values) if sql.startswith("PRAGMA") else counted(only)(connection, sql, values)
    )
    postgresql.Postgresql._do = counted(postgresql.Postgresql._do)  # type: ignore[method-assign]
    with open_rack(Settings()) as rack:

        def write() -> None:
            file = Path(os.environ["SOUNDRACK_BENCHMARK_COUNTS"])
            while True:
                news = rack.following.news
                ticks, queries = (news.ticks, news.queries) if news is not None else (0, 0)
                file.with_suffix(".new").write_text(
                    json.dumps({"ticks": ticks, "news": queries, "all": asked + queries})
                )
                file.with_suffix(".new").rename(file)
                time.sleep(0.5)

        Thread(target=write, daemon=True).start()
        serve.listen(rack)


if __name__ == "__main__":
    main()

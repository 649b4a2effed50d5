"""``python -m benchmarks.soundpiece``: what a submission takes, and what many long polls do to other requests.

One server process on one core, the client on the other. Submissions: PUTs of all actions in turn, one at a time, each
with a key of its own. Polls: a plain poll again and again, first with nothing else, then while long polls are open on
as many operations; they are opened anew whenever their 20 seconds are over. Ends: all
operations are ended in one transaction, and the time is from its commit until each client has its answer.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import numpy as np
import psutil
import uvloop
from sqlalchemy import update

from benchmarks import load, poll
from soundrack import clock, ids
from soundrack.accounts import keys, people
from soundrack.billing import credits, subscriptions
from soundrack.billing.plans import Plans
from soundrack.database.tables import jobs
from soundrack.jobs import steps
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.services.soundpiece import examples
from soundrack.services.soundpiece.actions import ACTIONS, BY_ROUTE, Action
from soundrack.settings import Settings

_FX = BY_ROUTE["create.new_fx"]
_FIRST = 8
_OPEN_AT_ONCE = 50
_LIMITS = re.compile(r"requests_per_minute = \d+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--submissions", type=int, default=400)
    parser.add_argument("--waiting", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5.0, help="of polling, each time")
    arguments = parser.parse_args()
    server_core, client_core = poll.cores()
    os.sched_setaffinity(0, {client_core})
    for database in arguments.database or ["sqlite", "postgresql"]:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="soundrack-bench-")))
            url = "" if database == "sqlite" else opened.enter_context(poll.postgresql(client_core))
            plans = folder / "plans.toml"
            plans.write_text(_LIMITS.sub("requests_per_minute = 1000000", Plans.documented().to_toml()))
            settings = Settings(data=folder / "data", database_url=url, port=poll.free_port(), workers=1, plans=plans)
            rack = opened.enter_context(open_rack(settings))
            server = opened.enter_context(poll.server("soundrack", server_core, settings))
            print(f"\n{database}")
            _submissions(rack, arguments.submissions)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_waiting(rack, server.process, arguments.waiting, arguments.seconds))


def _account(rack: Rack) -> str:
    """Make an account with credits, and return a key of its."""
    with rack.database.write() as connection:
        account = people.create(connection, f"{ids.short('')}@example.com")
        highest = rack.plans.highest(Service.SOUNDPIECE).name
        subscriptions.subscribe(connection, account.id, Service.SOUNDPIECE, highest)
        credits.grant(connection, account.id, 1_000_000, "benchmark")
        return keys.create(connection, rack.secret, account.id, Service.SOUNDPIECE, "benchmark").token


def _body(action: Action) -> bytes:
    asked = {name: value for name, value in examples.asked(action).items() if value is not None}
    return json.dumps({"idempotency_key": ids.uuid4(), **asked}).encode()


def _submit(line: http.client.HTTPConnection, token: str, action: Action) -> tuple[str, float]:
    """Submit an operation, and return its id and how long the answer took."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body, began = _body(action), time.perf_counter()
    line.request("PUT", f"/soundpiece/v1/{action.route}", body, headers)
    answer = line.getresponse()
    content = answer.read()
    took_s = time.perf_counter() - began
    if answer.status != 200:
        raise SystemExit(f"a submission was answered with {answer.status}: {content.decode()}")
    operation_id: str = json.loads(content)[action.wrapper]["id"]
    return operation_id, took_s


def _submissions(rack: Rack, count: int) -> None:
    token = _account(rack)
    line = http.client.HTTPConnection("127.0.0.1", rack.settings.port)
    took_s = [_submit(line, token, ACTIONS[number % len(ACTIONS)])[1] for number in range(_FIRST + count)]
    _print("submit", took_s[_FIRST:], "(asked: p95 25 ms)")


async def _waiting(rack: Rack, process: psutil.Process, count: int, seconds: float) -> None:
    waiters = _fill(rack, count)
    polls = [
        load.get(waiter.path, rack.settings.port, {"Authorization": f"Bearer {waiter.token}"}) for waiter in waiters
    ]
    loop = asyncio.get_running_loop()
    alone = await load._drive(rack.settings.port, polls, 1, seconds)
    _print("poll, nothing open", alone.latencies_s)
    idle_mb = process.memory_info().rss / 1e6
    for start in range(0, count, _OPEN_AT_ONCE):
        some = waiters[start : start + _OPEN_AT_ONCE]
        await asyncio.gather(*(waiter.open(loop, rack.settings.port) for waiter in some))
    await asyncio.sleep(1.0)
    open_mb = process.memory_info().rss / 1e6
    beside = await load._drive(rack.settings.port, polls, 1, seconds)
    _print(f"poll, {count} open", beside.latencies_s, f"{(open_mb - idle_mb) * 1000 / max(1, count):.1f} kB each")
    if any(set(one.statuses) != {200} for one in (alone, beside)):
        raise SystemExit(f"not all was answered with 200: {alone.statuses} {beside.statuses}")
    committed_at = await asyncio.to_thread(_end, rack, [waiter.operation_id for waiter in waiters])
    async with asyncio.timeout(30):
        ended_at = await asyncio.gather(*(waiter.ended for waiter in waiters))
    _print("answer of the end", [at - committed_at for at in ended_at])


def _fill(rack: Rack, count: int) -> list[_Waiter]:
    line, token = http.client.HTTPConnection("127.0.0.1", rack.settings.port), _account(rack)
    return [_Waiter(_submit(line, token, _FX)[0], token) for _ in range(count)]


def _end(rack: Rack, operation_ids: list[str]) -> float:
    with rack.database.write() as connection:
        for operation_id in operation_ids:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == operation_id)
                .values(status="failed", ended_at=clock.now(), error_kind="internal", error_message="")
            )
            steps.end(connection, operation_id, completed=False)
    return time.perf_counter()


class _Waiter(asyncio.Protocol):
    """One client that waits for one operation, and asks again until it has ended."""

    def __init__(self, operation_id: str, token: str) -> None:
        self.operation_id = operation_id
        self.token = token
        self.path = f"/soundpiece/v1/{_FX.route}?id={operation_id}"
        self.ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._request = b""
        self._answer = b""

    async def open(self, loop: asyncio.AbstractEventLoop, port: int) -> None:
        """Begin to wait."""
        self._request = load.get(f"{self.path}&wait=true", port, {"Authorization": f"Bearer {self.token}"})
        await loop.create_connection(lambda: self, "127.0.0.1", port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.startswith(b"HTTP/1.1 200") and not self.ended.done():
            self.ended.set_exception(RuntimeError(self._answer.decode()))
        if b'"status":"failed"' in self._answer and self._answer.endswith(b"}}}"):
            if not self.ended.done():
                self.ended.set_result(time.perf_counter())
        elif self._answer.endswith(b"}}") and self._transport is not None:
            self._answer = b""
            self._transport.write(self._request)


def _print(name: str, times_s: Sequence[float], more: str = "") -> None:
    p50, p95, most = (1000 * float(value) for value in np.percentile(times_s, [50, 95, 100]))
    print(
        f"{name:24}{len(times_s):7}   p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   most {most:7.1f} ms   {more}", flush=True
    )


if __name__ == "__main__":
    main()

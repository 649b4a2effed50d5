"""``python -m benchmarks.deliveries``: one courier, and receivers of which some are slow and some are dead.

At once: 10,000 deliveries that all become due at the same moment. Steady: 500 a second for half a minute. Seven of ten
go to 20 receivers that answer at once, two of ten to 10 that take 5 to 9 seconds, one of ten to 9 that never answer,
reset or refuse the connection. Told is how long after it was due each delivery to the first 20 arrived.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from sqlalchemy import func, insert, select

from soundrack import ids
from soundrack.accounts import people
from soundrack.database import Database
from soundrack.database.tables import events, webhook_deliveries
from soundrack.outbound.webhooks import deliveries, endpoints
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.settings import Settings

COUNT = 10_000
RATE = 500
STEADY_S = 30
SHARES = {"fast": 0.7, "slow": 0.2, "dead": 0.1}
RECEIVERS = {"fast": ["fast"] * 20, "slow": ["slow"] * 10, "dead": ["silent", "reset", "refuse"] * 3}

_LEAD_S = 3.0
_STORED_WITHIN_S = 10.0
_GIVE_UP_S = 120.0
_BODY = b'{"event":"job.done","timestamp":"2025-01-15T10:32:04Z","data":{"id":"job_abc123def456","note":"%s"}}' % (
    b"x" * 500
)


@dataclass(frozen=True)
class Endpoint:
    """Where one receiver's deliveries go, each receiver's on an account of its own."""

    id: str
    account_id: str
    url: str


def main() -> None:
    print(f"{os.cpu_count()} cores, shared with the receivers; load average {os.getloadavg()[0]:.1f}")
    print(
        f"{'':10}{'deliveries':>11}{'all after':>11}{'rate':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'courier':>12}{'idle':>8}"
    )
    for name, moments in (("at once", [0.0] * COUNT), ("steady", [place / RATE for place in range(RATE * STEADY_S)])):
        with tempfile.TemporaryDirectory(prefix="soundrack-bench-") as folder:
            _case(name, moments, Path(folder))


def _case(name: str, moments: Sequence[float], folder: Path) -> None:
    settings = Settings(data=folder / "data", outbound_allow="127.0.0.1", log_json=True)
    with open_rack(settings) as rack, _receivers() as (ports, finish), _courier(settings, folder) as courier:
        where = {kind: [_endpoint(rack, port) for port in found] for kind, found in ports.items()}
        time.sleep(_LEAD_S)
        idle = _cpu_s(courier)
        time.sleep(_LEAD_S)
        idle = (_cpu_s(courier) - idle) / _LEAD_S
        cpu_s = _cpu_s(courier)
        due, kinds = _write(rack.database, moments, where)
        _await(rack.database, kinds["fast"], max(due.values()))
        cpu_s = _cpu_s(courier) - cpu_s
        arrived: dict[str, float] = {}
        for delivery_id, at in finish():
            arrived.setdefault(delivery_id, at)
        delays_s = np.array([arrived[one] - due[one] for one in kinds["fast"]])
        whole_s = max(arrived[one] for one in kinds["fast"]) - min(due.values())
        p50, p95, p99 = np.percentile(delays_s, [50, 95, 99])
        print(
            f"{name:10}{len(delays_s):>11}{whole_s:>9.2f} s{len(delays_s) / whole_s:>7.0f}/s{p50:>7.2f} s{p95:>7.2f} s"
            f"{p99:>7.2f} s{cpu_s:>6.1f} CPU s{100 * idle:>6.1f} %"
        )
        print(f"{'':10}{_rest(rack.database, kinds)}")


def _endpoint(rack: Rack, port: int) -> Endpoint:
    with rack.database.write() as connection:
        account_id = people.create(connection, f"{port}@example.com").id
        url = f"http://127.0.0.1:{port}/hook?of={account_id}"
        made = endpoints.add(connection, rack.outbound, account_id, Service.BLACKLAB, url, documented=["job.done"])
    return Endpoint(made.id, account_id, url)


def _write(
    database: Database, moments: Sequence[float], where: dict[str, list[Endpoint]]
) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Store the deliveries, in one go if all are due at once, else as they become due; return when each was due."""
    dice = random.Random(1)  # noqa: S311  the same mix each time
    due: dict[str, float] = {}
    kinds: dict[str, list[str]] = {kind: [] for kind in SHARES}
    start = time.time() + _STORED_WITHIN_S * (not any(moments))
    waiting = list(moments)
    at_once = not any(moments)
    while waiting:
        batch = waiting if at_once else [moment for moment in waiting if start + moment <= time.time()]
        waiting = waiting[len(batch) :]
        rows = []
        for moment in batch:
            (kind,) = dice.choices(list(SHARES), list(SHARES.values()))
            at = start + moment if at_once else time.time()
            row = _row(dice.choice(where[kind]), at)
            rows.append(row)
            due[row["id"]] = at
            kinds[kind].append(row["id"])
        with database.write() as connection:
            if rows:
                connection.execute(insert(events), [_event(row) for row in rows])
                deliveries.write(connection, rows)
        time.sleep(0.02)
    assert not at_once or time.time() < start, "the deliveries were stored too late"
    return due, kinds


def _row(endpoint: Endpoint, due: float) -> dict[str, Any]:
    moment = datetime.fromtimestamp(due, UTC)
    row = deliveries.row(
        delivery_id=ids.short("whd_", deliveries.ID_CHARACTERS),
        account_id=endpoint.account_id,
        service=Service.BLACKLAB,
        event_id=ids.short("evt_", 20),
        endpoint_id=endpoint.id,
        key_id=None,
        job_id=ids.short("job_"),
        event_name="job.done",
        url=endpoint.url,
        body=_BODY,
    )
    return row | {"created_at": moment, "due_at": moment}


def _event(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("account_id", "service", "job_id", "created_at")}
    return kept | {"id": row["event_id"], "name": "job.completed", "data": {}, "expanded_at": row["created_at"]}


def _await(database: Database, wanted: Sequence[str], last_due: float) -> None:
    """Wait until every delivery to a receiver that answers at once is on record as delivered."""
    some = set(wanted)
    while some:
        time.sleep(0.5)
        with database.read() as connection:
            ended = connection.execute(
                select(webhook_deliveries.c.id).where(webhook_deliveries.c.status == "delivered")
            ).scalars()
            some.difference_update(ended)
        assert time.time() < last_due + _GIVE_UP_S, f"{len(some)} deliveries have not arrived"


def _rest(database: Database, kinds: dict[str, list[str]]) -> str:
    """Say how far those to slow and dead receivers are."""
    table = webhook_deliveries.c
    with database.read() as connection:
        rows = {
            row.id: row
            for row in connection.execute(select(table.id, table.status, table.attempts).where(table.attempts > 0))
        }
        count = connection.execute(select(func.count()).select_from(webhook_deliveries)).scalar_one()
    slow = sum(rows[one].status == "delivered" for one in kinds["slow"] if one in rows)
    dead = sum(rows[one].attempts for one in kinds["dead"] if one in rows)
    return (
        f"meanwhile {slow} of {len(kinds['slow'])} to slow receivers delivered, and {dead} attempts at the "
        f"{len(kinds['dead'])} to dead ones; {count} in all"
    )


@contextmanager
def _courier(settings: Settings, folder: Path) -> Generator[psutil.Process]:
    with (folder / "courier.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "soundrack", "courier"], env=os.environ | settings.environment(), stderr=log
        )
    try:
        while b"courier ready" not in (folder / "courier.log").read_bytes():
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _receivers() -> Generator[tuple[dict[str, list[int]], Any]]:
    """Those that answer at once in one process, all others in another."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.receivers", *kinds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for kinds in (RECEIVERS["fast"], RECEIVERS["slow"] + RECEIVERS["dead"])
    ]
    fast, other = processes
    assert fast.stdout is not None
    assert other.stdout is not None
    ports = {
        "fast": [_port(fast) for _ in RECEIVERS["fast"]],
        "slow": [_port(other) for _ in RECEIVERS["slow"]],
        "dead": [_port(other) for _ in RECEIVERS["dead"]],
    }

    def finish() -> Any:
        return json.loads(fast.communicate()[0])

    try:
        yield ports, finish
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    port: int = json.loads(process.stdout.readline())["port"]
    return port


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()

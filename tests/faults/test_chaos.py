"""A long evening: many jobs from several clients while processes of every kind are killed. ``make chaos`` runs it."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.live import Live, noise, until, wav

JOBS = 60
CLIENTS = 4
KILL_EVERY_S = 2.0
POWER_CUT_EVERY = 6  # every so many kills, everything dies at once
SONG = wav(noise(30, 48_000), 48_000)


def submit_all(live: Live, ids: list[str], lock: threading.Lock) -> None:
    """Submit this client's share; a request that dies with the server is made again, as a client would."""
    while True:
        with lock:
            if len(ids) >= JOBS:
                return
        try:
            job_id = live.submit(live.upload(SONG), format=random.choice(["wav", "flac", "mp3"]))["id"]
        except (httpx2.HTTPError, OSError):
            time.sleep(0.5)
            continue
        with lock:
            ids.append(job_id)


def victims(live: Live) -> list[psutil.Process]:
    """Every worker and warm process; not the jobs' own children, whose death is the job's failure."""
    servers = [psutil.Process(process.pid) for process in live.processes if process.poll() is None]
    workers = [child for server in servers for child in server.children()]
    return workers + [warm for worker in workers for warm in worker.children()]


@pytest.mark.chaos
def test_whatever_is_killed_every_job_is_done_once_and_charged_once(tmp_path: Path):
    random.seed(7)
    live = Live(tmp_path / "data", workers=2, job_lease_s=2.0, job_max_losses=1000)
    live.serve()
    live.client.close()
    ids: list[str] = []
    lock = threading.Lock()
    clients = [threading.Thread(target=submit_all, args=(live, ids, lock), daemon=True) for _ in range(CLIENTS)]
    for client in clients:
        client.start()

    kills = Counter[str]()
    while True:
        time.sleep(KILL_EVERY_S)
        done = live.query("SELECT count(*) FROM jobs WHERE status NOT IN ('queued', 'processing')")[0][0]
        if not any(client.is_alive() for client in clients) and done >= len(ids):
            break
        if sum(kills.values()) % POWER_CUT_EVERY == POWER_CUT_EVERY - 1:
            live.kill_everything()
            live.serve()
            kills["everything"] += 1
        elif found := victims(live):
            victim = random.choice(found)
            try:
                kills["worker" if "worker" in victim.cmdline() else "warm process"] += 1
                victim.kill()
            except psutil.NoSuchProcess:
                continue

    until(live.ready)
    statuses = dict(live.query("SELECT status, count(*) FROM jobs GROUP BY status"))
    attempts = live.query("SELECT sum(attempt), sum(losses) FROM jobs")[0]
    print(f"\nkills {dict(kills)}, jobs {statuses}, attempts and losses {attempts}")
    stored = live.query("SELECT id FROM jobs")
    assert statuses == {"completed": len(stored)}
    assert set(ids) <= {job_id for (job_id,) in stored}
    assert live.query(
        "SELECT kind, count(*), sum(amount) FROM credit_entries WHERE job_id IS NOT NULL GROUP BY kind"
    ) == [("charge", len(stored), -len(stored))]
    for job_id in ids:
        assert len(httpx2.get(live.job(job_id)["output_url"]).raise_for_status().content) > 100_000
    assert live.query("PRAGMA integrity_check") == [("ok",)]
    live.stop()

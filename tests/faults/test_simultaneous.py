"""Fifty clients with one idempotency key against a real server, which is killed among them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import httpx2
import pytest

from tests.live import Live, noise, wav
from tests.postgresql import Postgresql

pytestmark = pytest.mark.faults

CLIENTS = 50
SONG = wav(noise(3))


@pytest.fixture(params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    server: Postgresql | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
    with server.database() if server else nullcontext("") as url:
        installation = Live(tmp_path / "data", workers=1, database_url=url)
        yield installation
        installation.kill_everything()


def all_at_once(live: Live, asset_url: str, key: str, meanwhile: Callable[[], None] = lambda: None) -> list[int]:
    """Submit from every client at the same moment; return the statuses, 0 where the server was gone."""
    together = threading.Barrier(CLIENTS + 1)

    def send(_number: int) -> tuple[int, str]:
        together.wait()
        try:
            response = client.post(
                "/mastering/jobs", json={"input_url": asset_url}, headers={"Idempotency-Key": key}, timeout=60
            )
        except httpx2.TransportError:
            return 0, ""
        return response.status_code, response.text

    with live.client as client, ThreadPoolExecutor(CLIENTS) as pool:
        sending = [pool.submit(send, number) for number in range(CLIENTS)]
        together.wait()
        meanwhile()
        answers = [future.result() for future in sending]
    created = {text for status, text in answers if status == 201}
    assert len(created) <= 1
    assert all(json.loads(text)["error"]["code"] == "idempotency_conflict" for status, text in answers if status == 409)
    return [status for status, _ in answers]


def test_fifty_at_once_and_again_after_a_kill_make_one_job_one_charge_and_one_event(live: Live):
    live.serve()
    asset_url = live.upload(SONG)

    all_at_once(live, asset_url, "the same", meanwhile=live.kill_everything)
    held = live.query("SELECT count(*) FROM idempotency_records WHERE status IS NULL")[0][0]
    live.serve()
    if held:  # by a process that is no more: its lease would run out in a minute
        _let_leases_run_out(live)
    statuses = all_at_once(live, asset_url, "the same")

    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    ((job_id,),) = live.query("SELECT id FROM jobs")
    assert live.finished(job_id)["status"] == "completed"
    assert live.query("SELECT kind, amount FROM credit_entries WHERE job_id = ?", job_id) == [("charge", -1)]
    assert live.query("SELECT name FROM events WHERE job_id = ?", job_id) == [("job.completed",)]


def _let_leases_run_out(live: Live) -> None:
    live.change("UPDATE idempotency_records SET claimed_until = created_at")

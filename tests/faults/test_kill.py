"""``kill -9`` at any moment: what was accepted is done, once, and charged once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.live import Live, noise, until, wav
from tests.web import serving

pytestmark = pytest.mark.faults

SONG = wav(noise(120, 48_000), 48_000)
UNENDED_DELIVERIES = "SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ERROR')"
LEASE_S = 2.0


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    installation = Live(tmp_path / "data", workers=1, job_lease_s=LEASE_S)
    yield installation
    installation.kill_everything()


def serve_with_two_workers(live: Live) -> None:
    live.serve()
    live.start("worker")
    until(lambda: live.query("SELECT count(*) FROM workers") == [(2,)])


def processing(live: Live, job_id: str) -> str:
    """Wait until a job is in mid work and return its worker."""

    def found() -> str | None:
        sql = "SELECT worker_id FROM jobs WHERE id = ? AND status = 'processing' AND progress > 0"
        rows = live.query(sql, job_id)
        return str(rows[0][0]) if rows else None

    worker: str = until(found)
    return worker


def worker_process(worker_id: str) -> psutil.Process:
    return psutil.Process(int(worker_id.split("-")[-2]))


def charges(live: Live, job_id: str) -> list[tuple[str, int]]:
    return [
        (kind, amount)
        for kind, amount in live.query("SELECT kind, amount FROM credit_entries WHERE job_id = ?", job_id)
    ]


def assert_done_once(live: Live, job_id: str, attempts: int) -> None:
    job = live.finished(job_id)

    assert job["status"] == "completed", job
    assert len(httpx2.get(job["output_url"]).content) > 1_000_000
    assert live.query("SELECT attempt FROM jobs WHERE id = ?", job_id) == [(attempts,)]
    assert charges(live, job_id) == [("charge", -1)]
    until(lambda: live.files() == [f"objects/output/{job_id}/{attempts}/{job_id}.wav"], 30)


def test_a_worker_killed_in_mid_job_is_replaced_by_another_that_is_alive(live: Live):
    serve_with_two_workers(live)
    job_id = live.submit(live.upload(SONG))["id"]

    worker_process(processing(live, job_id)).kill()

    assert_done_once(live, job_id, attempts=2)
    assert live.query("SELECT losses FROM jobs") == [(1,)]


def test_after_everything_was_killed_a_restart_completes_the_job(live: Live):
    live.serve()
    job_id = live.submit(live.upload(SONG))["id"]
    waiting = live.submit(live.upload(SONG))["id"]
    processing(live, job_id)

    live.kill_everything()
    live.serve()

    assert_done_once_each(live, job_id, waiting)


def assert_done_once_each(live: Live, *job_ids: str) -> None:
    for job_id in job_ids:
        assert live.finished(job_id)["status"] == "completed"
        assert charges(live, job_id) == [("charge", -1)]
    attempts = dict(live.query("SELECT id, attempt FROM jobs"))
    assert attempts[job_ids[0]] == 2
    assert len(live.query("SELECT id FROM jobs WHERE status = 'completed'")) == len(job_ids)


def test_a_worker_s_end_ends_its_warm_process_and_its_children(live: Live):
    live.serve()
    worker = worker_process(processing(live, live.submit(live.upload(SONG))["id"]))
    family = worker.children(recursive=True)
    assert len(family) == 2  # the warm process and the job

    worker.kill()

    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_a_frozen_worker_that_thaws_does_not_end_the_job_a_second_time(live: Live):
    serve_with_two_workers(live)
    job_id = live.submit(live.upload(SONG))["id"]
    frozen = worker_process(processing(live, job_id))

    frozen.send_signal(signal.SIGSTOP)
    job = live.finished(job_id)
    frozen.send_signal(signal.SIGCONT)

    assert job["status"] == "completed"
    assert_done_once(live, job_id, attempts=2)
    again = live.master(SONG)
    assert again["status"] == "completed"


def test_a_job_s_process_killed_from_outside_fails_the_job_and_refunds_it(live: Live):
    live.serve()
    job_id = live.submit(live.upload(SONG))["id"]
    worker = worker_process(processing(live, job_id))
    (warm,) = worker.children()

    for child in warm.children():
        child.kill()

    job = live.finished(job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "internal_error")
    assert charges(live, job_id) == [("charge", -1), ("refund", 1)]
    until(lambda: live.files() == [])


def test_a_job_that_stands_still_is_ended_by_the_clock_and_refunded(tmp_path: Path):
    live = Live(tmp_path / "data", workers=1, job_lease_s=LEASE_S, job_wall_s=5)
    live.serve()
    job_id = live.submit(live.upload(SONG))["id"]
    (warm,) = worker_process(processing(live, job_id)).children()

    for child in warm.children():
        child.send_signal(signal.SIGSTOP)

    job = live.finished(job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "internal_error")
    assert "5 seconds" in job["error"]["message"]
    assert charges(live, job_id) == [("charge", -1), ("refund", 1)]
    until(lambda: warm.children() == [] and live.files() == [])
    live.stop()


def test_the_warm_process_killed_ends_its_worker_and_the_supervisor_starts_another(live: Live):
    live.serve()
    job_id = live.submit(live.upload(SONG))["id"]
    worker = worker_process(processing(live, job_id))

    worker.children()[0].kill()

    assert_done_once(live, job_id, attempts=2)


def test_an_orderly_stop_puts_the_job_back_without_a_loss(live: Live):
    live.serve()
    job_id = live.submit(live.upload(SONG))["id"]
    processing(live, job_id)

    live.stop()

    assert live.query("SELECT status, losses FROM jobs") == [("queued", 0)]
    assert live.query("SELECT count(*) FROM workers") == [(0,)]
    live.serve()
    assert_done_once(live, job_id, attempts=2)


def test_an_upload_cut_off_by_a_kill_leaves_nothing_that_can_be_used(live: Live):
    live.serve()
    with live.client as client:
        asked = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 30_000_000}
        answer = client.post("/assets/upload-url", json=asked).json()

    def dying() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(1_000_000)
        live.kill_everything()
        yield bytes(10_000_000)

    headers = {"Content-Type": "audio/wav", "Content-Length": "30000000"}
    with pytest.raises(httpx2.TransportError):
        httpx2.put(answer["upload_url"], content=dying(), headers=headers, timeout=30)
    live.serve()

    with live.client as client:
        refused = client.post("/mastering/jobs", json={"input_url": answer["asset_url"]})
    assert refused.status_code == 422


def test_a_worker_killed_in_mid_fetch_leaves_nothing_and_another_fetches_anew(tmp_path: Path):
    live = Live(tmp_path / "data", workers=1, job_lease_s=LEASE_S, outbound_allow="127.0.0.1")
    with serving(song=SONG) as web:
        live.serve()
        job_id = live.submit(web.url("/song/slow?signature=secret"))["id"]
        assert web.waiting.acquire(timeout=30)
        ((worker, stage),) = live.query("SELECT worker_id, stage FROM jobs")
        assert stage == "fetch"

        worker_process(worker).kill()
        web.hurry.set()

        assert_done_once(live, job_id, attempts=2)
        assert len(web.asked) == 2
        assert live.query("SELECT url FROM job_inputs") == [(None,)]
        assert "secret" not in live.log.read_text()
    live.stop()


def test_a_job_cancelled_while_it_runs_ends_its_process_and_leaves_nothing(live: Live):
    live.serve()
    job_id = live.submit(live.upload(SONG))["id"]
    (warm,) = worker_process(processing(live, job_id)).children()

    with live.client as client:
        assert client.delete(f"/mastering/jobs/{job_id}").status_code == 204

    until(lambda: warm.children() == [] and live.files() == [])
    assert live.job(job_id)["status"] == "cancelled"
    assert charges(live, job_id) == [("charge", -1), ("refund", 1)]
    assert live.query("SELECT losses FROM jobs") == [(0,)]


@pytest.mark.parametrize("status", ["PENDING", "ERROR"], ids=["died", "failed"])
def test_a_job_whose_worker_died_or_failed_before_it_had_begun_is_handed_out_again(live: Live, status: str):
    live.serve()
    asset_url = live.upload(wav(noise(5)))
    (worker_id,) = live.query("SELECT id FROM workers")[0]
    worker = worker_process(worker_id)
    worker.send_signal(signal.SIGSTOP)
    job_id = live.submit(asset_url)["id"]
    live.change(f"UPDATE workflow_status SET status = '{status}', executor_id = 'somebody who is gone'")  # noqa: S608

    worker.send_signal(signal.SIGCONT)

    assert live.finished(job_id)["status"] == "completed"
    assert charges(live, job_id) == [("charge", -1)]
    assert live.query("SELECT attempt, losses FROM jobs") == [(1, 0)]
    until(lambda: live.query(UNENDED_DELIVERIES) == [(0,)])


def test_a_delivery_to_a_worker_that_is_gone_is_dropped_when_its_job_has_ended(live: Live):
    live.serve()
    live.master(wav(noise(5)))
    live.change("UPDATE workflow_status SET status = 'PENDING', executor_id = 'somebody who is gone'")

    until(lambda: live.query(UNENDED_DELIVERIES) == [(0,)])

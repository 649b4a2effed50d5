"""``kill -9`` in the middle of an analysis: it is taken up again or given up, and stream, poll and webhook agree."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.follower import Follower, SignalKey, Told, song, without_links
from tests.live import Live, until
from tests.receiver import Receiver

pytestmark = pytest.mark.faults

SONG = song(60)
LEASE_S = 2.0
STAGES = (
    *("upload", "decode", "features", "tempo", "key", "chords", "structure", "genre", "mood", "loudness", "mix"),
    *("stems", "release"),
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One installation for all: each test kills parts of it, and it comes back by itself or is started anew."""
    installation = Live(
        tmp_path_factory.mktemp("signalkey") / "data",
        workers=1,
        job_lease_s=LEASE_S,
        outbound_allow="127.0.0.1",
        signalkey_stems="never",
    )
    installation.serve()
    yield installation
    installation.kill_everything()


@pytest.fixture(scope="module")
def client(live: Live) -> SignalKey:
    return SignalKey(live)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def analysing(live: Live, job_id: str) -> psutil.Process:
    """Wait until an analysis is in its middle and return its worker."""

    def found() -> str | None:
        rows = live.query(
            "SELECT worker_id FROM jobs WHERE id = ? AND status = 'processing' AND stage IN ('tempo', 'key', 'chords')",
            job_id,
        )
        return str(rows[0][0]) if rows else None

    worker: str = until(found)
    return psutil.Process(int(worker.split("-")[-2]))


def begin(live: Live, client: SignalKey, receiver: Receiver) -> tuple[str, Follower, psutil.Process]:
    until(live.ready, 180)
    job_id = client.submit(SONG, webhook_url=receiver.url)
    follower = client.follow(job_id)
    return job_id, follower, analysing(live, job_id)


def assert_told_in_order(told: list[Told], *, attempts: int) -> None:
    """Ids rise, each is given out once, progress never falls, and every attempt begins with the first stage."""
    ids = [int(one.id) for one in told]
    assert ids == sorted(set(ids))
    steps = [json.loads(one.data) for one in told if one.name == "progress"]
    assert [step["progress"] for step in steps] == sorted(step["progress"] for step in steps)
    stages = [step["stage"] for step in steps]
    assert set(stages) <= set(STAGES)
    assert stages.count("decode") == attempts


def assert_they_agree(client: SignalKey, receiver: Receiver, job_id: str, told: list[Told], status: int) -> None:
    polled = client.poll(job_id)
    (delivered,) = until(lambda: list(receiver.kept.values()))
    final: dict[str, Any] = json.loads(next(one.data for one in told if one.name in {"result", "error"}))
    assert polled.status_code == status
    if status == 200:
        assert [one.name for one in told][-2:] == ["result", "done"]
        assert delivered.headers["x-signalkey-event"] == "analysis.completed"
        assert without_links(final) == without_links(polled.json()) == without_links(delivered.body)
    else:
        assert [one.name for one in told][-1] == "error"
        assert delivered.headers["x-signalkey-event"] == "analysis.failed"
        assert final == polled.json()
        assert delivered.body == {"id": job_id, **final}


def assert_the_song_is_gone(live: Live, job_id: str) -> None:
    until(lambda: all(file.startswith("objects/output/") for file in live.files()), 30)
    rows = live.query(
        "SELECT assets.object_key FROM assets JOIN job_inputs ON asset_id = assets.id WHERE job_id = ?", job_id
    )
    assert rows == [(None,)]


def test_a_worker_killed_in_the_middle_is_replaced_and_the_story_goes_on(
    live: Live, client: SignalKey, receiver: Receiver
):
    job_id, follower, worker = begin(live, client, receiver)

    worker.kill()

    told = follower.wait()
    assert follower.connections == 1
    assert_told_in_order(told, attempts=2)
    assert_they_agree(client, receiver, job_id, told, 200)
    assert_the_song_is_gone(live, job_id)
    assert live.query("SELECT attempt, losses FROM jobs WHERE id = ?", job_id) == [(2, 1)]


def test_its_own_process_killed_ends_it_as_failed_everywhere(live: Live, client: SignalKey, receiver: Receiver):
    job_id, follower, worker = begin(live, client, receiver)
    (warm,) = worker.children()

    for child in warm.children():
        child.kill()

    told = follower.wait()
    assert_told_in_order(told, attempts=1)
    assert_they_agree(client, receiver, job_id, told, 500)
    assert_the_song_is_gone(live, job_id)
    assert not any(f"output/{job_id}" in file for file in live.files())


def test_after_the_server_was_killed_the_client_resumes_where_it_was(live: Live, client: SignalKey, receiver: Receiver):
    """The worker ends with the server that supervises it, and puts its job back."""
    job_id, follower, _ = begin(live, client, receiver)
    (server,) = (process for process in live.processes if process.poll() is None)

    server.kill()
    server.wait()
    live.serve()

    told = follower.wait()
    assert follower.connections == 2
    assert_told_in_order(told, attempts=2)
    assert_they_agree(client, receiver, job_id, told, 200)
    assert_the_song_is_gone(live, job_id)


def test_an_orderly_stop_does_not_wait_for_open_streams(live: Live, client: SignalKey, receiver: Receiver):
    job_id, follower, _ = begin(live, client, receiver)
    (server,) = (process for process in live.processes if process.poll() is None)

    server.send_signal(signal.SIGTERM)
    server.wait(30)
    assert live.query("SELECT status FROM jobs WHERE id = ?", job_id) == [("queued",)]
    live.serve()

    told = follower.wait()
    assert follower.connections == 2
    assert_told_in_order(told, attempts=2)
    assert_they_agree(client, receiver, job_id, told, 200)


def test_a_song_that_takes_down_every_worker_is_given_up_everywhere(live: Live, client: SignalKey, receiver: Receiver):
    job_id, follower, worker = begin(live, client, receiver)
    live.change(f"UPDATE jobs SET losses = {live.settings.job_max_losses - 1} WHERE id = '{job_id}'")  # noqa: S608

    worker.kill()

    told = follower.wait()
    assert_told_in_order(told, attempts=1)
    assert_they_agree(client, receiver, job_id, told, 500)
    assert_the_song_is_gone(live, job_id)


def test_an_independent_client_of_server_sent_events_follows_it_to_its_end(live: Live, client: SignalKey):
    """httpx-sse, on the httpx of its own."""
    httpx = pytest.importorskip("httpx", reason="httpx-sse is not installed")
    sse = pytest.importorskip("httpx_sse", reason="httpx-sse is not installed")
    until(live.ready, 180)
    job_id = client.submit(song(5))

    with (
        httpx.Client(base_url=client.url, headers=client.headers, timeout=60) as http,
        sse.connect_sse(http, "GET", f"/api/v1/jobs/{job_id}/stream") as source,
    ):
        events = list(source.iter_sse())

    assert [event.event for event in events][-2:] == ["result", "done"]
    assert {event.event for event in events[:-2]} == {"progress"}
    assert [event.json()["stage"] for event in events[:-2]][-1] == "release"
    assert events[-2].json()["id"] == job_id
    assert events[-1].json() == {"ok": True}
    assert all(event.retry is None or event.retry > 0 for event in events)

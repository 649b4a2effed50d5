"""Inputs at other people's URLs: fetched by the worker, bounded, sniffed, and nothing of them left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from soundrack import clock, ids
from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.audio.containers import Container
from soundrack.billing import credits
from soundrack.database.tables import job_inputs, jobs, workers
from soundrack.errors import SoundrackError
from soundrack.jobs import estimate, inputs, lifecycle, record, submission
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Job, Status
from soundrack.jobs.runner import Runner
from soundrack.jobs.submission import Order
from soundrack.jobs.task import INPUTS, Kind, Task, work_s
from soundrack.jobs.uploads import Accepted
from soundrack.rack import Rack
from soundrack.settings import Settings
from tests.web import Web, serving

WAV = b"RIFF\x24\x10\x00\x00WAVEfmt " + bytes(200_000)
LEASE_S = 12.0


class StartedAChild(SoundrackError):
    """Raised in place of a child, which these tests do not need."""


class NoForks:
    """In place of the warm process: notes what it is given and starts nothing."""

    def __init__(self) -> None:
        self.lost = threading.Event()
        self.inputs: list[dict[str, bytes]] = []

    def run(self, task: Task) -> Any:
        self.inputs.append({path.name: path.read_bytes() for path in (task.folder / INPUTS).iterdir()})
        raise StartedAChild("Here the child would start.")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        workers=1,
        job_lease_s=LEASE_S,
        outbound_allow="127.0.0.1",
        outbound_connect_s=2,
    )


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(song=WAV, text=b"%PDF-1.7" + bytes(500), large=b"fLaC" + bytes(300_000)) as server:
        yield server


@pytest.fixture
def forks() -> NoForks:
    return NoForks()


@pytest.fixture
def runner(rack: Rack, forks: NoForks) -> Runner:
    return Runner(
        rack.settings,
        rack.database,
        rack.store,
        rack.queue,
        rack.outbound,
        forks,  # type: ignore[arg-type]
        "worker-1",
    )


Submit = Callable[..., Job]


def fetched(url: str, field: str) -> Foreign:
    return Foreign(url, 250_000, (Container.WAV, Container.FLAC), field)


@pytest.fixture
def submit(rack: Rack, account: Account) -> Submit:
    def submit_one(url: str, account_id: str = account.id, **others: Accepted | Foreign) -> Job:
        order = Order(
            service="blacklab",
            account_id=account_id,
            kind=Kind.MASTER,
            parameters={"preset": "balanced", "format": "wav", "rate_hz": None},
            inputs={"song": fetched(url, "input_url")} | others,
            work_s=60.0,
            credits=1,
            request_id="req_test",
        )
        with rack.database.write() as connection:
            return submission.submit(connection, rack.queue, order, job_id=ids.short("job_"), lease_s=LEASE_S)

    return submit_one


def reread(rack: Rack, job: Job) -> Job:
    with rack.database.read() as connection:
        return record.get(connection, job.id, account_id=job.account_id, service=job.service)


def urls(rack: Rack, job: Job) -> list[str | None]:
    with rack.database.read() as connection:
        return [one.url for one in inputs.of(connection, job.id)]


def claim(rack: Rack, job: Job, worker: str = "worker-1") -> Job | None:
    with rack.database.write() as connection:
        return lifecycle.claim(connection, rack.queue, job.id, worker, LEASE_S)


def left_behind(rack: Rack) -> list[Path]:
    return [path for path in rack.settings.scratch.rglob("*") if path.is_file()]


def slots(rack: Rack, count: int) -> None:
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(workers.delete())
        connection.execute(insert(workers).values(id="w", slots=count, speed=1.0, started_at=now, seen_at=now))


def delayed(rack: Rack) -> int:
    with rack.database.read() as connection:
        schema = "dbos." if connection.dialect.name == "postgresql" else ""
        statement = f"SELECT count(*) FROM {schema}workflow_status WHERE status = 'DELAYED'"  # noqa: S608
        found: int = connection.execute(text(statement)).scalar_one()
        return found


def test_the_child_gets_the_file_behind_the_url(rack: Rack, runner: Runner, forks: NoForks, submit: Submit, web: Web):
    job = submit(web.url("/song?signature=a%2Fb"))

    runner.perform(job.id)

    assert forks.inputs == [{"song": WAV}]
    assert web.asked == ["/song?signature=a%2Fb"]
    assert left_behind(rack) == []
    assert reread(rack, job).work_s == pytest.approx(len(WAV) / 176_400)  # no guess any more


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/missing", "unreachable"),
        ("/elsewhere", "forbidden_address"),
        ("/text", "unsupported_format"),
        ("/large", "too_large"),
    ],
)
def test_a_file_that_will_not_do_fails_the_job_before_a_child_starts(
    rack: Rack, account: Account, runner: Runner, forks: NoForks, submit: Submit, web: Web, path: str, kind: str
):
    job = submit(web.url(path))

    runner.perform(job.id)

    ended = reread(rack, job)
    assert (ended.status, ended.error_kind) == (Status.FAILED, kind)
    assert urls(rack, job) == [None]
    assert forks.inputs == []
    assert left_behind(rack) == []
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_a_server_that_is_not_there_fails_the_job(rack: Rack, runner: Runner, submit: Submit, web: Web):
    url = web.url("/song")
    web.server_close()
    job = submit(url)

    runner.perform(job.id)

    assert reread(rack, job).error_kind == "unreachable"


def perform_in_the_background(runner: Runner, job: Job) -> threading.Thread:
    thread = threading.Thread(target=runner.perform, args=(job.id,))
    thread.start()
    return thread


def test_while_it_is_fetched_the_stage_says_so_and_the_lease_is_kept(
    rack: Rack, runner: Runner, submit: Submit, web: Web
):
    job = submit(web.url("/song/slow"))
    working = perform_in_the_background(runner, job)
    assert web.waiting.acquire(timeout=20)
    assert (reread(rack, job).status, reread(rack, job).stage) == (Status.PROCESSING, "fetch")

    def lease() -> Any:
        with rack.database.read() as connection:
            return connection.execute(select(jobs.c.lease_until)).scalar_one()

    first = lease()
    waiting = threading.Event()
    while lease() == first:
        waiting.wait(0.05)
    web.hurry.set()
    working.join()

    assert lease() is None
    assert reread(rack, job).stage == ""


def test_a_worker_that_stops_in_mid_fetch_gives_the_job_back(rack: Rack, runner: Runner, submit: Submit, web: Web):
    job = submit(web.url("/song/slow"))
    working = perform_in_the_background(runner, job)
    assert web.waiting.acquire(timeout=20)

    runner.stopping = True
    working.join()

    returned = reread(rack, job)
    assert (returned.status, returned.losses, urls(rack, job)) == (Status.QUEUED, 0, [web.url("/song/slow")])
    assert left_behind(rack) == []


def test_a_job_that_is_cancelled_in_mid_fetch_is_let_go_of(
    rack: Rack, account: Account, runner: Runner, submit: Submit, web: Web
):
    job = submit(web.url("/song/slow"))
    working = perform_in_the_background(runner, job)
    assert web.waiting.acquire(timeout=20)

    with rack.database.write() as connection:
        lifecycle.cancel(connection, job)
    working.join()

    assert reread(rack, job).status is Status.CANCELLED
    assert left_behind(rack) == []
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


@pytest.mark.parametrize(("workers_slots", "at_once"), [(0, 1), (1, 1), (2, 1), (4, 2), (7, 3), (100, 8)])
def test_one_account_fetches_at_half_of_all_slots_at_once(rack: Rack, submit: Submit, workers_slots: int, at_once: int):
    slots(rack, workers_slots)

    claimed = [claim(rack, submit("https://example.com/x")) for _ in range(at_once + 2)]

    assert [job is not None for job in claimed] == [True] * at_once + [False] * 2


def test_a_job_that_has_to_wait_is_delivered_again_and_nothing_is_counted_against_it(rack: Rack, submit: Submit):
    first, second = submit("https://example.com/1"), submit("https://example.com/2")
    fetching = claim(rack, first)
    assert fetching is not None

    assert claim(rack, second) is None

    assert delayed(rack) == 1
    waiting = reread(rack, second)
    assert (waiting.status, waiting.attempt, waiting.losses, waiting.worker_id) == (Status.QUEUED, 0, 0, None)
    with rack.database.write() as connection:
        assert lifecycle.renew(connection, fetching, LEASE_S, "", 0.0)
    again = claim(rack, second)
    assert again is not None
    assert again.attempt == 1


def test_another_account_and_jobs_on_uploads_do_not_wait(rack: Rack, submit: Submit):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com").id
        credits.grant(connection, other, 10, "")
    assert claim(rack, submit("https://example.com/1")) is not None

    assert claim(rack, submit("https://example.com/2", account_id=other)) is not None


def test_of_many_claimed_at_once_no_more_than_allowed_fetch(rack: Rack, submit: Submit):
    slots(rack, 4)
    waiting = [submit("https://example.com/x") for _ in range(8)]
    claimed: list[bool] = []
    together = threading.Barrier(8)

    def take(job: Job) -> None:
        together.wait()
        claimed.append(claim(rack, job) is not None)

    threads = [threading.Thread(target=take, args=(job,)) for job in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == [False] * 6 + [True] * 2
    assert delayed(rack) == 6


def test_a_fetch_that_died_with_its_worker_makes_room_once_it_is_taken_back(
    rack: Rack, submit: Submit, monkeypatch: pytest.MonkeyPatch
):
    first, second = submit("https://example.com/1"), submit("https://example.com/2")
    assert claim(rack, first) is not None
    later = clock.now() + timedelta(seconds=LEASE_S + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with rack.database.write() as connection:
        assert lifecycle.reap(connection, rack.queue, 3) is not None

    assert claim(rack, second) is not None


def test_an_unseen_input_is_judged_by_the_last_jobs(rack: Rack, submit: Submit):
    def usual() -> float:
        with rack.database.read() as connection:
            return estimate.usual_work_s(connection, Kind.MASTER)

    assert usual() == 240.0  # nobody knows anything yet
    for seconds in (100.0, 200.0):
        attempt = claim(rack, submit("https://example.com/x"))
        assert attempt is not None
        with rack.database.write() as connection:
            assert lifecycle.complete(connection, attempt, Outcome({}, {}, {}, seconds, 1.0))

    assert usual() == 150.0


def test_the_url_is_gone_when_the_job_has_completed(rack: Rack, submit: Submit):
    attempt = claim(rack, submit("https://example.com/x?signature=secret"))
    assert attempt is not None
    with rack.database.write() as connection:
        assert lifecycle.complete(connection, attempt, Outcome({}, {}, {}, 60.0, 1.0))

    with rack.database.read() as connection:
        assert connection.execute(select(job_inputs.c.url)).scalar_one() is None


def test_an_answer_after_the_lease_was_lost_changes_nothing(rack: Rack, runner: Runner, submit: Submit, web: Web):
    job = submit(web.url("/song/slow"))
    working = perform_in_the_background(runner, job)
    assert web.waiting.acquire(timeout=20)
    with rack.database.write() as connection:  # as if another worker had taken it over
        connection.execute(update(jobs).values(attempt=2, worker_id="worker-2"))

    web.hurry.set()
    working.join()

    current = reread(rack, job)
    assert (current.status, current.attempt, current.worker_id) == (Status.PROCESSING, 2, "worker-2")
    assert left_behind(rack) == []


def test_several_inputs_are_fetched_and_copied_each_under_its_name(
    rack: Rack, runner: Runner, forks: NoForks, submit: Submit, web: Web, asset_id: str
):
    job = submit(
        web.url("/song"),
        reference=fetched(web.url("/song?other"), "reference_url"),
        stem=Accepted(asset_id, "audio/wav", 44, "stem_url"),
    )

    runner.perform(job.id)

    assert forks.inputs == [{"song": WAV, "reference": WAV, "stem": b"RIFF" + bytes(40)}]
    assert left_behind(rack) == []
    plays_s = {"song": len(WAV) / 176_400, "reference": len(WAV) / 176_400, "stem": 44 / 176_400}
    assert reread(rack, job).work_s == pytest.approx(work_s(plays_s))
    assert urls(rack, job) == [None] * 3


def test_an_upload_may_be_two_inputs_of_a_job(
    rack: Rack, runner: Runner, forks: NoForks, submit: Submit, web: Web, asset_id: str
):
    upload = Accepted(asset_id, "audio/wav", 44, "x_url")
    job = submit(web.url("/song"), reference=upload, stem=upload)

    runner.perform(job.id)

    assert set(forks.inputs[0]) == {"song", "reference", "stem"}


@pytest.mark.parametrize(("path", "kind"), [("/missing", "unreachable"), ("/text", "unsupported_format")])
def test_of_several_inputs_the_one_that_will_not_do_is_named_as_the_caller_names_it(
    rack: Rack, runner: Runner, forks: NoForks, submit: Submit, web: Web, path: str, kind: str
):
    job = submit(web.url("/song"), reference=fetched(web.url(path), "reference_url"))

    runner.perform(job.id)

    ended = reread(rack, job)
    assert (ended.status, ended.error_kind) == (Status.FAILED, kind)
    assert ended.error_message is not None
    assert ended.error_message.startswith("reference_url: ")
    assert forks.inputs == []
    assert left_behind(rack) == []


def test_a_job_with_a_reference_to_fetch_waits_its_turn_though_its_song_is_ours(
    rack: Rack, submit: Submit, asset_id: str
):
    assert claim(rack, submit("https://example.com/1")) is not None
    song = Accepted(asset_id, "audio/wav", 44, "input_url")

    assert claim(rack, submit("", song=song, reference=fetched("https://example.com/2", "reference_url"))) is None
    alone = claim(rack, submit("", song=song))
    assert alone is not None


def test_the_log_text_of_an_input_shows_no_url(rack: Rack, submit: Submit):
    job = submit("https://example.com/x?signature=secret")

    with rack.database.read() as connection:
        assert "example.com" not in repr(inputs.of(connection, job.id))

"""What a child leaves: delivered under its names where it keeps to the form, and never anything else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import jobs, output_folders
from soundrack.errors import Internal
from soundrack.jobs import outputs
from soundrack.jobs.outputs import MOST
from soundrack.jobs.record import Job, Output, Status
from soundrack.jobs.runner import Runner
from soundrack.jobs.task import OUTPUTS, Task
from soundrack.rack import Rack
from soundrack.storage.objects import ObjectStore

WAV = {"filename": "a.wav", "content_type": "audio/wav"}
Submit = Callable[[], Job]
Reread = Callable[[Job], Job]


class Child:
    """In place of a child: one that has written its files, and says so."""

    def __init__(self, told: Any) -> None:
        self._told = told

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def follow(self, _every_s: float) -> Generator[dict[str, Any]]:
        yield {
            "outputs": self._told,
            "result": {"rate_hz": 44_100},
            "report": {},
            "work_s": 1.0,
            "cpu_s": 0.1,
            "engine_s": 0.1,
            "memory_mb": 1,
        }

    def halt(self) -> None:
        """It has ended."""


class Forks:
    """In place of the warm process."""

    def __init__(self) -> None:
        self.lost = threading.Event()
        self.files: dict[str, bytes] = {}
        self.told: Any = {}
        self.meanwhile: Callable[[], None] = lambda: None

    def run(self, task: Task) -> Child:
        for name, content in self.files.items():
            (task.folder / OUTPUTS / name).write_bytes(content)
        self.meanwhile()
        return Child(self.told)


@pytest.fixture
def forks() -> Forks:
    return Forks()


@pytest.fixture
def runner(rack: Rack, forks: Forks) -> Runner:
    return Runner(
        rack.settings,
        rack.database,
        rack.store,
        rack.queue,
        rack.outbound,
        forks,  # type: ignore[arg-type]
        "worker-1",
    )


def files(rack: Rack) -> list[str]:
    roots = (rack.settings.objects, rack.settings.scratch)
    return sorted(str(path.relative_to(root)) for root in roots for path in root.rglob("*") if path.is_file())


def test_every_output_is_delivered_under_its_name_below_one_prefix(
    rack: Rack, runner: Runner, forks: Forks, submit: Submit, reread: Reread
):
    job = submit()
    forks.files = {f"{job.id}.wav": b"master", f"{job.id}-vocals.flac": b"voice", "analysis.json": b"{}", "left": b"x"}
    forks.told = {
        "master": {"filename": f"{job.id}.wav", "content_type": "audio/wav"},
        "vocals": {"filename": f"{job.id}-vocals.flac", "content_type": "audio/flac"},
        "analysis": {"filename": "analysis.json", "content_type": "application/json"},
    }

    runner.perform(job.id)

    done = reread(job)
    prefix = f"output/{job.id}/1"
    assert done.status is Status.COMPLETED
    assert done.outputs == {
        "master": Output(f"{prefix}/{job.id}.wav", 6, "audio/wav"),
        "vocals": Output(f"{prefix}/{job.id}-vocals.flac", 5, "audio/flac"),
        "analysis": Output(f"{prefix}/analysis.json", 2, "application/json"),
    }
    assert done.outputs["vocals"].filename == f"{job.id}-vocals.flac"
    assert files(rack) == sorted(output.key for output in done.outputs.values())


def test_an_attempt_that_was_given_up_meanwhile_stores_nothing(
    rack: Rack, runner: Runner, forks: Forks, submit: Submit, reread: Reread
):
    def given_up() -> None:
        with rack.database.write() as connection:
            connection.execute(update(jobs).values(attempt=2, worker_id="worker-2"))

    job = submit()
    forks.files, forks.told, forks.meanwhile = {"a.wav": b"x"}, {"master": WAV}, given_up

    runner.perform(job.id)

    assert reread(job).status is Status.PROCESSING
    assert [path for path in files(rack) if path.startswith("output")] == []


def test_an_attempt_that_is_given_up_while_it_stores_takes_everything_back(
    rack: Rack, runner: Runner, forks: Forks, submit: Submit, reread: Reread, monkeypatch: pytest.MonkeyPatch
):
    put_file = ObjectStore.put_file

    def put_and_lose(store: ObjectStore, key: str, path: Path) -> int:
        with rack.database.write() as connection:
            connection.execute(update(jobs).values(attempt=2, worker_id="worker-2"))
        return put_file(store, key, path)

    job = submit()
    forks.files, forks.told = {"a.wav": b"x"}, {"master": WAV}
    monkeypatch.setattr(ObjectStore, "put_file", put_and_lose)

    runner.perform(job.id)

    assert reread(job).status is Status.PROCESSING
    assert [path for path in files(rack) if path.startswith("output")] == []


def test_a_store_that_fails_in_the_middle_keeps_nothing_and_the_job_fails(
    rack: Rack,
    account: Account,
    runner: Runner,
    forks: Forks,
    submit: Submit,
    reread: Reread,
    monkeypatch: pytest.MonkeyPatch,
):
    put_file = ObjectStore.put_file

    def fill_up(store: ObjectStore, key: str, path: Path) -> int:
        if path.name == "b.wav":
            raise OSError(28, "No space left on device")
        return put_file(store, key, path)

    job = submit()
    forks.files = {"a.wav": b"x", "b.wav": b"y"}
    forks.told = {"one": WAV, "two": WAV | {"filename": "b.wav"}}
    monkeypatch.setattr(ObjectStore, "put_file", fill_up)

    runner.perform(job.id)

    assert (reread(job).status, reread(job).outputs) == (Status.FAILED, {})
    assert files(rack) == []
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_where_it_stores_is_written_down_before_the_first_file(
    rack: Rack, runner: Runner, forks: Forks, submit: Submit, monkeypatch: pytest.MonkeyPatch
):
    def die(*_: object) -> int:
        raise KeyboardInterrupt  # whatever would clean up dies with it

    job = submit()
    forks.files, forks.told = {"a.wav": b"x"}, {"master": WAV}
    monkeypatch.setattr(ObjectStore, "put_file", die)

    with pytest.raises(KeyboardInterrupt):
        runner.perform(job.id)

    with rack.database.read() as connection:
        folders = connection.execute(select(output_folders.c.job_id, output_folders.c.attempt)).all()
    assert folders == [(job.id, 1)]


def link(folder: Path) -> None:
    (folder / "a.wav").symlink_to("/etc/passwd")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "a.wav")


def inner_folder(folder: Path) -> None:
    (folder / "a.wav").mkdir()


def elsewhere(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(folder.with_name("moved"))
    (folder / "a.wav").write_bytes(b"x")


def taken_away(folder: Path) -> None:
    folder.rmdir()


@pytest.mark.parametrize("lay", [link, pipe, inner_folder, elsewhere, taken_away, lambda _: None])
def test_what_is_no_file_of_the_folder_s_own_is_not_delivered(tmp_path: Path, lay: Callable[[Path], None]):
    folder = tmp_path / OUTPUTS
    folder.mkdir()
    lay(folder)

    with pytest.raises(Internal):
        outputs.judged(folder, {"master": WAV})


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        "a.wav",
        {"master": "a.wav"},
        {"master": {"filename": "a.wav"}},
        {"master": WAV | {"filename": "../a.wav"}},
        {"master": WAV | {"filename": "/etc/passwd"}},
        {"master": WAV | {"filename": "."}},
        {"master": WAV | {"filename": ".."}},
        {"master": WAV | {"filename": ".hidden"}},
        {"master": WAV | {"filename": "a.wav\0"}},
        {"master": WAV | {"filename": "a" * 101}},
        {"master": WAV | {"filename": 7}},
        {"master": WAV | {"content_type": "audio/wav\r\nSet-Cookie: a"}},
        {"master": WAV | {"content_type": ""}},
        {"Master": WAV},
        {"": WAV},
        {"../x": WAV},
        {"one": WAV, "two": WAV},
        {f"out{number}": WAV for number in range(MOST + 1)},
    ],
)
def test_what_a_child_says_out_of_form_is_not_believed(tmp_path: Path, told: Any):
    for name in ("a.wav", ".hidden", "a" * 101):
        (tmp_path / name).write_bytes(b"x")

    with pytest.raises(Internal):
        outputs.judged(tmp_path, told)


def test_a_worker_that_has_lost_its_warm_process_passes_jobs_on_without_a_loss(
    rack: Rack, runner: Runner, forks: Forks, submit: Submit, reread: Reread
):
    job = submit()
    forks.lost.set()

    runner.perform(job.id)

    assert reread(job) == job
    with rack.database.read() as connection:
        schema = "dbos." if connection.dialect.name == "postgresql" else ""
        found = connection.execute(text(f"SELECT status FROM {schema}workflow_status")).scalars()  # noqa: S608
        assert sorted(found) == ["DELAYED", "ENQUEUED"]


def test_a_job_whose_child_leaves_nothing_fails(
    rack: Rack, account: Account, runner: Runner, forks: Forks, submit: Submit, reread: Reread
):
    job = submit()
    forks.told = {"master": WAV}

    runner.perform(job.id)

    assert (reread(job).status, reread(job).error_kind) == (Status.FAILED, "internal")
    assert files(rack) == []
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100

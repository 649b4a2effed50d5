"""The warm process and its children, with the real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

from soundrack.jobs import sandbox
from soundrack.jobs.forkclient import Forkclient, ForkserverLost
from soundrack.jobs.kinds import Work
from soundrack.jobs.sandbox import Allowance
from soundrack.jobs.task import INPUTS, OUTPUTS, Kind, Task
from tests.analysis.songs import song
from tests.live import until, wav

MIB = 2**20
STRICT = not sandbox.shortcomings()
ALLOWANCE = Allowance(memory_bytes=1024 * MIB, cpu_s=60, file_bytes=256 * MIB, strict=STRICT)


def silence(seconds: float) -> bytes:
    return wav(np.zeros((int(seconds * 44_100), 2)))


@pytest.fixture(scope="module")
def forks() -> Iterator[Forkclient]:
    os.environ["SOUNDRACK_SECRET"] = "a secret of the worker's"
    client = Forkclient()
    del os.environ["SOUNDRACK_SECRET"]
    client.await_ready()
    yield client
    client.close()


def task_in(folder: Path, seconds: float = 2.0, allowance: Allowance = ALLOWANCE, name: str = "job_1.1") -> Task:
    for part in (INPUTS, OUTPUTS):
        (folder / part).mkdir(exist_ok=True)
    write_noise(folder / INPUTS / "song", seconds)
    parameters = {"preset": "balanced", "format": "wav", "rate_hz": None}
    return Task(name, Kind.MASTER, folder, parameters, allowance)


def write_noise(path: Path, seconds: float, level: float = 0.1) -> None:
    rng = np.random.default_rng(1)
    noise = level * rng.standard_normal((int(seconds * 44_100), 2))
    soundfile.write(path, noise, 44_100, format="WAV", subtype="PCM_16")


def finish(forks: Forkclient, task: Task) -> tuple[list[dict[str, Any]], int]:
    with forks.run(task) as child:
        events = [event for event in child.follow(0.5) if event is not None]
        return events, child.wait().exit_code


def forkserver_of(forks: Forkclient) -> psutil.Process:
    return psutil.Process(forks._process.pid)


def test_a_task_is_done_and_tells_how_far_it_is(forks: Forkclient, tmp_path: Path):
    events, exit_code = finish(forks, task_in(tmp_path))

    *told, last = events
    fractions = [event["progress"] for event in told]
    assert exit_code == 0
    assert fractions == sorted(fractions)
    assert len({event["stage"] for event in told}) >= 4
    assert last.keys() == {"outputs", "result", "report", "work_s", "cpu_s", "engine_s", "memory_mb"}
    assert last["outputs"] == {"master": {"filename": "job_1.wav", "content_type": "audio/wav"}}
    assert last["result"].keys() == {"rate_hz", "integrated_lufs", "true_peak_db"}
    assert last["work_s"] == pytest.approx(2.0)
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["inputs/song", "outputs/job_1.wav"]
    assert soundfile.info(tmp_path / OUTPUTS / "job_1.wav").subtype == "PCM_24"


def test_a_song_is_analysed_behind_the_walls(forks: Forkclient, tmp_path: Path):
    mastered = task_in(tmp_path)
    soundfile.write(tmp_path / INPUTS / "song", song(24.0), 44_100, format="WAV")
    parameters = {"filename": "a.wav", "most_s": 60, "stems": False}
    task = Task(mastered.id, Kind.ANALYZE, tmp_path, parameters, ALLOWANCE)

    events, exit_code = finish(forks, task)

    assert exit_code == 0
    assert events[-1]["result"]["bpm"] == pytest.approx(120.0, rel=0.01)
    written = sorted(path.name for path in (tmp_path / OUTPUTS).iterdir())
    assert written == ["report.json", "song.mid", "spectrogram.png", "waveform.png"]


COMPOSED: dict[Kind, dict[str, Any]] = {
    Kind.COMPOSE: {"prompt": "pop", "lyrics": "Sing to me", "duration_s": 4.0, "seed": 1, "variations": 1},
    Kind.SAMPLE: {"prompt": "drum loop", "duration_s": 2.0, "loopable": True, "seed": 1},
    Kind.EFFECT: {"prompt": "rain", "duration_s": 1.0, "seed": 1},
    Kind.REMIX: {"prompt": "house", "lyrics": None, "instrumental": True, "seed": 1, "variations": 1},
    Kind.SEPARATE: {},
    Kind.CUT: {"target_s": 6.0},
}


@pytest.mark.parametrize("kind", COMPOSED)
def test_songs_sounds_and_parts_are_made_behind_the_walls(forks: Forkclient, tmp_path: Path, kind: Kind):
    for part in (INPUTS, OUTPUTS):
        (tmp_path / part).mkdir()
    if kind in {Kind.REMIX, Kind.SEPARATE, Kind.CUT}:
        soundfile.write(tmp_path / INPUTS / "source", song(12.0), 44_100, format="WAV")

    events, exit_code = finish(forks, Task("job_1.1", kind, tmp_path, COMPOSED[kind], ALLOWANCE))

    assert exit_code == 0
    assert "error" not in events[-1], events[-1]
    for made in events[-1]["outputs"].values():
        assert (tmp_path / OUTPUTS / made["filename"]).stat().st_size > 0


def test_a_reference_is_followed_and_counts_for_less_than_a_song(forks: Forkclient, tmp_path: Path):
    task = task_in(tmp_path)
    write_noise(tmp_path / INPUTS / "reference", seconds=5.0, level=0.2)

    events, _ = finish(forks, task)

    plan = events[-1]["report"]["plan"]
    assert all("reference" in plan[step]["reason"] for step in ("tone", "loudness"))
    assert 2.0 < events[-1]["work_s"] < 7.0


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (b"RIFF" + bytes(5000), "unsupported_format", "not an audio file"),
        (b"", "unusable_audio", "empty"),
        (silence(2.0), "unusable_audio", "silent"),
        (silence(0.2), "unusable_audio", "200 ms"),
    ],
    ids=["no audio", "empty", "silent", "too short"],
)
def test_a_reference_that_cannot_be_used_is_told_of_as_the_reference(
    forks: Forkclient, tmp_path: Path, content: bytes, kind: str, told: str
):
    task = task_in(tmp_path)
    (tmp_path / INPUTS / "reference").write_bytes(content)

    events, _ = finish(forks, task)

    error = events[-1]["error"]
    assert error["kind"] == kind
    assert error["message"].startswith("The reference cannot be used.")
    assert told in error["message"]


def test_a_song_and_a_reference_as_long_as_they_may_be_fit_into_their_memory(forks: Forkclient, tmp_path: Path):
    small = Allowance(memory_bytes=256 * MIB, cpu_s=60, file_bytes=256 * MIB, strict=STRICT)
    longest_s = Work("job_1", {}, tmp_path, {}, small.memory_bytes).limits_of_mastering.max_samples / 2 / 44_100
    task = task_in(tmp_path, seconds=longest_s, allowance=small)
    write_noise(tmp_path / INPUTS / "reference", seconds=longest_s)

    events, _ = finish(forks, task)

    assert "error" not in events[-1], events[-1]


def test_too_long_a_reference_is_refused_as_one(forks: Forkclient, tmp_path: Path):
    small = Allowance(memory_bytes=160 * MIB, cpu_s=60, file_bytes=256 * MIB, strict=STRICT)
    task = task_in(tmp_path, allowance=small)
    write_noise(tmp_path / INPUTS / "reference", seconds=90.0)

    events, _ = finish(forks, task)

    assert events[-1]["error"]["kind"] == "too_large"
    assert events[-1]["error"]["message"].startswith("The reference")


def test_the_warm_process_holds_no_secret_and_no_connection(forks: Forkclient):
    process = forkserver_of(forks)

    assert not [name for name in process.environ() if name.startswith("SOUNDRACK_")]
    assert process.net_connections("inet") == []
    assert [file.path for file in process.open_files() if file.path.endswith(".db")] == []


def test_a_child_s_end_leaves_no_process_and_no_descriptor(forks: Forkclient, tmp_path: Path):
    process = forkserver_of(forks)
    before, ours = process.num_fds(), psutil.Process().num_fds()

    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        finish(forks, task_in(folder, name=f"job_{number}.1"))

    until(lambda: process.children() == [] and process.num_fds() <= before)  # one may be there that compiles
    assert psutil.Process().num_fds() == ours


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "unusable_audio"),
        (b"\0" * 5000, "unsupported_format"),
        (b"RIFF\xff\xff\xff\x7fWAVEfmt ", "unsupported_format"),
        (b"fLaC" + b"\xff" * 5000, "unsupported_format"),
    ],
)
def test_an_input_that_is_no_audio_is_a_typed_error(forks: Forkclient, tmp_path: Path, content: bytes, kind: str):
    task = task_in(tmp_path)
    (tmp_path / INPUTS / "song").write_bytes(content)

    events, exit_code = finish(forks, task)

    assert events[-1]["error"]["kind"] == kind
    assert exit_code == 0
    assert list((tmp_path / OUTPUTS).iterdir()) == []


def test_a_song_too_long_for_its_memory_is_refused_before_it_is_decoded(forks: Forkclient, tmp_path: Path):
    small = Allowance(memory_bytes=160 * MIB, cpu_s=60, file_bytes=256 * MIB, strict=STRICT)

    events, _ = finish(forks, task_in(tmp_path, seconds=90.0, allowance=small))

    assert events[-1]["error"]["kind"] == "too_large"


def test_too_large_a_file_ends_as_exhausted(forks: Forkclient, tmp_path: Path):
    small = Allowance(memory_bytes=1024 * MIB, cpu_s=60, file_bytes=64 * 1024, strict=STRICT)

    events, _ = finish(forks, task_in(tmp_path, allowance=small))

    assert events[-1]["error"]["kind"] == "resources_exhausted"


def test_too_much_processor_time_ends_in_a_signal(forks: Forkclient, tmp_path: Path):
    short = Allowance(memory_bytes=1024 * MIB, cpu_s=0, file_bytes=256 * MIB, strict=STRICT)

    events, exit_code = finish(forks, task_in(tmp_path, seconds=240.0, allowance=short))

    assert -exit_code in {signal.SIGXCPU, signal.SIGKILL}
    assert "result" not in events[-1]


def test_a_task_can_be_ended_from_outside(forks: Forkclient, tmp_path: Path):
    with forks.run(task_in(tmp_path, seconds=120.0)) as child:
        next(child.follow(5.0))
        child.kill()
        assert child.wait().exit_code == -signal.SIGKILL

    assert finish(forks, task_in(tmp_path))[1] == 0


def test_a_task_that_is_halted_writes_nothing_more_and_one_that_has_ended_can_be_halted(
    forks: Forkclient, tmp_path: Path
):
    process = forkserver_of(forks)
    with forks.run(task_in(tmp_path, seconds=120.0)) as child:
        next(child.follow(5.0))
        child.halt()
        written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        time.sleep(0.3)
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == written
        assert child.wait().exit_code == -signal.SIGKILL
    with forks.run(task_in(tmp_path)) as child:
        list(child.follow(0.5))
        child.wait()
    assert process.children() == []


def test_when_the_warm_process_ends_its_children_end_and_the_worker_hears_of_it(tmp_path: Path):
    client = Forkclient()
    client.await_ready()
    with client.run(task_in(tmp_path, seconds=120.0)) as child:
        next(child.follow(5.0))
        (running,) = forkserver_of(client).children()
        os.kill(client._process.pid, signal.SIGKILL)
        list(child.follow(0.5))
        with pytest.raises(ForkserverLost):
            child.wait()

    assert client.lost.wait(5)
    deadline = time.monotonic() + 5
    while running.is_running() and running.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running.is_running() or running.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(ForkserverLost):
        client.run(task_in(tmp_path, name="job_2.1"))
    client.close()


def test_the_warm_process_is_ready_for_masters_and_loads_the_other_engines_when_there_is_nothing_to_do():
    client = Forkclient()
    client.await_ready()
    process = forkserver_of(client)
    at_first = process.memory_info().rss

    until(lambda: process.memory_info().rss > at_first + 100 * MIB)
    client.close()


REHEARSAL = """
import os, socket, sys, threading, time
from contextlib import suppress
from pathlib import Path
from soundrack.jobs import forkserver, kinds
from soundrack.jobs.task import Kind, Task
from soundrack.jobs.sandbox import Allowance

log = Path(sys.argv[1], "log")
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
forkserver.kernels_compiled = lambda _: False

def warm():
    with log.open("a") as file:
        print(os.getpid(), file=file)
    time.sleep(0.5)

def work():
    task = Task("job.1", Kind.CUT, Path(sys.argv[1]), {"target_s": 5.0}, Allowance(2**30, 5, 2**20, strict=False))
    reading, writing = os.pipe()
    socket.send_fds(ours, [task.to_json()], [writing])
    os.close(writing)
    second = Task("job.2", Kind.CUT, Path(sys.argv[1]), {"target_s": 5.0}, Allowance(2**30, 5, 2**20, strict=False))
    socket.send_fds(ours, [second.to_json()], [os.open("/dev/null", os.O_WRONLY)])
    ours.send(b'{"kill": "job.2"}')
    while chunk := os.read(reading, 4096):
        print(chunk.decode(), flush=True)
    ours.close()

thread = threading.Thread(target=work, daemon=True)
thread.start()
with suppress(ConnectionResetError):
    forkserver.Forkserver(theirs, [kinds.Engine(frozenset({Kind.CUT}), "composition", warm)]).serve()
print("parent", os.getpid())
"""


def test_what_must_be_compiled_is_compiled_by_a_child_and_tasks_wait_for_it(tmp_path: Path):
    (tmp_path / INPUTS).mkdir()

    done = subprocess.run(
        [sys.executable, "-c", REHEARSAL, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    rehearsed, warmed = (tmp_path / "log").read_text().split()
    assert done.stdout.splitlines()[-1] == f"parent {warmed}", done.stderr
    assert rehearsed != warmed
    assert '"error"' in done.stdout.splitlines()[0], "the task ran after that, and told that it has no source"
    assert done.stdout.count('"error"') == 1, "the one that was killed meanwhile did not"

"""Mastering after a reference: real music through a real server, and references that will not do."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import immich_memories_music
import numpy as np
import pyebur128
import pytest
import soundfile
from numpy.typing import NDArray

from tests.live import Live, noise, until, wav
from tests.web import Web, serving

TRACKS = Path(immich_memories_music.tracks_dir()) / "energetic"
SONG, RECORD = TRACKS / "energetic_acoustic_1.opus", TRACKS / "energetic_electronic_s411.opus"
RATE_HZ = 48_000
SECONDS = 15


def excerpt(path: Path) -> NDArray[np.float32]:
    samples: NDArray[np.float32]
    samples, rate_hz = soundfile.read(path, frames=(30 + SECONDS) * RATE_HZ, dtype="float32", always_2d=True)
    assert rate_hz == RATE_HZ
    return samples[-SECONDS * RATE_HZ :]


def lufs(samples: NDArray[np.float32]) -> float:
    """Integrated loudness by libebur128."""
    state = pyebur128.R128State(samples.shape[1], RATE_HZ, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(samples).reshape(-1), len(samples))
    found: float = pyebur128.get_loudness_global(state)
    return found


def at(samples: NDArray[np.float32], loudness: float) -> bytes:
    """Return a sound as a file of some loudness."""
    return wav(samples * 10.0 ** ((loudness - lufs(samples)) / 20.0), RATE_HZ, subtype="FLOAT")


def centroid_hz(samples: NDArray[np.float32]) -> float:
    """The middle of the spectrum: the brighter a sound, the higher."""
    power = np.abs(np.fft.rfft(samples.mean(axis=1))) ** 0.5
    return float((np.fft.rfftfreq(len(samples), 1.0 / RATE_HZ) * power).sum() / power.sum())


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    installation = Live(tmp_path_factory.mktemp("live") / "data", workers=2, outbound_allow="127.0.0.1")
    installation.serve()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def song() -> bytes:
    return wav(excerpt(SONG), RATE_HZ)


@pytest.fixture(scope="module")
def record() -> NDArray[np.float32]:
    return excerpt(RECORD)


@pytest.fixture
def web(song: bytes) -> Iterator[Web]:
    with serving(song=song, silent=wav(np.zeros((RATE_HZ, 2)), RATE_HZ), text=b"%PDF-1.7" + bytes(500)) as server:
        yield server


def master(job: dict[str, Any]) -> NDArray[np.float32]:
    assert job["status"] == "completed", job
    content = httpx2.get(job["output_url"]).raise_for_status().content
    samples: NDArray[np.float32] = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)[0]
    return samples


def plan(live: Live, job: dict[str, Any]) -> dict[str, Any]:
    ((report,),) = live.query("SELECT report FROM jobs WHERE id = ?", job["id"])
    found: dict[str, Any] = json.loads(report)["plan"]
    return found


def left(live: Live, job: dict[str, Any]) -> list[str]:
    """What is kept of a job: its result alone."""
    return [file for file in live.files() if job["id"] not in file and not file.startswith("objects/output/")]


@pytest.mark.parametrize(("theirs", "wanted"), [(-12.0, -12.0), (-24.0, -16.0), (-4.0, -7.0)])
def test_the_master_is_as_loud_as_its_reference_within_bounds(
    live: Live, song: bytes, record: NDArray[np.float32], theirs: float, wanted: float
):
    job = live.master(song, reference_url=live.upload(at(record, theirs)))

    assert plan(live, job)["loudness"]["target_lufs"] == pytest.approx(wanted, abs=0.1)
    if wanted < -8.0:  # louder than that, some songs cannot be without damage, and are told so
        assert lufs(master(job)) == pytest.approx(wanted, abs=0.15)
    until(lambda: left(live, job) == [])


def test_tone_follows_the_reference_and_dynamics_follow_the_preset(
    live: Live, song: bytes, record: NDArray[np.float32]
):
    dull, bright = record.copy(), np.diff(record, axis=0, prepend=record[:1])
    for _ in range(3):
        dull[1:] = 0.5 * (dull[1:] + dull[:-1])
    references = {name: live.upload(at(samples, -14.0)) for name, samples in (("dull", dull), ("bright", bright))}
    jobs = {
        (tone, preset): live.submit(live.upload(song), preset=preset, reference_url=references[tone])
        for tone, preset in (("dull", "balanced"), ("dull", "loud"), ("bright", "balanced"))
    }
    done = {key: live.finished(job["id"]) for key, job in jobs.items()}

    tones = {key: centroid_hz(master(job)) for key, job in done.items()}
    assert tones["dull", "balanced"] < tones["bright", "balanced"]
    balanced, loud = (plan(live, done["dull", preset]) for preset in ("balanced", "loud"))
    assert balanced["tone"] == loud["tone"]
    assert balanced["loudness"] == loud["loudness"]
    assert balanced["dynamics"] != loud["dynamics"]


def test_song_and_reference_at_the_callers_own_urls_are_fetched_and_forgotten(live: Live, web: Web):
    job = live.finished(live.submit(web.url("/song?signature=one"), reference_url=web.url("/song?signature=two"))["id"])

    assert len(master(job)) == SECONDS * RATE_HZ
    assert sorted(web.asked) == ["/song?signature=one", "/song?signature=two"]
    assert live.query("SELECT name, url FROM job_inputs WHERE job_id = ? ORDER BY name", job["id"]) == [
        ("reference", None),
        ("song", None),
    ]
    until(lambda: left(live, job) == [])
    assert "signature=" not in live.log.read_text()


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (wav(np.zeros((RATE_HZ, 2)), RATE_HZ), "validation_error", "silent"),
        (wav(noise(0.2)), "validation_error", "200 ms"),
        (b"fLaC" + bytes(5000), "unsupported_format", ""),
        (wav(noise(2))[:-1000], "validation_error", "truncated"),
    ],
    ids=["silent", "too short", "not decodable", "truncated"],
)
def test_an_upload_that_is_no_reference_fails_the_job_which_says_so(
    live: Live, song: bytes, content: bytes, code: str, told: str
):
    job = live.master(song, reference_url=live.upload(content))

    assert (job["status"], job["error"]["code"]) == ("failed", code), job
    assert job["error"]["message"].startswith("The reference cannot be used. ")
    assert told in job["error"]["message"]
    assert live.query("SELECT kind FROM credit_entries WHERE job_id = ? ORDER BY id", job["id"]) == [
        ("charge",),
        ("refund",),
    ]
    until(lambda: left(live, job) == [])


@pytest.mark.parametrize(
    ("path", "code", "names"),
    [
        ("/missing", "input_unreachable", "reference_url: "),
        ("/elsewhere", "input_unreachable", "reference_url: "),
        ("/text", "unsupported_format", "reference_url: "),
        ("/silent", "validation_error", "The reference "),
    ],
)
def test_a_url_that_gives_no_reference_fails_the_job_which_says_so(
    live: Live, web: Web, path: str, code: str, names: str
):
    job = live.finished(live.submit(web.url("/song"), reference_url=web.url(path))["id"])

    assert (job["status"], job["error"]["code"]) == ("failed", code), job
    assert job["error"]["message"].startswith(names)
    until(lambda: left(live, job) == [])

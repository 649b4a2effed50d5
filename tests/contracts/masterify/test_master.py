"""Masters on a real server, its worker included: from the form to the files."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import soundfile

from soundrack.accounts import keys, people
from soundrack.audio.containers import mp3_frame
from soundrack.billing import credits, subscriptions
from soundrack.rack import open_rack
from soundrack.service import Service
from tests.contracts.masterify.conftest import long_flac
from tests.contracts.masterify.test_uploads import FORM, MIB, B, part
from tests.live import Live, noise, until, wav
from tests.storage.test_streaming import HighWater

pytestmark = pytest.mark.one_database

TARGETS_LUFS = {"spotify": -14.0, "apple_music": -16.0}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    installation = Live(tmp_path_factory.mktemp("live") / "data", workers=2)
    installation.serve()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def client(live: Live) -> Iterator[httpx2.Client]:
    with open_rack(live.settings) as rack, rack.database.write() as connection:
        account = people.create(connection, "releases@example.com")
        credits.grant(connection, account.id, 20, "")
        subscriptions.subscribe_highest(connection, rack.plans, account.id)
        key = keys.create(connection, rack.secret, account.id, Service.MASTERIFY, "").token
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{live.settings.public_url}/masterify/api/v1"
    with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as opened:
        yield opened


def ended(client: httpx2.Client, content: bytes, name: str = "song.wav", **fields: Any) -> dict[str, Any]:
    """Send a song and return its job when it has ended."""
    files = {"file": (name, content)}
    if "reference" in fields:
        files["reference_file"] = ("record.wav", fields.pop("reference"))
    made = client.post("/master", files=files, data={"platforms": "spotify"} | fields).raise_for_status().json()

    def over() -> dict[str, Any] | None:
        time.sleep(0.6)  # the plan has 120 requests a minute
        job: dict[str, Any] = client.get(f"/jobs/{made['job_id']}").raise_for_status().json()
        return job if job["status"] in {"done", "failed"} else None

    job: dict[str, Any] = until(over, 90)
    return job


def test_two_platforms_are_mastered_and_come_as_a_zip_or_each_by_itself(client: httpx2.Client, tmp_path: Path):
    song = wav(noise(6.0, 48_000), 48_000, "PCM_24")

    job = ended(client, song, "나의 노래.wav", platforms="spotify,apple_music", genre="kpop", ai_service="suno")

    assert (job["status"], job["progress"], job["error_message"]) == ("done", 100, None)
    assert (job["genre"], job["ai_service"]) == ("kpop", "suno")
    for result in job["results"]:
        assert result["lufs"] == pytest.approx(TARGETS_LUFS[result["platform"]], abs=0.05)
        assert result["true_peak_db"] <= -0.99
        linked = httpx2.get(result["download_url"], trust_env=False).raise_for_status()
        alone = client.get(f"/jobs/{job['job_id']}/download", params={"platform": result["platform"]})
        assert linked.content == alone.content
        found = soundfile.info(io.BytesIO(linked.content))
        assert (found.format, found.subtype, found.samplerate, found.frames) == ("WAV", "PCM_24", 48_000, 6 * 48_000)
        assert "%EB%82%98" in linked.headers["content-disposition"]  # the song's own name, by the link too
    assert [one["platform"] for one in job["results"]] == ["spotify", "apple_music"]
    archive = client.get(f"/jobs/{job['job_id']}/download").raise_for_status()
    assert int(archive.headers["content-length"]) == len(archive.content)
    (tmp_path / "all.zip").write_bytes(archive.content)
    if unzip := shutil.which("unzip"):
        subprocess.run([unzip, "-tq", str(tmp_path / "all.zip")], check=True, stdout=subprocess.DEVNULL)
    with zipfile.ZipFile(tmp_path / "all.zip") as opened:
        assert opened.namelist() == ["나의 노래 - spotify.wav", "나의 노래 - apple_music.wav"]
        for name, result in zip(opened.namelist(), job["results"], strict=True):
            assert opened.read(name) == httpx2.get(result["download_url"], trust_env=False).content


def test_an_mp3_comes_back_at_44_100_hz_and_a_reference_is_followed(client: httpx2.Client):
    mp3 = io.BytesIO()
    soundfile.write(mp3, noise(4.0, 48_000), 48_000, format="MP3")

    job = ended(client, mp3.getvalue(), "a.mp3", tier="premium", reference=wav(noise(4.0, 44_100, level=0.3)))

    content = client.get(f"/jobs/{job['job_id']}/download").raise_for_status().content
    assert (job["status"], job["tier"], job["credits_used"]) == ("done", "premium", 2)
    assert soundfile.info(io.BytesIO(content)).samplerate == 44_100


def test_what_only_its_decoder_can_see_fails_the_job_and_is_refunded(client: httpx2.Client, live: Live):
    before = live.query("SELECT credit_balance FROM accounts WHERE email = 'releases@example.com'")

    silent, lying = ended(client, wav(noise(2.0) * 0)), ended(client, long_flac(0)[:400] + bytes(4000))

    assert [one["status"] for one in (silent, lying)] == ["failed", "failed"]
    assert silent["error_message"] == "오디오를 처리할 수 없습니다. 파일이 손상되었거나 무음이거나 너무 짧습니다"
    assert live.query("SELECT credit_balance FROM accounts WHERE email = 'releases@example.com'") == before


def test_a_length_that_no_header_tells_is_found_by_the_decoder_and_says_so(client: httpx2.Client):
    samples = wav(noise(1.0, 8000, 1) * 0 + 0.1, 8000, "PCM_U8")
    at = samples.index(b"data") + 4
    endless = samples[:at] + b"\xff\xff\xff\xff" + bytes(range(100, 156)) * (601 * 8000 // 56)

    job = ended(client, endless)

    assert (job["status"], job["error_message"]) == ("failed", "파일 길이가 10분을 초과합니다")


def test_ten_minutes_and_an_encoder_s_padding_are_ten_minutes(client: httpx2.Client):
    """What an encoder adds, and does not tell of, fails a song neither when it is sent nor when it is decoded."""
    mp3 = io.BytesIO()
    soundfile.write(mp3, noise(1.0, 8000, 1), 8000, format="MP3", subtype="MPEG_LAYER_III")
    frames = frames_of(mp3.getvalue())
    song = frames[1] * int(600.07 * 8000 / 576)  # without the frame that tells of it

    assert ended(client, song, "a.mp3")["status"] == "done"


def frames_of(content: bytes) -> list[bytes]:
    """Cut an MP3 without a tag into its frames."""
    found, at = [], 0
    while (frame := mp3_frame(content[at : at + 4])) is not None:
        found.append(content[at : at + frame.length])
        at += frame.length
    return found


def test_fifty_megabytes_take_a_few_of_the_server(live: Live, client: httpx2.Client):
    size = 50 * MIB

    def body() -> Iterator[bytes]:
        song = wav(noise(0.1), subtype="PCM_24")
        yield part("platforms", b"spotify") + part("file", b"", "a.wav").removesuffix(b"\r\n") + song
        for start in range(len(song), size, MIB):
            yield bytes(min(MIB, size - start))
        yield f"\r\n--{B}--\r\n".encode()

    with HighWater(live.processes[0].pid) as memory:
        response = client.post("/master", content=body(), headers={"Content-Type": FORM})

    assert response.status_code == 201, response.text
    assert memory.grown_mib < 16, f"{memory.grown_mib:.0f} MiB"

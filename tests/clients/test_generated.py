"""A client generated from BlackLab's description, type-checked, and let loose on a running server with a real song.

`make client` installs what it needs and runs it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import httpx2
import pyebur128
import pytest
import soundfile

from soundrack.audio import encoding, files
from soundrack.audio.encoding import Format
from tests.clients import environment
from tests.live import Live

SCRIPT = Path(__file__).with_name("song.py")

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(not environment.installed(), reason="`make client` installs the generator"),
]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """The song of `soundrack demo`, as WAV."""
    tracks = pytest.importorskip("immich_memories_music", reason="the song is in soundrack[demo]").tracks_dir()
    sound = files.read(Path(tracks) / "energetic" / "energetic_electronic_s411.opus")
    encoding.write(tmp_path / "song.wav", sound.samples, sound.rate_hz, Format.WAV)
    return tmp_path / "song.wav"


def run(*command: str, cwd: Path) -> str:
    path = f"{environment.program('python').parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(environment.program(command[0])), *command[1:]],
        cwd=cwd,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(cwd / "generated"), "MYPYPATH": str(cwd / "generated")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def integrated_lufs(path: Path) -> float:
    samples, rate_hz = soundfile.read(path, dtype="float64", always_2d=True)
    meter = pyebur128.R128State(samples.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(samples.reshape(-1), samples.shape[0])
    loudness: float = pyebur128.get_loudness_global(meter)
    return loudness


def test_a_generated_client_compiles_and_masters_a_song(tmp_path: Path, song: Path):
    live = Live(tmp_path / "data")
    live.serve()
    try:
        base_url = f"{live.settings.public_url}/blacklab"
        (tmp_path / "openapi.json").write_bytes(httpx2.get(f"{base_url}/openapi.json").raise_for_status().content)
        run(
            *("openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "generated"),
            "--fail-on-warning",
            cwd=tmp_path,
        )
        run("python", "-m", "compileall", "-q", "generated", cwd=tmp_path)
        run("mypy", "generated/black_lab_client", cwd=tmp_path)
        run("mypy", "--strict", str(SCRIPT), cwd=tmp_path)
        with live.client as client:
            key = client.headers["Authorization"].removeprefix("Bearer ")

        said = json.loads(run("python", str(SCRIPT), base_url, key, str(song), "master.flac", cwd=tmp_path))
    finally:
        live.stop()

    before_lufs, after_lufs = integrated_lufs(song), integrated_lufs(tmp_path / "master.flac")
    print(f"\n{json.dumps(said)}; {before_lufs:.2f} LUFS before, {after_lufs:.2f} after")
    assert said == {
        "status": "completed",
        "same_job": True,
        "charged": 1,
        "late": True,
        "none": True,
        "listed": [True],
        "has_more": False,
    }
    assert after_lufs == pytest.approx(-14.0, abs=0.05)

"""``kill -9`` while a song arrives in a form: no job, no charge, and in time nothing is left of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.live import SOUNDRACK, Live, noise, until, wav

pytestmark = pytest.mark.faults

SONG = wav(noise(180, 48_000), 48_000)
BOUNDARY = "a-boundary"
BEFORE = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="platforms"\r\n\r\nspotify\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
).encode()
AFTER = f"\r\n--{BOUNDARY}--\r\n".encode()
LONG_AGO = "2001-01-01 00:00:00.000000"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    installation = Live(tmp_path / "data", workers=1)
    yield installation
    installation.kill_everything()


@pytest.fixture
def key(live: Live) -> str:
    live.serve()
    made = subprocess.run(
        [*SOUNDRACK, "keys", "create", "masterify", "--label", "tests", "--json"],
        env=os.environ | live.settings.environment(),
        capture_output=True,
        check=True,
    )
    found: str = json.loads(made.stdout)["key"]
    return found


def send(live: Live, key: str, content: Iterator[bytes]) -> httpx2.Response:
    return httpx2.post(
        f"{live.settings.public_url}/masterify/api/v1/master",
        content=content,
        headers={"Authorization": f"Bearer {key}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        timeout=60,
    )


def test_nothing_is_charged_or_kept_of_a_song_that_a_kill_cut_off(live: Live, key: str):
    def dying() -> Iterator[bytes]:
        yield BEFORE
        yield SONG[:20_000_000]
        until(lambda: sum((live.settings.data / name).stat().st_size for name in live.files()) > 4_000_000)
        live.kill_everything()
        yield SONG[20_000_000:] + AFTER

    with pytest.raises(httpx2.TransportError):
        send(live, key, dying())

    assert live.query("SELECT count(*) FROM jobs") == [(0,)]
    assert live.query("SELECT count(*) FROM credit_entries WHERE kind = 'charge'") == [(0,)]
    assert live.files() != []
    live.change(f"UPDATE assets SET created_at = '{LONG_AGO}'")  # noqa: S608
    for name in live.files():
        os.utime(live.settings.data / name, (0, 0))
    live.serve()
    until(lambda: live.files() == [])

    whole = send(live, key, iter([BEFORE, SONG, AFTER]))
    assert whole.status_code == 201, whole.text

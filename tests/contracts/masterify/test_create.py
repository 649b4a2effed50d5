"""Document, "Create Mastering Job": what is taken, what is refused, and that nothing of what is refused stays."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.database.tables import assets, jobs
from soundrack.jobs import inputs, submission
from soundrack.jobs.receiving import Reception
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.arriving import Body
from soundrack.services.masterify import intake
from tests.contracts.masterify.conftest import FLAC, MASTER, WAV, Master, long_flac, mp3, stored

pytestmark = pytest.mark.one_database

BOUNDARY = "----here"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def rows(rack: Rack) -> list[Any]:
    with rack.database.read() as connection:
        return list(connection.execute(select(jobs.c.parameters, jobs.c.credits_charged, jobs.c.webhook_url)))


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
GOOD = part("platforms", b"spotify") + part("file", WAV, "a.wav") + END


@pytest.fixture
def nothing_is_kept(rack: Rack, account: Account) -> Iterator[None]:
    """What is refused has cost nothing, and left neither file nor row."""
    yield
    assert stored(rack) == []
    assert rows(rack) == []
    with rack.database.read() as connection:
        assert connection.execute(select(assets.c.id)).all() == []
        assert credits.balance(connection, account.id) == 100


@pytest.mark.parametrize(
    ("content", "kind"), [(WAV, "audio/wav"), (FLAC, "audio/flac"), (mp3(), "audio/mpeg")], ids=["WAV", "FLAC", "MP3"]
)
def test_a_song_is_known_by_its_content_and_not_by_its_name(master: Master, rack: Rack, content: bytes, kind: str):
    response = master(content, "song.txt")

    assert response.status_code == 201, response.text
    assert UUID4.fullmatch(response.json()["job_id"])
    with rack.database.read() as connection:
        (asset,) = connection.execute(select(assets)).all()
    assert (asset.content_type, asset.size_bytes, asset.filename) == (kind, len(content), "song.txt")
    assert rack.store.head(asset.object_key, len(content) + 1) == content


def test_what_is_left_out_or_left_blank_is_the_default(master: Master, rack: Rack):
    for fields in ({}, {"genre": "", "ai_service": " ", "tier": "", "webhook_url": ""}):
        assert master(**fields).status_code == 201

    first, second = rows(rack)
    assert first == second
    assert first.parameters == {
        "platforms": ["spotify"],
        "genre": "other",
        "ai_service": "other",
        "premium": False,
        "most_s": 600.1,
        "title": "song",
    }
    assert (first.credits_charged, first.webhook_url) == (1, None)


def test_every_choice_reaches_the_job(master: Master, rack: Rack):
    response = master(
        platforms=" melon, spotify ,melon,,",
        genre="kpop",
        ai_service="suno",
        tier="premium",
        webhook_url="https://93.184.216.34/hook?id=1",
        reference=FLAC,
    )

    assert response.json()["platforms"] == ["melon", "spotify"]
    assert (response.json()["credits_used"], response.json()["credits_remaining"]) == (2, 98)
    (row,) = rows(rack)
    chosen = {"platforms": ["melon", "spotify"], "genre": "kpop", "ai_service": "suno", "premium": True}
    assert row.parameters == chosen | {"most_s": 600.1, "title": "song"}
    assert row.webhook_url == "https://93.184.216.34/hook?id=1"
    assert len(stored(rack)) == 2


@pytest.mark.usefixtures("nothing_is_kept")
@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"platforms": ""}, "INVALID_REQUEST", "platforms"),
        ({"platforms": ", ,"}, "INVALID_REQUEST", "platforms"),
        ({"platforms": "Spotify"}, "INVALID_PLATFORM", "Spotify"),
        ({"platforms": "spotify;melon"}, "INVALID_PLATFORM", "spotify;melon"),
        ({"platforms": ["spotify", "melon"]}, "INVALID_REQUEST", "platforms"),
        ({"genre": "polka"}, "INVALID_REQUEST", "genre"),
        ({"ai_service": "SUNO"}, "INVALID_REQUEST", "ai_service"),
        ({"tier": "gold"}, "INVALID_REQUEST", "tier"),
        ({"tier": "g" * 20_000}, "INVALID_REQUEST", "tier"),
        ({"webhook_url": "ftp://example.com"}, "INVALID_REQUEST", "webhook_url"),
        ({"webhook_url": "http://127.0.0.1/hook"}, "INVALID_REQUEST", "webhook_url"),
        ({"webhook_url": "http://169.254.169.254/latest"}, "INVALID_REQUEST", "webhook_url"),
        ({"reference": b"no song"}, "UNSUPPORTED_FORMAT", "reference_file"),
        ({"reference": long_flac(601)}, "FILE_TOO_LONG", "reference_file"),
        ({"content": b""}, "INVALID_REQUEST", "file"),
        ({"content": b"FORM\0\0\0\0AIFF" + bytes(100)}, "UNSUPPORTED_FORMAT", "file"),
        ({"content": b"OggS" + bytes(100)}, "UNSUPPORTED_FORMAT", "file"),
        ({"content": long_flac(601)}, "FILE_TOO_LONG", "10"),
    ],
)
def test_what_is_wrong_is_refused_by_name(master: Master, fields: dict[str, Any], code: str, said: str):
    response = master(**fields)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == code
    assert said in response.json()["error"]["message"]


def test_ten_minutes_are_not_too_long(master: Master):
    assert master(long_flac(600)).status_code == 201


@pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 400)])
def test_fifty_megabytes_are_taken_and_a_byte_more_is_refused(master: Master, rack: Rack, more: int, status: int):
    head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0\4\0\x10\0data\xff\xff\xff\xff"

    response = master(head + bytes(50 * 2**20 - len(head) + more))

    assert response.status_code == status, response.text
    assert len(stored(rack)) == (status == 201)
    if more:
        assert response.json()["error"]["code"] == "FILE_TOO_LARGE"


@pytest.mark.usefixtures("nothing_is_kept")
@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Content-Type": "application/json"}, b"{}"),
        ({"Content-Type": "multipart/form-data"}, GOOD),
        ({"Content-Type": "multipart/form-data; boundary="}, GOOD),
        ({"Content-Type": f"multipart/form-data; boundary={'b' * 71}"}, GOOD),
        ({"Content-Type": "multipart/mixed; boundary=----here"}, GOOD),
        ({}, b""),
        (FORM, b""),
        (FORM, END),
        (FORM, b"no boundary at all"),
        (FORM, GOOD[: -len(END)]),
        (FORM, GOOD[:-200]),
        (FORM, part("platforms", b"spotify") + END),
        (FORM, part("file", WAV, "a.wav") + END),
        (FORM, part("platforms", b"spotify") + part("file", WAV, "a.wav") + part("file", WAV, "b.wav") + END),
        (FORM, part("file", WAV, "a.wav") + part("platforms", b"spotify") + part("platforms", b"melon") + END),
        (FORM, part("platforms", b"\xff\xfe") + part("file", WAV, "a.wav") + END),
        (FORM, part("platforms", b"spotify\0") + part("file", WAV, "a.wav") + END),
        (FORM, b"".join(part(f"x{number}", b"") for number in range(101)) + GOOD),
        (FORM, part("x" * 5000, b"") + GOOD),
        (FORM, GOOD.replace(b'name="file"', b'nome="file"')),
        (FORM, GOOD.replace(b'a.wav"\r\n', b'a.wav"\r\nContent-Transfer-Encoding: base64\r\n')),
        (FORM, GOOD.replace(b"\r\n\r\nRIFF", b"\r\n" + b"X-A: b\r\n" * 9 + b"\r\nRIFF")),
    ],
)
def test_a_hostile_form_is_refused_and_leaves_nothing(client: TestClient, headers: dict[str, str], content: bytes):
    response = client.post(MASTER, content=content, headers=headers)

    assert response.status_code == 400, response.text
    assert response.json()["error"]["code"] == "INVALID_REQUEST"
    assert len(response.content) < 1000


def test_fields_that_nobody_knows_are_ignored(client: TestClient):
    unknown = part("status", b"done") + part("credits_used", b"0") + part("job_id", b"mine") + part("x", WAV, "x.wav")

    response = client.post(MASTER, content=unknown + GOOD, headers=FORM)

    assert response.status_code == 201
    assert response.json()["credits_used"] == 1
    assert response.json()["job_id"] != "mine"


def test_a_hostile_name_becomes_a_harmless_title(client: TestClient, rack: Rack):
    hostile = GOOD.replace(b'"a.wav"', b'"../../etc/\x01\x07 <b>:*?.wav"')

    assert client.post(MASTER, content=hostile, headers=FORM).status_code == 201
    (row,) = rows(rack)
    assert not re.search(r'[<>:"|?*\\/\x00-\x1f]', row.parameters["title"])


@pytest.mark.usefixtures("nothing_is_kept")
def test_nothing_is_left_of_an_upload_that_breaks_off(client: TestClient, rack: Rack, monkeypatch: pytest.MonkeyPatch):
    read = Body.chunks

    async def broken(body: Body) -> Any:
        async for chunk in read(body):
            yield chunk[: len(chunk) // 2]
            assert len(stored(rack)) <= 1
            raise ClientDisconnect

    monkeypatch.setattr(Body, "chunks", broken)

    assert client.post(MASTER, content=GOOD, headers=FORM).status_code == 400


@pytest.mark.usefixtures("nothing_is_kept")
def test_nothing_is_left_when_the_job_cannot_be_written(master: Master, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(submission, "submit", broken)

    response = master(reference=FLAC)

    assert (response.status_code, response.json()["error"]["code"]) == (500, "INTERNAL_ERROR")


@pytest.mark.usefixtures("nothing_is_kept")
def test_who_lost_the_race_for_the_last_credit_is_refused_and_leaves_nothing(
    master: Master, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch
):
    """The balance is looked at before the song, and judged with the job; in between somebody else has spent it."""
    with rack.database.write() as connection:
        credits.charge(connection, account.id, 100, "all", service=Service.MASTERIFY)
    monkeypatch.setattr(intake, "_check_means", lambda *_: None)

    assert master().status_code == 402
    with rack.database.write() as connection:
        credits.grant(connection, account.id, 100, "back")


def test_a_stream_that_stops_is_refused_in_time(rack: Rack, client: TestClient, monkeypatch: pytest.MonkeyPatch):
    impatient = rack.settings.model_copy(update={"upload_silence_s": 0.01})
    object.__setattr__(rack, "settings", impatient)

    async def silent(*_: object) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr("starlette.requests.Request.receive", property(lambda _self: silent))
    monkeypatch.setattr("soundrack.services.arriving.LINGERING_S", 0.01)

    response = client.post(MASTER, content=GOOD, headers=FORM | {"Accept-Language": "en"})

    assert response.json()["error"]["message"] == "The upload took too long. Please try again."
    assert stored(rack) == []


def test_a_refused_request_costs_no_room(rack: Rack, account: Account, master: Master):
    """On a plan with one job at once, a job can be sent after ten that were refused."""
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.MASTERIFY, "free")

    assert [master(b"no").status_code for _ in range(3)] == [400, 400, 400]
    assert master().status_code == 201


def test_an_upload_whose_server_died_is_found_by_whoever_expires_uploads(
    client: TestClient, rack: Rack, monkeypatch: pytest.MonkeyPatch
):
    """The row is written before the first byte; a dead process takes nothing back."""

    async def dead(_self: Reception) -> None:
        """Take nothing back."""

    monkeypatch.setattr(Reception, "take_back", dead)
    client.post(MASTER, content=part("file", WAV, "a.wav") + END, headers=FORM)
    assert len(stored(rack)) == 1
    later = clock.now() + timedelta(hours=rack.settings.input_retention_h, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    inputs.expire(rack.database, timedelta(hours=rack.settings.input_retention_h))
    inputs.purge(rack.database, rack.store)

    assert stored(rack) == []

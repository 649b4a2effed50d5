"""Analyses on a real server, its worker and courier included: from the form to the result, and what becomes of the
audio. What happens to one that is killed is in `tests/faults/test_signalkey.py`."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import soundfile

from soundrack.accounts import keys, people
from soundrack.accounts.keys import NewKey
from soundrack.billing import subscriptions
from soundrack.rack import open_rack
from soundrack.service import Service
from tests.analysis import songs
from tests.contracts.masterify.conftest import long_flac
from tests.contracts.signalkey.test_printed import RESULT, excerpt, values
from tests.contracts.signalkey.test_webhooks import without_links
from tests.live import Live, until, wav
from tests.receiver import Receiver

pytestmark = pytest.mark.one_database

SONG = wav(songs.song(24.0))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    installation = Live(tmp_path_factory.mktemp("live") / "data", workers=1, outbound_allow="127.0.0.1")
    installation.serve()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def key(live: Live) -> NewKey:
    with open_rack(live.settings) as rack, rack.database.write() as connection:
        account = people.create(connection, "analyses@example.com")
        subscriptions.subscribe_highest(connection, rack.plans, account.id)
        return keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "")


@pytest.fixture(scope="module")
def client(live: Live, key: NewKey) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {key.token}"}
    with httpx2.Client(
        base_url=f"{live.settings.public_url}/signalkey", headers=headers, trust_env=False, timeout=60
    ) as opened:
        yield opened


def submitted(client: httpx2.Client, content: bytes, name: str = "Night Bus.wav", **fields: str) -> str:
    """Send a song and return the path of its job."""
    made = client.post("/api/v1/analyze", files={"file": (name, content)}, data=fields).raise_for_status().json()
    path: str = made["poll_url"]
    return path


def ended(client: httpx2.Client, path: str) -> httpx2.Response:
    def over() -> httpx2.Response | None:
        answer = client.get(path)
        return answer if answer.status_code != 202 else None

    answer: httpx2.Response = until(over, 90)
    return answer


def audio(live: Live) -> list[str]:
    """Every file of a song that is still there: what was uploaded, and what a job was given of it."""
    return [name for name in live.files() if "assets" in name or "inputs" in name]


def test_poll_stream_and_webhook_tell_the_same_of_a_song_and_its_links_work(
    live: Live, client: httpx2.Client, key: NewKey
):
    with Receiver() as receiver:
        path = submitted(client, SONG, webhook_url=receiver.url)
        answer = ended(client, path)
        delivery = until(lambda: next(iter(receiver.kept.values()), None))

    body: dict[str, Any] = answer.json()
    assert answer.status_code == 200
    assert body["id"] == path.rpartition("/")[2]
    assert body["file_meta"]["filename"] == "Night Bus.wav"
    assert body["file_meta"]["duration_sec"] == 24.0
    assert body["tempo"]["bpm"] == pytest.approx(120, abs=1)
    (result,) = re.findall(r"^event: result\ndata: (.*)$", client.get(f"{path}/stream").text, re.MULTILINE)
    assert without_links(json.loads(result)) == without_links(body) == without_links(delivery.body)
    midi = httpx2.get(body["create_report"]["midi_url"], trust_env=False).raise_for_status()
    assert midi.content[:4] == b"MThd"
    assert 'filename="Night Bus.mid"' in midi.headers["content-disposition"]
    for url in body["release_kit"]["pictures"].values():
        assert httpx2.get(url, trust_env=False).raise_for_status().content[1:4] == b"PNG"
    assert audio(live) == []


def test_a_real_result_is_valid_by_the_description_and_has_every_printed_field(client: httpx2.Client):
    body = ended(client, submitted(client, SONG)).json()

    document = client.get("/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Result", "components": document["components"]}
    assert list(jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(body)) == []
    told = {path for path, _, _ in values(excerpt(RESULT), body, null_is_an_answer=True)}
    assert len(told) == 21  # 19 values, and two that the document abbreviates


def test_the_audio_of_an_analysis_that_failed_is_deleted(live: Live, client: httpx2.Client):
    answer = ended(client, submitted(client, long_flac(0)[:400] + bytes(4000)))

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "analysis_failed")
    until(lambda: audio(live) == [], 10)


def test_an_ogg_and_an_mp3_are_analysed(client: httpx2.Client):
    samples, rate_hz = soundfile.read(io.BytesIO(wav(songs.song(6.0))))
    for form, encoding in (("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")):
        content = io.BytesIO()
        soundfile.write(content, samples, rate_hz, format=form, subtype=encoding)

        body = ended(client, submitted(client, content.getvalue(), f"a.{form.lower()}")).json()

        assert body["file_meta"]["container"] == form.lower()

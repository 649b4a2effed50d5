"""Every flow of the hub in a real n8n, against a running Soundrack: each song comes back mastered, or why it could not.

`make n8n` installs n8n and runs this. Drive, Slack, Airtable and the mail server are stand-ins behind their own names.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np
import pyebur128
import pytest
import soundfile
from templates.source.files import files
from templates.source.words import LANGUAGES, Words

from tests.live import SOUNDRACK, Live, noise, until, wav
from tests.templates.n8n import installation
from tests.templates.n8n.server import N8n
from tests.templates.n8n.standins import Airtable, Standins

pytestmark = [
    pytest.mark.n8n,
    pytest.mark.skipif(not installation.installed(), reason="`make n8n` installs n8n"),
]

NAMES = ("drive-to-slack", "airtable-queue", "form-to-mail")
WITHIN_S = 300.0
"""A refusal for too many jobs is waited for a minute, and a callback that comes too early is sent again."""
SONG = wav(noise(6.0))
NO_SONG = b"These are the lyrics and not the song.\n" * 9
SILENCE = wav(np.zeros((44_100 * 6, 2)))
CLIENT = "client@example.com"


@dataclass
class Hub:
    """An n8n with the flows of one language, the services that they use, and the texts that they say."""

    say: Words
    n8n: N8n
    standins: Standins

    def statuses(self) -> dict[str, list[str]]:
        """Return how the executions of each flow stand."""
        return {name: [status for _, status in self.n8n.executions(self.say(name))] for name in NAMES}

    def have_ended(self, at_least: Mapping[str, int]) -> bool:
        """Return whether these flows were executed so often, and no execution goes on."""
        statuses = self.statuses()
        return all(
            len(statuses[name]) >= count and not {"new", "running", "waiting"} & set(statuses[name])
            for name, count in at_least.items()
        )


@pytest.fixture(scope="module")
def masterify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The base URL of a running Masterify that may call n8n back, and a key."""
    live = Live(tmp_path_factory.mktemp("soundrack") / "data", outbound_allow="127.0.0.1")
    try:
        live.serve()
        made = subprocess.run(
            [*SOUNDRACK, "keys", "create", "masterify", "--label", "tests", "--json"],
            env=os.environ | live.settings.environment(),
            capture_output=True,
            check=True,
        )
        yield f"{live.settings.public_url}/masterify", json.loads(made.stdout)["key"]
    finally:
        live.kill_everything()


@pytest.fixture(scope="module", params=LANGUAGES)
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, masterify: tuple[str, str]
) -> Iterator[Hub]:
    """All flows of a language have run on a song, on what is none, and on one that cannot be mastered."""
    say = Words(request.param)
    folder = tmp_path_factory.mktemp("n8n")
    base_url, key = masterify
    airtable = Airtable(say("column_status"), say("column_audio"), say("column_modified"))
    with Standins(folder, airtable) as standins:
        n8n = N8n(folder, standins.proxy_url, standins.certificate)
        found = Hub(say, n8n, standins)
        for name, content in (
            ("night-bus.wav", SONG),
            ("밤 버스.wav", SONG),
            ("lyrics.wav", NO_SONG),
            ("0.wav", SILENCE),
        ):
            standins.drive.put(name, content)
        for content in (SONG, NO_SONG, SILENCE):
            airtable.put(content)
        try:
            n8n.take(flows(say.language, base_url), credentials(say, key, standins.smtp_port))
            n8n.publish([say(name) for name in NAMES])
            n8n.start()
            fill_in(found, SONG, NO_SONG, SILENCE)
            until(lambda: found.have_ended({"drive-to-slack": 1, "airtable-queue": 1, "form-to-mail": 3}), WITHIN_S)
            yield found
        finally:
            n8n.stop()


@pytest.fixture(scope="module")
def unreachable(tmp_path_factory: pytest.TempPathFactory, masterify: tuple[str, str]) -> Iterator[Hub]:
    """No callback finds the way to this n8n, whose flows wait a minute for one, and not ten."""
    say = Words("en")
    folder = tmp_path_factory.mktemp("unreachable")
    base_url, key = masterify
    airtable = Airtable(say("column_status"), say("column_audio"), say("column_modified"))
    with Standins(folder, airtable) as standins:
        n8n = N8n(folder, standins.proxy_url, standins.certificate, called_back=False)
        found = Hub(say, n8n, standins)
        taken = flows(say.language, base_url)
        (waiting,) = [
            node["parameters"]
            for node in taken["n8n-form-to-mail.en.json"]["nodes"]
            if node["parameters"].get("limitWaitTime")
        ]
        waiting["resumeAmount"] = 1
        try:
            n8n.take(taken, credentials(say, key, standins.smtp_port))
            n8n.publish([say("form-to-mail")])
            n8n.start()
            fill_in(found, SONG, SILENCE)
            until(lambda: found.have_ended({"form-to-mail": 2}), WITHIN_S)
            yield found
        finally:
            n8n.stop()


def flows(language: str, base_url: str) -> dict[str, Any]:
    """The files as they are, but for the address of the server, which is in one node."""
    taken = {
        name: json.loads(text) for name, text in files().items() if name.startswith("n8n-") and f".{language}." in name
    }
    for flow in taken.values():
        (given,) = [
            given
            for node in flow["nodes"]
            for given in node["parameters"].get("assignments", {}).get("assignments", [])
            if given["name"] == "base_url"
        ]
        given["value"] = base_url
    return taken


def credentials(say: Words, key: str, smtp_port: int) -> list[dict[str, Any]]:
    """Named as the nodes name them, so that n8n finds them."""
    drive = {"access_token": "standin", "refresh_token": "standin", "token_type": "Bearer", "expires_in": 3600}
    mail_server = {"host": "127.0.0.1", "port": smtp_port, "secure": False, "disableStartTls": True}
    data: dict[str, dict[str, Any]] = {
        "httpBearerAuth": {"token": key},
        "slackApi": {"accessToken": "standin"},
        "airtableTokenApi": {"accessToken": "standin"},
        "googleDriveOAuth2Api": {"clientId": "standin", "clientSecret": "standin", "oauthTokenData": drive},
        "smtp": {"user": "", "password": "", **mail_server},
    }
    return [
        {"id": f"credential{number}", "name": say(kind), "type": kind, "data": told}
        for number, (kind, told) in enumerate(data.items())
    ]


def fill_in(hub: Hub, *songs: bytes) -> None:
    """Send the form once for each song."""
    form = f"{hub.n8n.url}/form/masterify-{hub.say.language}"
    until(lambda: httpx2.get(form).status_code == 200)
    for song in songs:
        sent = httpx2.post(form, data={"field-0": CLIENT}, files={"field-1": ("a.wav", song, "audio/wav")}, timeout=60)
        assert sent.status_code == 200, sent.text


def loudness(content: bytes) -> float:
    samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float64", always_2d=True)
    meter = pyebur128.R128State(samples.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(samples.reshape(-1), samples.shape[0])
    lufs: float = pyebur128.get_loudness_global(meter)
    return lufs


def is_master(content: bytes) -> bool:
    """Whether it is a WAV with 24 bits, as loud as Spotify plays."""
    about = soundfile.info(io.BytesIO(content))
    return (about.format, about.subtype) == ("WAV", "PCM_24") and abs(loudness(content) + 14) < 1


def test_every_execution_succeeds(hub: Hub):
    assert {status for found in hub.statuses().values() for status in found} == {"success"}, hub.statuses()


def test_songs_of_the_drive_come_into_the_channel(hub: Hub):
    slack, say = hub.standins.slack, hub.say

    assert [comment for _, comment, _ in slack.files] == [
        say("slack_done", file=name) for name in ("night-bus.wav", "밤 버스.wav")
    ]
    assert all(is_master(content) for _, _, content in slack.files)


def test_what_fails_is_told_in_the_channel_with_the_reason(hub: Hub):
    for file, told in zip(("lyrics.wav", "0.wav"), hub.standins.slack.messages, strict=True):
        before, after = hub.say("slack_failed", file=file, why="\0").split("\0")

        assert is_reason(told.removeprefix(before).removesuffix(after), told)


def test_rows_get_their_status_and_link_or_reason(hub: Hub):
    airtable, say = hub.standins.airtable, hub.say
    done, refused, failed = airtable.rows.values()

    assert [row[airtable.status] for row in (done, refused, failed)] == ["done", "failed", "failed"]
    assert is_master(httpx2.get(done[say("column_master")], timeout=60).content)
    for row in (refused, failed):
        assert is_reason(row[say("column_error")])
        assert say("column_master") not in row


def test_a_row_goes_from_step_to_step_and_is_taken_once(hub: Hub):
    airtable = hub.standins.airtable

    assert [[status for of, status in airtable.history if of == row] for row in airtable.rows] == [
        ["processing", "done"],
        ["failed"],
        ["processing", "failed"],
    ]


def test_the_client_gets_the_master_and_the_studio_what_failed(hub: Hub):
    say, mails = hub.say, hub.standins.mailbox.mails
    done = [mail for mail in mails if mail["To"] == CLIENT]
    failed = [mail for mail in mails if mail["To"] == "studio@example.com"]

    assert len(mails) == 3
    assert [mail["Subject"] for mail in done] == [say("mail_done_subject")]
    assert [is_master(attached.get_content()) for attached in done[0].iter_attachments()] == [True]
    assert [(mail["Subject"], mail["Reply-To"]) for mail in failed] == [(say("mail_failed_subject"), CLIENT)] * 2


def test_without_a_callback_the_flow_asks_until_it_knows(unreachable: Hub):
    mails = {mail["Subject"]: mail for mail in unreachable.standins.mailbox.mails}

    assert set(mails) == {unreachable.say("mail_done_subject"), unreachable.say("mail_failed_subject")}
    done = mails[unreachable.say("mail_done_subject")]
    assert [is_master(attached.get_content()) for attached in done.iter_attachments()] == [True]
    assert set(unreachable.statuses()["form-to-mail"]) == {"success"}


def test_n8n_called_nobody_else(hub: Hub):
    assert hub.standins.strangers == []
    assert hub.standins.mistakes == []


def is_reason(text: str, whole: str = "") -> bool:
    """Whether it is a sentence, and not an expression that came to nothing."""
    return text not in {"", whole, "undefined", "null", "[object Object]"} and len(text) > 10

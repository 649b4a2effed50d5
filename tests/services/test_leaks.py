"""The door at which alerts of leaked keys arrive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys, leaks
from soundrack.accounts.keys import NewKey, State
from soundrack.accounts.people import Account
from soundrack.billing.windows import Rate
from soundrack.database.tables import audit_entries
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.services import leaks as door
from soundrack.settings import Settings
from tests.accounts.signed import PRIVATE, pem, published, signature

URL = "https://code.example/octo/hello/blob/main/foo.txt"


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return published(tmp_path / "alert-keys.json", ("now", pem(PRIVATE), True))


@pytest.fixture
def settings(settings: Settings, keys_file: Path) -> Settings:
    return settings.model_copy(update={"leak_alert_keys": keys_file})


@pytest.fixture
def client(rack: Rack) -> Iterator[TestClient]:
    with TestClient(app.create(rack), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def key(rack: Rack, account: Account) -> NewKey:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, Service.SOUNDPIECE, "mixer")


def post(client: TestClient, content: Any, **headers: str) -> Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signed = {
        "Content-Type": "application/json",
        "Github-Public-Key-Identifier": "now",
        "Github-Public-Key-Signature": signature(body),
    }
    answer: Response = client.post("/leaks/alerts", content=body, headers=signed | headers)
    return answer


def match(token: str, **rest: str) -> dict[str, str]:
    return {"token": token, "type": "soundrack_soundpiece_key", "url": URL, "source": "content"} | rest


def unseen(rack: Rack, account: Account) -> list[leaks.Report]:
    with rack.database.read() as connection:
        return leaks.unseen(connection, account.id)


def state(rack: Rack, account: Account, key: NewKey) -> State:
    with rack.database.read() as connection:
        return keys.get(connection, account.id, key.id).state


def test_a_signed_alert_is_taken_in_and_answered_with_a_label_for_each_match(
    client: TestClient, rack: Rack, account: Account, key: NewKey
):
    answer = post(client, [match(key.token), match("spk_none", type="other")])

    assert answer.status_code == 200
    assert [(entry["label"], entry["token_type"]) for entry in answer.json()] == [
        ("true_positive", "soundrack_soundpiece_key"),
        ("false_positive", "other"),
    ]
    assert key.token not in answer.text
    assert [told.url for told in unseen(rack, account)] == [URL]
    assert state(rack, account, key) is State.ACTIVE


def test_where_an_alert_came_from_is_audited(client: TestClient, rack: Rack, key: NewKey):
    answer = post(client, [match(key.token)], **{"X-Request-Id": "alert-1"})
    with rack.database.read() as connection:
        row = connection.execute(select(audit_entries).where(audit_entries.c.event == "key.leaked")).one()

    assert (row.actor, row.request_id) == ("leak alert", "alert-1")
    assert answer.headers["X-Request-Id"] == "alert-1"


def test_a_replay_is_harmless(client: TestClient, rack: Rack, account: Account, key: NewKey):
    first, second = (post(client, [match(key.token)]) for _ in range(2))

    assert first.json() == second.json()
    assert len(unseen(rack, account)) == 1


def test_a_key_is_revoked_by_an_alert_if_the_operator_wishes(settings: Settings, rack: Rack, account: Account, key):
    with (
        open_rack(settings.model_copy(update={"leak_revokes": True})) as strict,
        TestClient(app.create(strict)) as client,
    ):
        assert post(client, [match(key.token)]).status_code == 200

    assert state(rack, account, key) is State.REVOKED


@pytest.mark.one_database
@pytest.mark.parametrize(
    "headers",
    [
        {"Github-Public-Key-Identifier": "unknown"},
        {"Github-Public-Key-Identifier": ""},
        {"Github-Public-Key-Signature": ""},
        {"Github-Public-Key-Signature": signature(b"something else")},
    ],
)
def test_an_alert_that_is_not_signed_by_a_listed_key_changes_nothing(
    client: TestClient, rack: Rack, account: Account, key: NewKey, headers: dict[str, str]
):
    answer = post(client, [match(key.token)], **headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_authenticated"
    assert unseen(rack, account) == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 400),
        (b"[" * 100_000, 400),
        (b"\xff" * 1000, 400),
        (b"{}", 422),
        (b'[{"token": 1, "type": "t"}]', 422),
        (json.dumps([match("x")] * 1001).encode(), 413),
        (b"[" + b" " * 1024 * 1024, 413),
    ],
    ids=["text", "deep", "bytes", "object", "number", "many", "huge"],
)
def test_a_signed_body_that_is_no_alert_is_refused(client: TestClient, body: bytes, status: int):
    answer = post(client, body)

    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"].endswith(".")


@pytest.mark.one_database
def test_a_full_alert_is_taken_in(client: TestClient, rack: Rack, account: Account, key: NewKey):
    content = [match(f"spk_{number:032}") for number in range(999)] + [match(key.token)]
    answer = post(client, content)

    assert [entry["label"] for entry in answer.json()] == ["false_positive"] * 999 + ["true_positive"]


@pytest.mark.one_database
def test_without_a_file_of_keys_there_is_no_such_door(settings: Settings):
    with (
        open_rack(settings.model_copy(update={"leak_alert_keys": None})) as rack,
        TestClient(app.create(rack)) as client,
    ):
        answer = post(client, [])

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Alerts of leaked keys are not taken here."


@pytest.mark.one_database
def test_a_file_that_cannot_be_used_is_not_described_to_strangers(client: TestClient, keys_file: Path):
    keys_file.write_text("nonsense")
    answer = post(client, [])

    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == "Alerts cannot be taken at the moment."


@pytest.mark.one_database
def test_alerts_are_limited_by_address(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door, "_RATE", Rate(2))
    answers = [post(client, [], **{"Github-Public-Key-Identifier": "unknown"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


@pytest.mark.one_database
@pytest.mark.parametrize(("method", "path"), [("GET", "/leaks/alerts"), ("POST", "/leaks/"), ("GET", "/leaks/docs")])
def test_nothing_else_is_served_there(client: TestClient, method: str, path: str):
    answer = client.request(method, path)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"

"""Document, "Idempotency": the same request with the same key is answered as it was, and nothing is done again."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.billing import credits, idempotency
from soundrack.database.tables import jobs
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.soundpiece.conftest import SONG, balance, body, dto, finish, path


def stored(rack: Rack) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(jobs)).scalar_one()
        return found


def test_the_same_request_again_is_answered_to_the_byte_and_charged_once(
    client: TestClient, rack: Rack, account: Account, tmp_path: Path
):
    sent = body(SONG)
    first = client.put(path(SONG), json=sent)
    finish(rack, dto(first)["id"], tmp_path)

    again = client.put(path(SONG), json=dict(reversed(sent.items())) | {"unknown": "ignored"})

    assert (again.status_code, again.content) == (200, first.content)
    assert dto(again)["status"] == "processing"
    assert (stored(rack), balance(rack, account)) == (1, 98)


def test_another_body_with_the_same_key_is_409(client: TestClient, rack: Rack):
    sent = body()
    client.put(path(), json=sent)

    others = [sent | {"duration": 9.0}, sent | {"callback_url": "https://example.com/hook"}]
    for refused in [client.put(path(), json=other) for other in others]:
        assert refused.status_code == 409
        assert isinstance(refused.json()["detail"], str)
    assert stored(rack) == 1


@pytest.mark.one_database
def test_a_key_is_the_account_s_and_the_action_s(client: TestClient, rack: Rack, account: Account):
    key = str(uuid.uuid4())
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        credits.grant(connection, other.id, 10, "for tests")
        token = keys.create(connection, rack.secret, other.id, Service.SOUNDPIECE, "").token
        second = keys.create(connection, rack.secret, account.id, Service.SOUNDPIECE, "").token
    sent = body(idempotency_key=key)

    def put(token: str | None = None) -> Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return client.put(path(), json=sent, headers=headers)

    first = put()
    assert put(second).content == first.content
    assert dto(put(token))["id"] != dto(first)["id"]
    assert dto(client.put(path(SONG), json=body(SONG, idempotency_key=key)))["idempotency_key"] == key
    assert stored(rack) == 3


@pytest.mark.one_database
def test_a_key_is_the_same_in_every_spelling_of_a_uuid(client: TestClient):
    sent = body()
    first = client.put(path(), json=sent)

    again = client.put(path(), json=sent | {"idempotency_key": sent["idempotency_key"].upper()})

    assert again.content == first.content


@pytest.mark.one_database
def test_a_refusal_is_not_kept(client: TestClient):
    sent = body()
    assert client.put(path(), json=sent | {"duration": 99}).status_code == 422

    assert client.put(path(), json=sent).status_code == 200


@pytest.mark.one_database
def test_a_key_outlives_every_sweep(client: TestClient, rack: Rack, monkeypatch: pytest.MonkeyPatch):
    sent = body()
    first = client.put(path(), json=sent)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=400))
    with rack.database.write() as connection:
        idempotency.sweep(connection)

    assert client.put(path(), json=sent).content == first.content


def test_of_many_at_the_same_moment_one_makes_the_operation(client: TestClient, rack: Rack, account: Account):
    sent, answers = body(SONG), list[Any]()

    def send() -> None:
        answers.append(client.put(path(SONG), json=sent))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (stored(rack), balance(rack, account)) == (1, 98)

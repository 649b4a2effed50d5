"""Every code, met on the wire in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.errors import UnsupportedFormat
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.masterify import intake, messages
from soundrack.services.masterify.errors import MEANINGS, STATUSES
from soundrack.services.masterify.messages import Failure, Message
from tests.contracts.masterify.conftest import MASTER, Master, fail, finish, long_flac

pytestmark = pytest.mark.one_database


@dataclass
class Caller:
    """Somebody who can go wrong in every way."""

    client: TestClient
    master: Master
    rack: Rack
    account: Account
    patch: pytest.MonkeyPatch
    folder: Path
    headers: dict[str, str]

    def made(self) -> str:
        job_id: str = self.master().json()["job_id"]
        return job_id

    def get(self, path: str) -> Response:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def file_too_large(self) -> Response:
        self.patch.setattr(intake, "MAX_FILE_BYTES", 30_000)
        return self.master(headers=self.headers)

    def unsupported_format(self) -> Response:
        return self.master(b"This is no song.", headers=self.headers)

    def file_too_long(self) -> Response:
        return self.master(long_flac(601), headers=self.headers)

    def invalid_platform(self) -> Response:
        return self.master(platforms="spotify,tidal", headers=self.headers)

    def invalid_request(self) -> Response:
        return self.master(genre="polka", headers=self.headers)

    def invalid_api_key(self) -> Response:
        return self.master(headers=self.headers | {"Authorization": f"Bearer aim_live_{32 * 'a'}"})

    def insufficient_credits(self) -> Response:
        with self.rack.database.write() as connection:
            credits.charge(connection, self.account.id, 100, "all", service=Service.MASTERIFY)
        return self.master(headers=self.headers)

    def forbidden(self) -> Response:
        plans = self.rack.plans
        closed = {one.name: replace(one, api_access=False) for one in plans.of_service(Service.MASTERIFY)}
        self.patch.setattr(plans, "_plans", {**plans._plans, Service.MASTERIFY: closed})
        return self.master(headers=self.headers)

    def job_not_found(self) -> Response:
        return self.get("/jobs/550e8400-e29b-41d4-a716-446655440000")

    def result_expired(self) -> Response:
        job_id = self.made()
        finish(self.rack, job_id, {"spotify": b"RIFF"}, self.folder)
        self.rack.store.delete(f"output/{job_id}/1/{job_id}-spotify.wav")
        return self.get(f"/jobs/{job_id}/download")

    def not_found(self) -> Response:
        return self.get("/nothing")

    def job_not_ready(self) -> Response:
        return self.get(f"/jobs/{self.made()}/download")

    def job_failed(self) -> Response:
        job_id = self.made()
        fail(self.rack, job_id, UnsupportedFormat("The file is not audio."))
        return self.get(f"/jobs/{job_id}/download")

    def _on_the_lowest_plan(self) -> None:
        with self.rack.database.write() as connection:
            subscriptions.subscribe(connection, self.account.id, Service.MASTERIFY, "free")

    def concurrent_limit(self) -> Response:
        self._on_the_lowest_plan()
        self.made()
        return self.master(headers=self.headers)

    def rate_limit(self) -> Response:
        self._on_the_lowest_plan()
        return [self.get("/jobs/none") for _ in range(6)][-1]

    def internal_error(self) -> Response:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("SELECT secret FROM house")

        self.patch.setattr("soundrack.jobs.record.look_up", broken)
        return self.get("/jobs/none")


@pytest.fixture(params=["ko", "en"])
def caller(
    request: pytest.FixtureRequest,
    client: TestClient,
    master: Master,
    rack: Rack,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Caller:
    return Caller(client, master, rack, account, monkeypatch, tmp_path, {"Accept-Language": request.param})


@pytest.mark.parametrize("code", STATUSES)
def test_every_code_is_met_with_its_status_and_a_sentence_in_the_language_asked_for(caller: Caller, code: str):
    response: Response = getattr(caller, code.lower())()
    body: dict[str, Any] = response.json()

    assert response.status_code == STATUSES[code], response.text
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message"]
    assert body["error"]["code"] == code
    language = caller.headers["Accept-Language"]
    assert bool(re.search("[가-힣]", body["error"]["message"])) is (language == "ko")
    assert body["error"]["message"].endswith(".")
    assert response.headers["Content-Language"] == language
    assert "Accept-Language" in response.headers["Vary"]
    if response.status_code == 429:
        assert int(response.headers["Retry-After"]) >= 1
        assert response.headers["Retry-After"] in body["error"]["message"]
    if response.status_code == 401:
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_every_code_has_a_meaning_a_status_and_a_sentence():
    assert set(MEANINGS) == set(STATUSES) == {one.code for one in Message}


@pytest.mark.parametrize("one", [*Message, *Failure], ids=lambda one: f"{type(one).__name__}.{one.name}")
def test_every_sentence_is_in_both_languages_and_tells_the_same_values(one: Message | Failure):
    assert re.search("[가-힣]", one.korean)
    assert not re.search("[가-힣]", one.english)
    assert set(re.findall(r"\{\w+\}", one.korean)) == set(re.findall(r"\{\w+\}", one.english))
    if isinstance(one, Message):
        assert one.korean.endswith(".")
        assert one.english.endswith(".")


def test_the_table_in_the_documentation_is_that_of_the_program():
    page = (Path(__file__).parents[3] / "docs/masterify-messages.md").read_text()

    assert messages.table() in page


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "ko"),
        ("en", "en"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("ko-KR,en;q=0.5", "ko"),
        ("fr", "ko"),
        ("*", "ko"),
    ],
)
def test_messages_are_korean_unless_english_is_preferred(client: TestClient, header: str | None, expected: str):
    headers = {"Accept-Language": header} if header else {}
    client.headers.pop("Accept-Language", None)

    response = client.get("/api/v1/jobs/none", headers=headers)

    assert response.headers["Content-Language"] == expected


def test_a_method_that_is_not_served_names_those_that_are(client: TestClient):
    response = client.delete(MASTER)

    assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert response.headers["Allow"] == "POST"

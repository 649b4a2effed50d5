"""Every row of "Error Catalog" and of "HTTP Status Codes", each met on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.jobs.delivery import DbosQueue
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.blacklab.printed import form
from tests.contracts.blacklab.test_errors import DOCUMENT as CATALOGUE
from tests.contracts.blacklab.test_limits import access_token
from tests.standing_clock import StandingClock

pytestmark = pytest.mark.one_database

JOBS, UPLOAD_URL = "/v1/mastering/jobs", "/v1/assets/upload-url"
JOB = {"input_url": "https://storage.example.com/my-track.wav"}
UPLOAD: dict[str, Any] = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 1000}

PRINTED = """
{
  "error": {
    "code": "insufficient_credits",
    "message": "Your account does not have enough credits for this operation.",
    "param": null,
    "doc_url": "https://developers.blacklab.studio/docs#err-insufficient-credits"
  }
}
"""
STATUSES = {  # "Status", "Meaning"
    200: "Success.",
    201: "Resource created successfully.",
    204: "Success, no content returned.",
    400: "Bad request. Check your request body.",
    401: "Authentication required.",
    402: "Payment / credits required.",
    403: "Forbidden. Insufficient permissions.",
    404: "Resource not found.",
    409: "Conflict (idempotency or state).",
    413: "Payload too large.",
    415: "Unsupported media type.",
    422: "Validation error.",
    429: "Rate limited.",
    500: "Internal server error.",
}


@dataclass
class Caller:
    """Somebody who can go wrong in every documented way."""

    client: TestClient
    rack: Rack
    account: Account
    patch: pytest.MonkeyPatch

    def authentication_required(self) -> Response:
        return self.client.get(f"{JOBS}/job_abc123def456", headers={"Authorization": "Bearer sk_live_xxx"})

    def forbidden(self) -> Response:
        return self.client.post(JOBS, json=JOB, headers=access_token(self.rack, self.account, "mastering:read"))

    def not_found(self) -> Response:
        return self.client.get(f"{JOBS}/job_abc123def456")

    def validation_error(self) -> Response:
        return self.client.post(JOBS, json=JOB | {"preset": "louder"})

    def insufficient_credits(self) -> Response:
        with self.rack.database.write() as connection:
            credits.charge(connection, self.account.id, 100, "all", service=Service.BLACKLAB)
        return self.client.post(JOBS, json=JOB)

    def rate_limited(self) -> Response:
        StandingClock(self.patch)
        with self.rack.database.write() as connection:
            subscriptions.subscribe(connection, self.account.id, Service.BLACKLAB, "free")
        return [self.client.get(f"{JOBS}/job_abc123def456") for _ in range(11)][-1]

    def idempotency_conflict(self) -> Response:
        """The same request again, while the first one is under way."""
        outbound, meanwhile = type(self.rack.outbound), list[Response]()
        check = outbound.check

        def slow(*arguments: Any, **named: Any) -> Any:
            self.patch.setattr(outbound, "check", check)
            meanwhile.append(self._submit_with_a_key())
            return check(*arguments, **named)

        self.patch.setattr(outbound, "check", slow)
        assert self._submit_with_a_key().status_code == 201
        (response,) = meanwhile
        return response

    def _submit_with_a_key(self) -> Response:
        return self.client.post(JOBS, json=JOB, headers={"Idempotency-Key": "unique-request-id-123"})

    def file_too_large(self) -> Response:
        return self.client.post(UPLOAD_URL, json=UPLOAD | {"size_bytes": 209715201})

    def unsupported_format(self) -> Response:
        return self.client.post(UPLOAD_URL, json=UPLOAD | {"content_type": "audio/ogg"})

    def internal_error(self) -> Response:
        def break_down(*_: object, **__: object) -> None:
            raise RuntimeError("a detail of ours")

        self.patch.setattr(DbosQueue, "enqueue", break_down)
        return self.client.post(JOBS, json=JOB)

    def success(self) -> Response:
        return self.client.post(UPLOAD_URL, json=UPLOAD)

    def created(self) -> Response:
        return self.client.post(JOBS, json=JOB)

    def no_content(self) -> Response:
        return self.client.delete(f"{JOBS}/{self.created().json()['id']}")

    def bad_request(self) -> Response:
        return self.client.post(JOBS, content=b"{", headers={"Content-Type": "application/json"})

    def conflict_of_state(self) -> Response:
        job_id = self.created().json()["id"]
        return [self.client.delete(f"{JOBS}/{job_id}") for _ in range(2)][-1]


HOW: dict[int, list[str]] = {
    200: ["success"],
    201: ["created"],
    204: ["no_content"],
    400: ["bad_request"],
    409: ["conflict_of_state"],
}
"""How the statuses come about that are no row of the catalogue, or not only."""


@pytest.fixture
def caller(client: TestClient, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch) -> Caller:
    return Caller(client, rack, account, monkeypatch)


def act(caller: Caller, name: str) -> Response:
    how: Callable[[], Response] = getattr(caller, name)
    return how()


@pytest.mark.parametrize(("code", "status"), CATALOGUE.items())
def test_each_row_of_the_catalogue_is_answered_in_the_printed_form(caller: Caller, code: str, status: int):
    response = act(caller, code)

    body, printed = response.json(), json.loads(PRINTED)
    assert (response.status_code, body["error"]["code"]) == (status, code)
    assert list(body["error"]) == list(printed["error"])
    assert form(body["error"] | {"param": None}) == form(printed["error"])
    assert (
        body["error"]["param"] is None
        or code in {"validation_error", "file_too_large", "unsupported_format"}
        or (code == "idempotency_conflict" and body["error"]["param"] == "Idempotency-Key")
    )
    assert urlsplit(body["error"]["doc_url"]).fragment == f"err-{code.replace('_', '-')}"
    assert ("retry-after" in response.headers) == (code == "rate_limited")  # "Retry after Retry-After seconds."


def test_the_printed_error_is_ours_to_the_letter(caller: Caller):
    body, printed = act(caller, "insufficient_credits").json(), json.loads(PRINTED)

    del body["error"]["doc_url"], printed["error"]["doc_url"]
    assert body == printed


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_of_the_table_is_met(caller: Caller, status: int):
    rows = [code for code, of in CATALOGUE.items() if of == status]
    assert rows or status in HOW

    for name in [*rows, *HOW.get(status, [])]:
        assert act(caller, name).status_code == status, name


def test_every_doc_url_opens_at_its_anchor(caller: Caller):
    doc_url = urlsplit(caller.not_found().json()["error"]["doc_url"])
    page = caller.client.get(doc_url._replace(fragment="").geturl(), headers={"Authorization": ""})

    assert page.status_code == 200
    assert [code for code in CATALOGUE if f'id="err-{code.replace("_", "-")}"' not in page.text] == []


def test_the_description_documents_no_other_status(client: TestClient):
    paths = client.get("/openapi.json").json()["paths"]
    described = {int(status) for one in paths.values() for way in one.values() for status in way["responses"]}

    assert described <= STATUSES.keys()

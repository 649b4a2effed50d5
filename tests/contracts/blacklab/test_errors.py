"""The error contract of BlackLab, row by row as its document prints it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import api_keys, credit_entries, jobs
from soundrack.jobs.delivery import DbosQueue
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab.errors import CATALOGUE, JOB_CODES

DOCUMENT = {  # code: status, "Error Catalog"
    "authentication_required": 401,
    "forbidden": 403,
    "not_found": 404,
    "validation_error": 422,
    "insufficient_credits": 402,
    "rate_limited": 429,
    "idempotency_conflict": 409,
    "file_too_large": 413,
    "unsupported_format": 415,
    "internal_error": 500,
}
BAD_REQUEST = ("validation_error", 400)  # "HTTP Status Codes": 400, for a body that cannot be read (DECISIONS)
CONFLICT = ("conflict", 409)  # "Conflict (idempotency or state)" (DECISIONS)

JOBS = "/v1/mastering/jobs"
ASSET = "http://127.0.0.1:8600/storage/assets/asset_000000000000.wav"


def expect(response: Response, code: str, status: int, param: str | None) -> None:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert response.json().keys() == {"error"}
    assert error.keys() == {"code", "message", "param", "doc_url"}
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"].endswith((".", "…"))
    assert error["doc_url"].endswith(f"/docs/blacklab#err-{code.replace('_', '-')}")
    assert response.headers["x-request-id"]


def test_our_table_holds_no_row_that_the_document_does_not():
    rows = {(row.code, row.status) for row in CATALOGUE.values()}

    assert rows <= set(DOCUMENT.items()) | {BAD_REQUEST, CONFLICT}
    assert set(JOB_CODES.values()) <= DOCUMENT.keys() | {"input_unreachable"}  # DECISIONS


@pytest.mark.one_database
@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic sk_live_x", "sk_live_x", "Bearer sk_live_xxx", "Bearer é"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/assets/upload-url"), ("POST", JOBS), ("GET", f"{JOBS}/job_abc123def456")]
)
def test_without_a_valid_key_no_route_answers(anonymous: TestClient, header: str | None, method: str, path: str):
    headers = {} if header is None else {b"Authorization": header.encode()}

    response = anonymous.request(method, path, headers=headers, content=b"{not json")

    expect(response, "authentication_required", 401, None)


def test_a_revoked_key_is_refused(client: TestClient, rack: Rack):
    with rack.database.write() as connection:
        connection.execute(api_keys.update().values(revoked_at=clock.now()))

    expect(client.get(f"{JOBS}/job_x"), "authentication_required", 401, None)


def test_an_error_never_repeats_the_key(anonymous: TestClient, key: str):
    response = anonymous.get(f"{JOBS}/x", headers={"Authorization": f"Bearer {key[:-1]}?"})

    assert key[:-1] not in response.text


@pytest.mark.parametrize("job_id", ["job_abc123def456", "nonsense", "job_" + "x" * 500, "%00", "job_é"])
def test_unknown_and_malformed_ids_look_alike(client: TestClient, job_id: str):
    expect(client.get(f"{JOBS}/{job_id}"), "not_found", 404, None)


@pytest.mark.one_database
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("GET", "/"), ("PATCH", JOBS), ("PUT", "/v1")])
def test_paths_and_methods_that_are_not_documented_are_not_found(client: TestClient, method: str, path: str):
    expect(client.request(method, path), "not_found", 404, None)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "content",
    [b"{", b"\xff\xfe", b'{"input_url": }', b"[1, 2", b'{"input_url": "\xff"}', b"[" * 100_000, b'{"a":' * 100_000],
    ids=["open", "bom", "no value", "open list", "bad utf-8", "deep list", "deep object"],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(client: TestClient, content: bytes):
    response = client.post(JOBS, content=content, headers={"Content-Type": "application/json"})

    expect(response, "validation_error", 400, None)


@pytest.mark.parametrize(
    ("filename", "status"), [("a\0b", 422), ("\0", 422), ("\\\0", 422), ("\\u0000", 200), ("\\\\u0000", 200)]
)
def test_text_that_a_database_cannot_keep_is_not_valid(client: TestClient, filename: str, status: int):
    body = {"filename": filename, "content_type": "audio/wav", "size_bytes": 10}

    assert client.post("/v1/assets/upload-url", json=body).status_code == status


@pytest.mark.one_database
@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {"Content-Type": "text/plain"}, {}])
def test_no_body_at_all_is_not_valid(client: TestClient, headers: dict[str, str]):
    expect(client.post(JOBS, headers=headers), "validation_error", 422, None)


def test_a_body_of_many_megabytes_is_cut_off(client: TestClient):
    def endless() -> Iterator[bytes]:
        yield b'{"input_url": "'
        for _ in range(100):
            yield b"x" * 100_000

    response = client.post(JOBS, content=endless(), headers={"Content-Type": "application/json"})

    expect(response, "file_too_large", 413, None)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input_url"),
        ([], None),
        ("text", None),
        ({"input_url": None}, "input_url"),
        ({"input_url": 7}, "input_url"),
        ({"input_url": ""}, "input_url"),
        ({"input_url": "http://x/" + "y" * 9000}, "input_url"),
        ({"input_url": ASSET, "preset": "loudest"}, "preset"),
        ({"input_url": ASSET, "preset": None}, "preset"),
        ({"input_url": ASSET, "preset": "Loud"}, "preset"),
        ({"input_url": ASSET, "format": "ogg"}, "format"),
        ({"input_url": ASSET, "sample_rate": 22050}, "sample_rate"),
        ({"input_url": ASSET, "sample_rate": "44100"}, "sample_rate"),
        ({"input_url": ASSET, "sample_rate": 44100.5}, "sample_rate"),
        ({"input_url": ASSET, "sample_rate": True}, "sample_rate"),
        ({"input_url": ASSET, "sample_rate": 96000, "format": "mp3"}, "sample_rate"),
        ({"input_url": ASSET, "webhook_url": 1}, "webhook_url"),
        ({"input_url": ASSET}, "input_url"),
        ({"input_url": ASSET.replace("8600", "9999")}, "input_url"),
        ({"input_url": "file:///etc/passwd"}, "input_url"),
        ({"input_url": ASSET.replace("assets/", "assets/../")}, "input_url"),
        ({"input_url": "http://127.0.0.1:8600/storage/secret"}, "input_url"),
    ],
)
def test_a_value_that_cannot_be_accepted_is_named(client: TestClient, rack: Rack, body: object, param: str | None):
    expect(client.post(JOBS, json=body), "validation_error", 422, param)

    with rack.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 0


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("change", "code", "status", "param"),
    [
        ({"filename": None}, "validation_error", 422, "filename"),
        ({"filename": ""}, "validation_error", 422, "filename"),
        ({"filename": "x" * 256}, "validation_error", 422, "filename"),
        ({"size_bytes": 0}, "validation_error", 422, "size_bytes"),
        ({"size_bytes": -1}, "validation_error", 422, "size_bytes"),
        ({"size_bytes": "10"}, "validation_error", 422, "size_bytes"),
        ({"size_bytes": 209_715_201}, "file_too_large", 413, "size_bytes"),
        ({"size_bytes": 10**30}, "file_too_large", 413, "size_bytes"),
        ({"content_type": "audio/ogg"}, "unsupported_format", 415, "content_type"),
        ({"content_type": 7}, "validation_error", 422, "content_type"),
    ],
)
def test_an_upload_that_cannot_be_taken_is_refused_before_it_is_sent(client, change, code, status, param):
    body = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 209_715_200}
    assert client.post("/v1/assets/upload-url", json=body).status_code == 200

    expect(client.post("/v1/assets/upload-url", json=body | change), code, status, param)


def test_an_asset_that_was_not_uploaded_is_refused(client: TestClient):
    asked = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 10}
    asset_url = client.post("/v1/assets/upload-url", json=asked).json()["asset_url"]

    expect(client.post(JOBS, json={"input_url": asset_url}), "validation_error", 422, "input_url")


def test_another_account_s_asset_and_job_look_like_none(client: TestClient, rack: Rack, upload: Callable[[], str]):
    asset_url = upload()
    job = client.post(JOBS, json={"input_url": asset_url}).json()
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        credits.grant(connection, other.id, 10, "")
        token = keys.create(connection, rack.secret, other.id, Service.BLACKLAB, "").token
    client.headers["Authorization"] = f"Bearer {token}"

    expect(client.get(f"{JOBS}/{job['id']}"), "not_found", 404, None)
    expect(client.post(JOBS, json={"input_url": asset_url}), "validation_error", 422, "input_url")


@pytest.mark.parametrize("content", [b"\0" * 100, b"%PDF-1.7\n" + b"x" * 100, b"OggS" + b"\0" * 100, b"x"])
def test_an_upload_that_is_not_audio_of_a_documented_format_is_refused_and_deleted(client, rack, upload, content):
    asset_url = upload(content)

    expect(client.post(JOBS, json={"input_url": asset_url}), "unsupported_format", 415, "input_url")

    assert [path for path in rack.settings.objects.rglob("*") if path.is_file()] == []
    expect(client.post(JOBS, json={"input_url": asset_url}), "validation_error", 422, "input_url")


def test_without_credits_a_job_is_refused_and_nothing_is_kept(client, rack: Rack, account: Account, upload):
    asset_url = upload()
    with rack.database.write() as connection:
        credits.charge(connection, account.id, 100, "all of it", service=Service.BLACKLAB)

    expect(client.post(JOBS, json={"input_url": asset_url}), "insufficient_credits", 402, None)

    with rack.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(credit_entries)).scalar_one() == 2


def test_an_unexpected_error_says_nothing_of_itself_and_keeps_nothing(client, rack, account, upload, monkeypatch):
    def break_down(*_: object) -> None:
        raise RuntimeError("a detail of ours")

    asset_url = upload()
    monkeypatch.setattr(DbosQueue, "enqueue", break_down)

    response = client.post(JOBS, json={"input_url": asset_url})

    expect(response, "internal_error", 500, None)
    assert "detail of ours" not in response.text
    with rack.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 0
        assert credits.balance(connection, account.id) == 100

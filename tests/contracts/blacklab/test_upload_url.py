"""``POST /v1/assets/upload-url``: "Generate a pre-signed upload URL."."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.contracts.blacklab.conftest import WAV_HEAD
from tests.contracts.blacklab.printed import form

pytestmark = pytest.mark.one_database

UPLOAD_URL = "/v1/assets/upload-url"
RESPONSE = """
{
  "upload_url": "https://storage.blacklab.studio/uploads/...",
  "asset_url": "https://storage.blacklab.studio/assets/asset_xyz789.wav",
  "expires_at": "2025-01-15T11:00:00Z"
}
"""
FIELDS = [("filename", "string"), ("content_type", "string"), ("size_bytes", "integer")]  # all required
MIME_TYPES = {"audio/wav": "wav", "audio/flac": "flac", "audio/mpeg": "mp3", "audio/aiff": "aiff"}
MOST_BYTES = 209715200  # "Maximum 200 MB (209715200)."
GOOD: dict[str, Any] = {"filename": "my-track.wav", "content_type": "audio/wav", "size_bytes": 1000}
WRONG: dict[str, list[Any]] = {"string": [None, 7, True, [], {}], "integer": [None, "10", 1.5, True, [], {}]}


def refused(client: TestClient, body: dict[str, Any]) -> tuple[int, str, str | None]:
    response = client.post(UPLOAD_URL, json=body)
    error = response.json()["error"]
    return response.status_code, error["code"], error["param"]


def test_the_example_s_form_is_that_of_the_answer(client: TestClient):
    response = client.post(UPLOAD_URL, json=GOOD)

    assert response.status_code == 200
    assert form(response.json()) == form(json.loads(RESPONSE))
    assert re.search(r"/assets/asset_[a-z0-9]+\.wav$", response.json()["asset_url"])


@pytest.mark.parametrize(("name", "type_"), FIELDS)
def test_each_field_is_required_and_of_its_type(client: TestClient, name: str, type_: str):
    without = {one: value for one, value in GOOD.items() if one != name}
    assert refused(client, without) == (422, "validation_error", name)
    for wrong in WRONG[type_]:
        assert refused(client, GOOD | {name: wrong}) == (422, "validation_error", name), wrong


@pytest.mark.parametrize(("mime_type", "ending"), MIME_TYPES.items())
def test_each_mime_type_of_the_table_is_taken(client: TestClient, mime_type: str, ending: str):
    answer = client.post(UPLOAD_URL, json=GOOD | {"content_type": mime_type})

    assert (answer.status_code, answer.json()["asset_url"].rpartition(".")[2]) == (200, ending)


def test_another_mime_type_is_no_supported_format(client: TestClient):
    for other in ("audio/ogg", "audio/mp4", "AUDIO/WAV ", "text/plain", ""):
        assert refused(client, GOOD | {"content_type": other}) == (415, "unsupported_format", "content_type"), other


def test_two_hundred_megabytes_are_the_most(client: TestClient):
    assert client.post(UPLOAD_URL, json=GOOD | {"size_bytes": MOST_BYTES}).status_code == 200
    assert refused(client, GOOD | {"size_bytes": MOST_BYTES + 1}) == (413, "file_too_large", "size_bytes")


def test_a_put_to_upload_url_and_then_asset_url_is_an_input(client: TestClient):
    """ "Upload the file with a PUT request to upload_url, then pass asset_url as the input_url"."""
    content = WAV_HEAD + bytes(4096)
    answer = client.post(UPLOAD_URL, json=GOOD | {"size_bytes": len(content)}).json()
    key = client.headers.pop("Authorization")  # pre-signed: the PUT needs none
    sent = client.put(answer["upload_url"], content=content, headers={"Content-Type": "audio/wav"})
    assert sent.status_code == 200
    client.headers["Authorization"] = key

    assert client.post("/v1/mastering/jobs", json={"input_url": answer["asset_url"]}).status_code == 201


def test_the_description_lists_the_same_fields(client: TestClient):
    described = client.get("/openapi.json").json()["components"]["schemas"]["CreateUpload"]

    assert [(name, one["type"]) for name, one in described["properties"].items()] == FIELDS
    assert described["required"] == [name for name, _ in FIELDS]

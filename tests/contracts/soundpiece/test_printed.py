"""What the document prints: its request is run as it is printed, its code for clients as well, its answers compared."""

from __future__ import annotations

import json
import os
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from soundrack.accounts import formats
from soundrack.accounts.keys import NewKey
from soundrack.service import Service
from tests.contracts.blacklab.printed import CURL, Wire
from tests.contracts.soundpiece.conftest import SONG, body, dto, path

pytestmark = pytest.mark.one_database

REQUEST = """\
curl --request PUT \\
  --url https://api.soundpiece.co/v1/create.new_song \\
  --header 'Authorization: Bearer spk_<your-key>' \\
  --header 'Content-Type: application/json' \\
  --data '{ ... }'
"""
OPERATION = """
{"song":{"id":"op_01h7k...","status":"processing","created_at":"2026-05-20T12:34:56Z",
 "idempotency_key":"550e8400-e29b-41d4-a716-446655440000","lyrics":"…","prompt":"Synthwave, melancholic, mid-tempo",
 "reference":null,"outputs":null,"error":null}}
"""
PYTHON = """
import os, requests

headers = {"Authorization": f"Bearer {os.environ['SOUNDPIECE_API_KEY']}"}
"""
UNAUTHORIZED = """
{
  "detail": "Missing or invalid Authorization header"
}
"""
FAULTS = """
{"detail":[{"loc":["body","lyrics"],"msg":"String should have at least 1 character","type":"string_too_short"}]}
"""


@pytest.mark.skipif(CURL is None, reason="there is no curl")
def test_the_printed_request_is_answered_as_printed(wire: Wire):
    printed = json.loads(OPERATION)
    asked = {
        "idempotency_key": printed["song"]["idempotency_key"],
        "lyrics": printed["song"]["lyrics"],
        "prompt": printed["song"]["prompt"],
    }

    answer = wire.run(REQUEST.replace("{ ... }", json.dumps(asked)))

    assert answer.status == 200
    whole = answer.body
    ours = whole["song"]
    for name in ("id", "created_at"):
        assert len(ours[name]) == (29 if name == "id" else len(printed["song"][name]))
        ours[name] = printed["song"][name]
    assert whole == printed
    assert list(ours) == list(printed["song"])


@pytest.mark.skipif(CURL is None, reason="there is no curl")
def test_as_it_is_printed_it_is_refused_for_its_key_and_then_for_its_dots(wire: Wire):
    by_placeholder = Wire(wire.port, wire.certificate, "spk_<your-key>", wire.host, ("nothing",)).run(REQUEST)
    with_key = wire.run(REQUEST)

    assert (by_placeholder.status, by_placeholder.body) == (401, json.loads(UNAUTHORIZED))
    assert (with_key.status, type(with_key.body["detail"])) == (400, str)


def test_the_printed_headers_for_python_open_the_door(client: TestClient, key: NewKey, monkeypatch: pytest.MonkeyPatch):
    client.headers.pop("Authorization")
    monkeypatch.setenv("SOUNDPIECE_API_KEY", key.token)
    names: dict[str, Any] = {"os": os}
    exec(PYTHON.replace("import os, requests", ""), names)  # noqa: S102  the document's own line

    assert client.put(path(), json=body(), headers=names["headers"]).status_code == 200


def test_the_printed_fault_is_told_to_the_letter(client: TestClient):
    refused = client.put(path(SONG), json=body(SONG, lyrics=""))

    assert (refused.status_code, refused.json()) == (422, json.loads(FAULTS))


def test_a_key_has_the_printed_form_and_a_secret_beside_it(key: NewKey):
    assert re.fullmatch(r"spk_[0-9A-Za-z]{32}", key.token)
    assert formats.plausible(Service.SOUNDPIECE, key.token)
    assert key.signing is not None
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", key.signing.secret)


def test_our_guide_s_request_is_accepted(client: TestClient):
    guide = (Path(__file__).parents[3] / "docs/soundpiece.md").read_text()
    (data,) = re.findall(r"--data '(\{.*?\})'", guide, re.DOTALL)

    made = dto(client.put(path(SONG), json=json.loads(data) | {"idempotency_key": str(uuid.uuid4())}))

    assert made["status"] == "processing"

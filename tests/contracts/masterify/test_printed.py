"""The document's own examples: its request is run as it is printed, and what it prints as answers is answered."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.masterify.errors import STATUSES
from tests.contracts.blacklab.printed import CURL, Wire, form
from tests.contracts.masterify.conftest import Master, mp3

pytestmark = pytest.mark.one_database

REQUEST = """\
curl -X POST .../v1/master \\
  -H "Authorization: Bearer ..." \\
  -F "file=@track.mp3" \\
  -F "platforms=spotify"
"""
"""As printed; the stored page shows the file's field as a mail address, so well was it hidden from robots."""
CREATED = """
{
  "job_id": "550e8400-e29b-41d4-a716-446655440000",
  "status": "queued",
  "platforms": ["spotify", "apple_music"],
  "credits_used": 1,
  "credits_remaining": 19
}
"""
REFUSED = """
{
  "error": {
    "code": "INSUFFICIENT_CREDITS",
    "message": "크레딧이 부족합니다."
  }
}
"""
TABLE = """
400FILE_TOO_LARGEFile size exceeds 50MB
400UNSUPPORTED_FORMATOnly MP3, WAV, FLAC supported
400FILE_TOO_LONGFile exceeds 10 minutes
400INVALID_PLATFORMInvalid platform
402INSUFFICIENT_CREDITSInsufficient credits
429CONCURRENT_LIMITConcurrent processing limit exceeded
401INVALID_API_KEYInvalid API key
429RATE_LIMITRate limit exceeded
"""


@pytest.mark.skipif(CURL is None, reason="there is no curl")
def test_the_printed_request_makes_a_job(wire: Wire, tmp_path: Path):
    (tmp_path / "track.mp3").write_bytes(mp3())
    whole = dataclasses.replace(wire, placeholders=()).run(
        f"cd {tmp_path}\n" + REQUEST.replace("...", "https://api.masterify.net/api", 1).replace("...", wire.key)
    )

    assert whole.status == 201
    assert whole.body["status"] == "queued"
    assert whole.body["platforms"] == ["spotify"]


def test_a_job_that_is_made_is_answered_as_printed(master: Master, rack: Rack, account: Account):
    with rack.database.write() as connection:
        credits.charge(connection, account.id, 80, "all but twenty", service=Service.MASTERIFY)

    response = master(platforms="spotify,apple_music")

    assert response.status_code == 201
    assert form(response.json()) == form(json.loads(CREATED))
    assert {name: value for name, value in response.json().items() if name != "job_id"} == {
        name: value for name, value in json.loads(CREATED).items() if name != "job_id"
    }


def test_an_error_is_answered_as_printed_to_the_letter(master: Master, rack: Rack, account: Account):
    with rack.database.write() as connection:
        credits.charge(connection, account.id, 100, "all", service=Service.MASTERIFY)

    response = master()

    assert response.status_code == 402
    assert response.json() == json.loads(REFUSED)


def test_every_printed_code_has_its_printed_status():
    printed = {
        code: int(status) for status, code in re.findall(r"^(\d{3})([A-Z_]+)(?=[A-Z][a-z])", TABLE, re.MULTILINE)
    }

    assert len(printed) == 8
    assert printed.items() <= STATUSES.items()

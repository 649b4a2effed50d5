"""Magic files: every error, end and event can be made to happen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from soundrack.database.tables import events, sandbox_jobs
from soundrack.rack import Rack
from soundrack.services.blacklab.errors import CATALOGUE, JOB_CODES
from soundrack.services.blacklab.sandbox import magic
from soundrack.services.blacklab.sandbox.magic import HOST, MAGIC
from tests.contracts.blacklab.sandbox.hands import bearer, count, file, look, submit
from tests.contracts.blacklab.test_errors import DOCUMENT, JOBS, expect
from tests.standing_clock import StandingClock

PAGE = Path(__file__).parents[4] / "docs/blacklab-sandbox.md"
REFUSED = [word for word, asked in MAGIC.items() if asked.refusal]
FAILING = [word for word, asked in MAGIC.items() if asked.script.error]


@pytest.mark.parametrize("word", REFUSED)
def test_a_magic_file_has_the_job_refused(client: TestClient, rack: Rack, word: str):
    response = client.post(JOBS, json={"input_url": file(word)})

    status, code = re.match(r"(\d+) `(\w+)`", MAGIC[word].words).groups()  # type: ignore[union-attr]  # the test fails
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (int(status), code)
    assert error["message"].endswith(".")
    assert response.headers.get("retry-after") == ("1" if code == "rate_limited" else None)
    assert ("www-authenticate" in response.headers) is (code == "authentication_required")
    assert response.headers.keys() >= {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    assert (count(rack, sandbox_jobs), count(rack, events)) == (0, 0)


@pytest.mark.parametrize("word", FAILING)
def test_a_magic_file_has_the_job_fail(client: TestClient, standing: StandingClock, word: str):
    job = submit(client, word)
    assert job["status"] == "queued"
    standing.go_on(seconds=2)

    failed = look(client, job)

    assert failed["status"] == "failed"
    assert failed["error"]["code"] == word.removeprefix("failed_")
    assert failed["error"]["message"].endswith(".")
    assert failed["output_url"] is None
    assert "completed_at" not in failed


@pytest.mark.parametrize(("word", "status"), [("queued", "queued"), ("processing", "processing")])
def test_a_magic_file_has_the_job_stay_until_it_is_cancelled(
    client: TestClient, standing: StandingClock, word: str, status: str
):
    job = submit(client, word)
    standing.go_on(hours=20)
    assert look(client, job)["status"] == status
    assert look(client, job)["estimated_seconds"] == 60

    assert client.delete(f"{JOBS}/{job['id']}").status_code == 204

    cancelled = look(client, job)
    assert (cancelled["status"], cancelled["output_url"]) == ("cancelled", None)
    assert "estimated_seconds" not in cancelled
    expect(client.delete(f"{JOBS}/{job['id']}"), "conflict", 409, None)


def test_every_code_of_the_catalogue_and_every_end_of_a_job_has_its_file():
    refused = {
        (row.status, row.code)
        for word in REFUSED
        if (made := MAGIC[word].refusal) is not None and (row := CATALOGUE[type(made())])
    }
    ends = {JOB_CODES.get(MAGIC[word].script.error.kind, "internal_error") for word in FAILING}  # type: ignore[union-attr]  # those that have one

    assert refused == {(row.status, row.code) for row in CATALOGUE.values()}
    assert {code for _, code in refused} >= DOCUMENT.keys()
    assert ends == set(JOB_CODES.values()) | {"internal_error"}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/nothing.wav",
        f"https://{HOST}/",
        f"https://{HOST}",
        f"https://{HOST}/a/song.wav",
        f"https://{HOST}/SONG.wav",
    ],
)
def test_a_file_that_the_magic_host_does_not_have_is_refused(client: TestClient, url: str):
    response = client.post(JOBS, json={"input_url": url})

    expect(response, "validation_error", 422, "input_url")
    assert "insufficient_credits" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/insufficient_credits.wav",
        f"https://x.{HOST}/insufficient_credits.wav",
        f"https://{HOST}.example.com/insufficient_credits.wav",
        f"https://example.com/{HOST}/insufficient_credits.wav",
    ],
)
def test_a_file_of_another_host_is_never_magic(url: str):
    assert magic.of(url) is magic.ORDINARY


@pytest.mark.parametrize("url", [f"http://{HOST}:8080/queued.flac?x=1#y", f"https://{HOST.upper()}/queued"])
def test_scheme_port_ending_and_query_of_a_magic_file_do_not_matter(url: str):
    assert magic.of(url) is MAGIC["queued"]


@pytest.mark.one_database
def test_production_knows_no_magic(client: TestClient, key: str):
    url = "http://127.0.0.1:8600/blacklab/v1/mastering/jobs"

    assert client.post(url, json={"input_url": file("insufficient_credits")}, headers=bearer(key)).status_code == 201


def test_the_page_prints_the_table():
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)

    assert dict(rows) == {word: asked.words for word, asked in MAGIC.items()}
    assert len(rows) == len(MAGIC)

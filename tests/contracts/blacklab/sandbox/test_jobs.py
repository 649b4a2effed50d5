"""Jobs that are cancelled, listed, somebody else's, forgotten, too many."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.database.tables import events
from soundrack.jobs import tones
from soundrack.jobs.janitor import Janitor
from soundrack.jobs.tones import Tones
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.storage.objects import ObjectStore
from tests.contracts.blacklab.sandbox.hands import bearer, count, file, look, submit
from tests.contracts.blacklab.test_errors import JOBS, expect
from tests.standing_clock import StandingClock


def test_a_job_that_is_cancelled_never_ends_otherwise(client: TestClient, standing: StandingClock, rack: Rack):
    job = submit(client)
    standing.go_on(seconds=1)
    assert client.delete(f"{JOBS}/{job['id']}").status_code == 204
    standing.go_on(seconds=10)

    assert look(client, job)["status"] == "cancelled"
    assert count(rack, events) == 0


def test_a_job_that_has_ended_cannot_be_cancelled(client: TestClient, standing: StandingClock):
    job = submit(client)
    standing.go_on(seconds=1.5)

    expect(client.delete(f"{JOBS}/{job['id']}"), "conflict", 409, None)
    assert look(client, job)["status"] == "completed"


def test_what_has_been_told_is_not_taken_back(client: TestClient, standing: StandingClock, rack: Rack):
    """A courier whose clock is ahead of the server's."""
    job = submit(client)
    with rack.database.write() as connection:
        connection.execute(update(events).values(expanded_at=clock.now()))

    expect(client.delete(f"{JOBS}/{job['id']}"), "conflict", 409, None)
    assert look(client, job)["status"] == "queued"


def test_jobs_are_listed_page_by_page_and_by_the_status_that_they_have_now(client: TestClient, standing: StandingClock):
    made = {}
    for word in ("song", "failed_internal_error", "queued", "processing"):
        made[word] = submit(client, word)["id"]
        standing.go_on(seconds=3)
    made["cancelled"] = submit(client)["id"]
    client.delete(f"{JOBS}/{made['cancelled']}")

    def listed(**query: Any) -> tuple[list[str], bool]:
        page = client.get(JOBS, params=query).json()
        return [job["id"] for job in page["data"]], page["has_more"]

    newest_first = list(reversed(made.values()))
    assert listed() == (newest_first, False)
    assert listed(limit=2) == (newest_first[:2], True)
    assert listed(limit=2, starting_after=newest_first[1]) == (newest_first[2:4], True)
    assert listed(limit=2, starting_after=newest_first[3]) == (newest_first[4:], False)
    for word, status in {
        "song": "completed", "failed_internal_error": "failed", "queued": "queued", "processing": "processing",
        "cancelled": "cancelled",
    }.items():  # fmt: skip
        assert listed(status=status) == ([made[word]], False)
    assert client.get(JOBS).json()["data"][-1] == look(client, {"id": made["song"]})


def test_jobs_of_the_sandbox_and_of_production_do_not_know_each_other(client: TestClient, key: str, rack: Rack):
    job = submit(client)
    there = "http://127.0.0.1:8600/blacklab"
    real = client.post(f"{there}{JOBS}", json={"input_url": file("song")}, headers=bearer(key)).json()

    expect(client.get(f"{there}{JOBS}/{job['id']}", headers=bearer(key)), "not_found", 404, None)
    expect(client.get(f"{JOBS}/{real['id']}"), "not_found", 404, None)
    expect(client.delete(f"{JOBS}/{real['id']}"), "not_found", 404, None)
    assert [one["id"] for one in client.get(JOBS).json()["data"]] == [job["id"]]
    assert [one["id"] for one in client.get(f"{there}{JOBS}", headers=bearer(key)).json()["data"]] == [real["id"]]


def test_somebody_else_s_job_is_not_found(client: TestClient, rack: Rack):
    job = submit(client, "queued")
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        token = keys.create(connection, rack.secret, other.id, Service.BLACKLAB, "", sandbox=True).token

    for method in ("GET", "DELETE"):
        expect(client.request(method, f"{JOBS}/{job['id']}", headers=bearer(token)), "not_found", 404, None)
    expect(client.get(f"{JOBS}?starting_after={job['id']}", headers=bearer(token)), "validation_error", 422,
           "starting_after")  # fmt: skip
    assert client.get(JOBS, headers=bearer(token)).json() == {"data": [], "has_more": False}


def test_a_day_later_the_janitor_has_forgotten_a_job_and_kept_the_files(
    client: TestClient, standing: StandingClock, rack: Rack
):
    old = submit(client, "queued")
    standing.go_on(hours=12)
    young = submit(client)
    standing.go_on(hours=12, seconds=1)

    Janitor(rack.settings, rack.database, rack.store).sweep()

    expect(client.get(f"{JOBS}/{old['id']}"), "not_found", 404, None)
    assert client.get(look(client, young)["output_url"]).status_code == 200


@pytest.mark.one_database
def test_the_files_are_made_once_however_many_ask_for_the_first(rack: Rack, files: Path, monkeypatch):
    made: list[int] = []

    def make(_store: ObjectStore) -> None:
        made.append(1)
        time.sleep(0.05)  # the others come meanwhile
        shutil.copytree(files, rack.settings.objects, dirs_exist_ok=True)

    monkeypatch.setattr(tones, "_make", make)
    here = Tones(rack.store)

    with ThreadPoolExecutor(8) as askers:
        found = set(askers.map(lambda _: here.output("mp3", 48_000), range(8)))

    assert len(made) == 1
    (one,) = found
    assert one.size_bytes == (rack.settings.objects / one.key).stat().st_size


def test_more_jobs_at_once_than_the_plan_allows_are_refused(
    client: TestClient, rack: Rack, account: Account, standing: StandingClock, monkeypatch
):
    plan = rack.plans.of(Service.BLACKLAB, "enterprise")
    monkeypatch.setattr(type(rack.plans), "of", lambda *_: type(plan)(**{**plan.__dict__, "jobs_at_once": 2}))
    submit(client)
    submit(client, "queued")

    refused = client.post(JOBS, json={"input_url": file("song")})

    expect(refused, "rate_limited", 429, None)
    assert int(refused.headers["retry-after"]) >= 1
    standing.go_on(seconds=2)
    submit(client)

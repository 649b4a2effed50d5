"""``GET /v1/mastering/jobs`` and ``GET /v1/account``, which BlackLab's document leaves to us (DECISIONS)."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.database import tables
from soundrack.database.tables import accounts, jobs, workers
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service

ENDS = {Status.COMPLETED, Status.FAILED, Status.CANCELLED}
JOBS = "/v1/mastering/jobs"
SONG = {"input_url": "https://storage.example.com/my-track.wav"}


def made(client: TestClient, count: int) -> list[dict[str, Any]]:
    return [client.post(JOBS, json=SONG).raise_for_status().json() for _ in range(count)]


def test_a_list_shows_jobs_as_they_are_shown_one_by_one(client: TestClient, rack: Rack):
    with rack.database.write() as connection:
        now = clock.now()
        connection.execute(workers.insert().values(id="w", slots=1, speed=10.0, started_at=now, seen_at=now))
    jobs_made = made(client, 3)
    assert client.delete(f"{JOBS}/{jobs_made[0]['id']}").status_code == 204

    body = client.get(JOBS).json()

    assert body.keys() == {"data", "has_more"}
    assert body["has_more"] is False
    assert {job["id"] for job in body["data"]} == {job["id"] for job in jobs_made}
    for listed in body["data"]:
        alone = client.get(f"{JOBS}/{listed['id']}").json()
        assert listed == alone
        assert ("estimated_seconds" in listed) is (listed["status"] == "queued")


def test_the_newest_comes_first_and_pages_follow_one_another(client: TestClient):
    newest_first = [job["id"] for job in reversed(made(client, 5))]

    found, query = [], "?limit=2"
    for _ in range(3):
        page = client.get(f"{JOBS}{query}").json()
        found.append([job["id"] for job in page["data"]])
        query = f"?limit=2&starting_after={found[-1][-1]}"

    assert found == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert page["has_more"] is False


def test_a_page_has_twenty_jobs_unless_another_number_is_asked_for(client: TestClient):
    made(client, 21)

    assert [len(client.get(f"{JOBS}{query}").json()["data"]) for query in ("", "?limit=1", "?limit=100")] == [20, 1, 21]


@pytest.mark.parametrize("status", list(Status))
def test_only_jobs_of_one_status_are_listed_if_one_is_asked_for(client: TestClient, rack: Rack, status: Status):
    wanted, other = made(client, 2)
    with rack.database.write() as connection:
        ended = {"started_at": clock.now(), "ended_at": clock.now()} if status in ENDS else {}
        connection.execute(update(jobs).where(jobs.c.id == wanted["id"]).values(status=status, **ended))
        unlike = Status.QUEUED if status is not Status.QUEUED else Status.PROCESSING
        connection.execute(update(jobs).where(jobs.c.id == other["id"]).values(status=unlike))

    listed = client.get(f"{JOBS}?status={status}").json()["data"]

    assert [job["id"] for job in listed] == [wanted["id"]]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=1.5", "limit"),
        ("limit=", "limit"),
        ("status=done", "status"),
        ("status=Queued", "status"),
        ("status=", "status"),
        ("starting_after=job_000000000000", "starting_after"),
        ("starting_after=", "starting_after"),
        ("starting_after=%00", "starting_after"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_by_name(client: TestClient, query: str, param: str):
    response = client.get(f"{JOBS}?{query}")

    assert response.status_code == 422
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("validation_error", param)
    assert error["message"].endswith(".")


def test_the_account_tells_its_plan_and_its_credits(client: TestClient, rack: Rack, account: Account):
    made(client, 1)
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "pro")
        connection.execute(update(accounts).where(accounts.c.id == account.id).values(low_credit_threshold=7))
        balance = credits.balance(connection, account.id)

    assert client.get("/v1/account").json() == {
        "id": account.id,
        "email": "someone@example.com",
        "tier": "pro",
        "credits": {"balance": balance, "low_threshold": 7},
    }
    assert balance == 99


def test_an_account_without_a_plan_has_the_lowest_tier(client: TestClient, rack: Rack, account: Account):
    with rack.database.write() as connection:
        connection.execute(tables.subscriptions.delete())

    assert client.get("/v1/account").json()["tier"] == "free"
    with rack.database.read() as connection:
        assert connection.execute(select(accounts.c.id)).scalars().all() == [account.id]


class Session(TestClient):
    """What the guide's example takes for a session of requests."""

    def get(self, url: Any, *, timeout: float, **options: Any) -> Any:  # type: ignore[override]  # as requests has it
        assert timeout > 0
        return super().get(url, **options)


@pytest.mark.one_database
def test_the_example_in_the_guide_walks_through_all_pages(
    client: TestClient, rack: Rack, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    guide = (Path(__file__).parents[3] / "docs" / "blacklab.md").read_text()
    (example,) = (block for block in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "starting_after" in block)
    ids = [job["id"] for job in made(client, 5)]
    with rack.database.write() as connection:
        now = clock.now()
        connection.execute(update(jobs).values(status=Status.COMPLETED, started_at=now, ended_at=now))
    whole = client.app
    monkeypatch.setitem(sys.modules, "requests", SimpleNamespace(Session=lambda: Session(whole)))
    monkeypatch.setenv("SOUNDRACK", rack.settings.public_url)
    monkeypatch.setenv("KEY", key)
    example = example.replace("limit=100", "limit=2").replace('job["completed_at"]', '""')

    exec(example, {})  # noqa: S102  our own page

    assert capsys.readouterr().out.split() == ids[::-1]

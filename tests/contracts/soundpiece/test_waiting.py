"""``wait=true``: the answer comes with the end of the operation, after 20 seconds, or with the end of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.errors import UnusableAudio
from soundrack.jobs import lifecycle
from soundrack.rack import Rack
from soundrack.services.soundpiece import routes
from tests.contracts.signalkey.streaming import WITHIN_S, Client
from tests.contracts.soundpiece.conftest import Submit, begin, dto, fail, finish, path

Open = Callable[..., Client]
Scenario = Callable[[Open], Awaitable[None]]


class Waiter(Client):
    """A client that waits for an operation."""

    @property
    def operation(self) -> dict[str, Any]:
        assert self.status == 200, self.body
        ((_, found),) = json.loads(self.body).items()
        operation: dict[str, Any] = found
        return operation


@pytest.fixture
def play(rack: Rack, key: NewKey) -> Callable[[Scenario], None]:
    """Play a scenario with clients of an application that is driven by hand, as a server drives it."""
    server = app.create(rack)

    def waiter(operation_id: str) -> Client:
        query = f"id={operation_id}&wait=true".encode()

        async def asked(scope: Any, receive: Any, send: Any) -> None:
            await server(scope | {"query_string": query}, receive, send)

        return Waiter(asked, f"/soundpiece{path()}", {"Authorization": f"Bearer {key.token}"})

    def run(scenario: Scenario) -> None:
        async def within() -> None:
            try:
                async with asyncio.timeout(WITHIN_S):
                    await scenario(waiter)
            finally:
                await rack.following.close()
                await rack.lookups.close()
                await rack.windows.close()

        asyncio.run(within())

    return run


async def waits(rack: Rack, count: int) -> None:
    while len(rack.following) < count:
        await asyncio.sleep(0.005)


def test_it_is_answered_at_once_when_the_operation_ends(
    play: Callable[[Scenario], None], rack: Rack, submit: Submit, tmp_path: Path
):
    good, bad = dto(submit())["id"], dto(submit())["id"]

    async def scenario(open: Open) -> None:
        waiters = [open(one) for one in (good, good, bad)]
        await waits(rack, 3)
        attempt = await asyncio.to_thread(begin, rack, bad)  # that it is being worked on is no end
        with rack.database.write() as connection:
            lifecycle.renew(connection, attempt, 60, "play", 0.5, is_step=True)
        await asyncio.sleep(0.3)
        assert not any(one.is_complete for one in waiters)
        with rack.database.write() as connection:
            lifecycle.fail(connection, attempt, UnusableAudio("silent"))
        await asyncio.to_thread(finish, rack, good, tmp_path)
        ended = [await one.ends() for one in waiters]

        told = [one.operation["status"] for one in ended if isinstance(one, Waiter)]
        assert told == ["ready", "ready", "failed"]
        assert ended[0].answered["content-type"] == "application/json"
        assert "x-request-id" in ended[0].answered
        assert len(rack.following) == 0

    play(scenario)


def test_one_that_has_ended_is_answered_without_waiting(client: TestClient, rack: Rack, submit: Submit, tmp_path: Path):
    good, bad = dto(submit())["id"], dto(submit())["id"]
    finish(rack, good, tmp_path)
    fail(rack, bad, UnusableAudio("silent"))

    told = [dto(client.get(path(), params={"id": one, "wait": "true"}))["status"] for one in (good, bad)]

    assert told == ["ready", "failed"]
    assert len(rack.following) == 0


@pytest.mark.one_database
def test_after_its_time_it_is_answered_as_it_stands(
    client: TestClient, rack: Rack, operation_id: str, monkeypatch: pytest.MonkeyPatch
):
    assert routes.LONGEST_WAIT_S == 20.0
    monkeypatch.setattr(routes, "LONGEST_WAIT_S", 0.2)

    told = dto(client.get(path(), params={"id": operation_id, "wait": "true"}))

    assert (told["status"], told["output"], told["error"]) == ("processing", None, None)
    assert len(rack.following) == 0


@pytest.mark.one_database
def test_a_client_that_goes_leaves_nothing_behind(play: Callable[[Scenario], None], rack: Rack, operation_id: str):
    async def scenario(open: Open) -> None:
        before = len(asyncio.all_tasks())
        waiters = [open(operation_id) for _ in range(5)]
        await waits(rack, 5)
        for waiter in waiters:
            await waiter.leave()
        await asyncio.sleep(0.05)

        assert len(rack.following) == 0
        assert not any(waiter.body for waiter in waiters)
        assert len(asyncio.all_tasks()) <= before

    play(scenario)


@pytest.mark.one_database
def test_one_that_waits_has_no_task_of_its_own(play: Callable[[Scenario], None], rack: Rack, operation_id: str):
    """What there is beside the requests themselves does not grow with them: it finds out for all."""

    async def scenario(open: Open) -> None:
        waiters = [open(operation_id)]
        await waits(rack, 1)
        besides = len(asyncio.all_tasks()) - 1
        waiters += [open(operation_id) for _ in range(20)]
        await waits(rack, 21)

        assert len(asyncio.all_tasks()) - 21 == besides
        for waiter in waiters:
            await waiter.leave()

    play(scenario)


@pytest.mark.one_database
def test_when_the_server_stops_it_is_answered_at_once(play: Callable[[Scenario], None], rack: Rack, operation_id: str):
    async def scenario(open: Open) -> None:
        waiter = open(operation_id)
        await waits(rack, 1)
        await rack.following.close()
        ended = await waiter.ends()

        assert isinstance(ended, Waiter)
        assert ended.operation["status"] == "processing"

    play(scenario)


@pytest.mark.one_database
def test_a_key_that_was_revoked_meanwhile_is_told_nothing(
    play: Callable[[Scenario], None], rack: Rack, account: Account, key: NewKey, operation_id: str, tmp_path: Path
):
    async def scenario(open: Open) -> None:
        waiter = open(operation_id)
        await waits(rack, 1)
        with rack.database.write() as connection:
            keys.revoke(connection, account.id, key.id)
        await asyncio.to_thread(finish, rack, operation_id, tmp_path)
        ended = await waiter.ends()

        assert ended.status == 401
        assert json.loads(ended.body) == {"detail": "Missing or invalid Authorization header"}

    play(scenario)

"""``GET /api/v1/jobs/{id}/stream``: who may listen, for how long, and what an open stream costs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from soundrack.accounts import keys, people
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.jobs import following
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.signalkey.conftest import advance, begin, finish
from tests.contracts.signalkey.streaming import STAGES, Streams


@pytest.mark.parametrize("of", ["unknown", "malformed", "another's"])
def test_a_job_that_is_not_the_caller_s_is_not_found(streams: Streams, rack: Rack, job_id: str, of: str):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        subscriptions.subscribe(connection, other.id, Service.SIGNALKEY, "studio")
        stranger = keys.create(connection, rack.secret, other.id, Service.SIGNALKEY, "theirs").token
    asked = {"unknown": ("k3v9q2m1x7ab", None), "malformed": ("K3.", None), "another's": (job_id, stranger)}[of]

    answer = streams.read(asked[0], token=asked[1])

    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "not_found")


def test_whoever_may_not_is_told_so_before_a_stream_begins(streams: Streams, rack: Rack, account: Account, job_id: str):
    assert streams.read(job_id, token="sk_live_" + "a" * 32).status == 401
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, "free")
    assert streams.read(job_id).status == 403


def test_silence_is_broken_by_comments_and_a_step_puts_them_off(
    streams: Streams, rack: Rack, job_id: str, monkeypatch: pytest.MonkeyPatch
):
    assert following.QUIET_S == 15.0
    monkeypatch.setattr(following, "QUIET_S", 0.1)
    monkeypatch.setattr(following, "_LOOK_FOR_QUIET_S", 0.01)

    async def scenario() -> None:
        stream = await streams.open(job_id).until(lambda client: client.body.count(b"\n: ") >= 3)
        assert len(stream.events) == 1
        assert stream.body.startswith(b"retry: ")
        await stream.leave()

    streams.run(scenario)


def test_an_owner_who_drops_below_studio_is_told_nothing_more(
    streams: Streams, rack: Rack, account: Account, job_id: str, tmp_path: Path
):
    async def scenario() -> None:
        stream = await streams.open(job_id).has(1)
        with rack.database.write() as connection:
            subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, "free")
        finish(rack, job_id, tmp_path)
        await stream.ends()

        assert [event.name for event in stream.events] == ["progress", "error"]
        assert stream.events[1].id == ""
        assert json.loads(stream.events[1].data)["error"]["code"] == "forbidden"
        assert len(rack.following) == 0

    streams.run(scenario)


def test_a_key_that_is_revoked_is_told_nothing_more(
    streams: Streams, rack: Rack, account: Account, key: NewKey, job_id: str
):
    async def scenario() -> None:
        stream = await streams.open(job_id).has(1)
        with rack.database.write() as connection:
            keys.revoke(connection, account.id, key.id)
        attempt = begin(rack, job_id)
        advance(rack, attempt, "tempo", 0.4)
        await stream.ends()

        assert [event.name for event in stream.events] == ["progress", "error"]
        assert json.loads(stream.events[1].data)["error"]["code"] == "invalid_api_key"

    streams.run(scenario)


def test_a_client_that_goes_leaves_nothing_behind(streams: Streams, rack: Rack, job_id: str):
    async def scenario() -> None:
        before = asyncio.all_tasks()
        clients = [await streams.open(job_id).has(1) for _ in range(3)]
        assert len(rack.following) == 3
        for client in clients:
            await client.leave()
        await asyncio.sleep(0.05)

        assert len(rack.following) == 0
        assert asyncio.all_tasks() == before

    streams.run(scenario)


def test_an_open_stream_holds_no_task_of_its_own(streams: Streams, rack: Rack, job_id: str):
    async def scenario() -> None:
        first = await streams.open(job_id).has(1)
        await asyncio.sleep(0.05)
        before = len(asyncio.all_tasks())
        others = [await streams.open(job_id).has(1) for _ in range(10)]
        await asyncio.sleep(0.05)

        assert len(asyncio.all_tasks()) - before == 10  # the requests themselves
        for client in (first, *others):
            await client.leave()

    streams.run(scenario)


def test_the_end_of_the_server_ends_the_stream_and_the_client_can_go_on_elsewhere(
    streams: Streams, rack: Rack, job_id: str, tmp_path: Path
):
    async def scenario() -> None:
        stream = await streams.open(job_id).has(1)
        await rack.following.close()
        await stream.ends()
        assert [event.name for event in stream.events] == ["progress"]

        refused = await streams.open(job_id).ends()
        assert (refused.status, refused.events) == (200, [])

    streams.run(scenario)
    finish(rack, job_id, tmp_path)
    assert [event.name for event in streams.read(job_id, "1").events] == ["progress", "result", "done"]


def test_a_client_that_does_not_read_holds_up_nobody(streams: Streams, rack: Rack, job_id: str, tmp_path: Path):
    async def scenario() -> None:
        slow, quick = await streams.open(job_id).has(1), await streams.open(job_id).has(1)
        slow.reads.clear()
        attempt = await asyncio.to_thread(begin, rack, job_id)
        for place, stage in enumerate(STAGES):
            await asyncio.to_thread(advance, rack, attempt, stage, place / len(STAGES))
            await quick.has(place + 2)
        finish(rack, job_id, tmp_path, attempt=attempt)
        await quick.ends()
        assert len(slow.events) == 1

        slow.reads.set()
        await slow.ends()
        assert slow.events == quick.events

    streams.run(scenario)


def test_a_result_that_is_gone_is_an_error_and_no_endless_stream(
    streams: Streams, rack: Rack, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)
    rack.store.delete_folder(f"output/{job_id}/1")

    events = streams.read(job_id).events

    assert [event.name for event in events] == ["error"]
    assert json.loads(events[0].data)["error"]["code"] == "not_found"


def test_a_defect_in_one_stream_ends_it_and_is_logged(
    streams: Streams, rack: Rack, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    finish(rack, job_id, tmp_path)

    def broken(*_: object) -> bytes:
        raise RuntimeError("a defect")

    monkeypatch.setattr("soundrack.services.signalkey.views.result", broken)

    stream = streams.read(job_id)

    assert (stream.is_complete, stream.events) == (True, [])

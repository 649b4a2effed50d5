"""``GET /api/v1/jobs/{id}/stream``: progress, then the result or the error, resumed where a client was cut off.

The application is driven by hand, as a server drives it, so that a stream can be looked at while it is open.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from soundrack import app
from soundrack.accounts import keys, people
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.errors import UnusableAudio
from soundrack.jobs import following, lifecycle
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.signalkey.conftest import advance, begin, fail, finish

WITHIN_S = 20.0
STAGES = (
    *("decode", "features", "tempo", "key", "chords", "structure", "genre", "mood", "loudness", "mix", "stems"),
    "release",
)
"""DECISIONS: all of them, after `upload`."""


class Event(NamedTuple):
    """One event as a client reads it (HTML Living Standard, 9.2.6)."""

    name: str
    data: str
    id: str


@dataclass
class Client:
    """One client of a stream, and the server's end of its connection."""

    server: ASGIApp
    path: str
    headers: dict[str, str]
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_complete: bool = False
    reads: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reads.set()
        self._asked = False
        self.request = asyncio.create_task(self._run())

    async def _run(self) -> None:
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        scope = {
            "type": "http",
            "method": "GET",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [(b"host", b"127.0.0.1"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8600),
            "http_version": "1.1",
        }
        await self.server(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answered = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            self.is_complete = True
            self.gone.set()

    @property
    def events(self) -> list[Event]:
        return parsed(self.body)

    async def until(self, condition: Callable[[Client], bool]) -> Client:
        while not condition(self):
            if self.request.done():
                self.request.result()
                assert condition(self), self.body
                break
            await asyncio.sleep(0.005)
        return self

    async def has(self, count: int) -> Client:
        return await self.until(lambda client: len(client.events) >= count)

    async def ends(self) -> Client:
        await self.until(lambda client: client.is_complete)
        await self.request
        return self

    async def leave(self) -> None:
        self.gone.set()
        await self.request


def parsed(body: bytes) -> list[Event]:
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        fields = [line.partition(": ")[::2] for line in block.split("\n") if not line.startswith(":")]
        named = dict(fields)
        if "event" in named:
            found.append(Event(named["event"], "\n".join(v for k, v in fields if k == "data"), named.get("id", "")))
    return found


class Streams:
    """Opens streams on an application."""

    def __init__(self, rack: Rack, token: str) -> None:
        self._app = app.create(rack)
        self._token = token
        self._rack = rack

    def open(self, job_id: str, last_event_id: str | None = None, token: str | None = None) -> Client:
        headers = {"Authorization": f"Bearer {token or self._token}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        return Client(self._app, f"/signalkey/api/v1/jobs/{job_id}/stream", headers)

    def run(self, scenario: Callable[[], Awaitable[None]]) -> None:
        async def within() -> None:
            try:
                async with asyncio.timeout(WITHIN_S):
                    await scenario()
            finally:
                await self._rack.following.close()
                await self._rack.lookups.close()
                await self._rack.windows.close()

        asyncio.run(within())

    def read(self, job_id: str, last_event_id: str | None = None, token: str | None = None) -> Client:
        """Return a client that has read a stream that ends by itself."""
        found: list[Client] = []

        async def scenario() -> None:
            found.append(await self.open(job_id, last_event_id, token).ends())

        self.run(scenario)
        return found[0]


@pytest.fixture
def streams(rack: Rack, key: NewKey) -> Streams:
    return Streams(rack, key.token)


def test_it_is_printed_as_the_document_prints_it(streams: Streams, rack: Rack, job_id: str, tmp_path: Path):
    async def scenario() -> None:
        client = await streams.open(job_id).has(1)
        assert b'event: progress\ndata: {"progress": 0.05, "stage": "upload"}\n\n' in client.body
        await asyncio.to_thread(finish, rack, job_id, tmp_path)
        await client.ends()
        assert client.body.endswith(b'event: done\ndata: {"ok": true}\n\n')
        assert [event.name for event in client.events] == ["progress", "progress", "result", "done"]

    streams.run(scenario)


def test_headers_say_what_it_is_and_how_the_key_stands(streams: Streams, rack: Rack, job_id: str, tmp_path: Path):
    finish(rack, job_id, tmp_path)

    answered = streams.read(job_id).answered

    assert answered["content-type"] == "text/event-stream"
    assert answered["cache-control"] == "no-store"
    assert answered["x-accel-buffering"] == "no"
    assert "content-length" not in answered
    windows = [f"x-ratelimit-{what}-{window}" for window in ("minute", "month") for what in ("limit", "remaining")]
    assert [answered[name] for name in windows] == ["30", "28", "1000", "999"]
    assert {"x-ratelimit-reset-minute", "x-ratelimit-reset-month", "x-request-id"} <= answered.keys()


def test_every_stage_is_told_as_it_begins_then_the_result_that_a_poll_tells(
    streams: Streams, client: TestClient, rack: Rack, job_id: str, tmp_path: Path
):
    async def scenario() -> None:
        stream = await streams.open(job_id).has(1)
        attempt = await asyncio.to_thread(begin, rack, job_id)
        for place, stage in enumerate(STAGES):
            await asyncio.to_thread(advance, rack, attempt, stage, place / len(STAGES))
            await stream.has(place + 2)
        finish(rack, job_id, tmp_path, attempt=attempt)
        await stream.ends()

        told = [json.loads(event.data) for event in stream.events if event.name == "progress"]
        assert [one["stage"] for one in told] == ["upload", *STAGES, "release"]
        heights = [one["progress"] for one in told]
        assert heights == sorted(heights)
        assert heights[-1] == 1.0
        assert [int(event.id) for event in stream.events] == list(range(1, len(stream.events) + 1))
        results.append(json.loads(stream.events[-2].data))

    results: list[dict[str, Any]] = []
    streams.run(scenario)
    polled = client.get(f"/api/v1/jobs/{job_id}").json()
    assert [without_links(result) for result in results] == [without_links(polled)]


def without_links(result: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(result)
    found: dict[str, Any] = json.loads(text, object_hook=_cut)
    return found


def _cut(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.partition("?")[0] if isinstance(value, str) and value.startswith("http") else value
        for name, value in found.items()
        if name != "links_expire_at"
    }


def test_a_job_that_has_ended_is_told_at_once(streams: Streams, rack: Rack, job_id: str, tmp_path: Path):
    finish(rack, job_id, tmp_path)

    events = streams.read(job_id).events

    assert [event.name for event in events] == ["progress", "result", "done"]
    assert json.loads(events[0].data)["progress"] == 1.0
    assert json.loads(events[1].data)["id"] == job_id


def test_a_failed_analysis_ends_with_the_error_that_a_poll_tells(
    streams: Streams, client: TestClient, rack: Rack, job_id: str
):
    fail(rack, job_id, UnusableAudio("inner words"))

    stream = streams.read(job_id)

    assert [event.name for event in stream.events] == ["error"]
    assert json.loads(stream.events[0].data) == client.get(f"/api/v1/jobs/{job_id}").json()
    assert "inner words" not in stream.body.decode()


def test_whoever_watches_when_it_fails_hears_of_it(streams: Streams, rack: Rack, job_id: str):
    async def scenario() -> None:
        stream = await streams.open(job_id).has(1)
        await asyncio.to_thread(fail, rack, job_id, UnusableAudio("no"))
        await stream.ends()

        assert [event.name for event in stream.events] == ["progress", "error"]
        assert json.loads(stream.events[1].data)["error"]["code"] == "analysis_failed"

    streams.run(scenario)


def test_a_cancelled_analysis_has_failed(streams: Streams, rack: Rack, job_id: str):
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
        assert attempt is not None
        lifecycle.cancel(connection, attempt)

    (event,) = streams.read(job_id).events

    assert (event.name, json.loads(event.data)["error"]["code"]) == ("error", "analysis_failed")


def test_many_watchers_are_told_the_same(streams: Streams, rack: Rack, job_id: str, tmp_path: Path):
    async def scenario() -> None:
        watchers = [await streams.open(job_id).has(1) for _ in range(5)]
        attempt = await asyncio.to_thread(begin, rack, job_id)
        await asyncio.to_thread(advance, rack, attempt, "tempo", 0.4)
        for watcher in watchers:
            await watcher.has(2)
        finish(rack, job_id, tmp_path, attempt=attempt)
        for watcher in watchers:
            await watcher.ends()

        assert len({watcher.body for watcher in watchers}) == 1
        assert len(rack.following) == 0

    streams.run(scenario)


def advanced(rack: Rack, job_id: str, tmp_path: Path) -> None:
    attempt = begin(rack, job_id)
    for place, stage in enumerate(STAGES[:4]):
        advance(rack, attempt, stage, place / 4)
    finish(rack, job_id, tmp_path, attempt=attempt)


def test_a_client_that_was_cut_off_goes_on_after_any_event_with_the_same_ids_and_words(
    streams: Streams, rack: Rack, job_id: str, tmp_path: Path
):
    advanced(rack, job_id, tmp_path)
    whole = streams.read(job_id, "0").events

    assert [event.name for event in whole] == ["progress"] * 6 + ["result", "done"]
    assert [event.id for event in whole] == [str(number) for number in range(1, 9)]
    for place, event in enumerate(whole[:-1]):
        rest = streams.read(job_id, event.id)
        assert rest.status == 200
        assert [(one.id, one.name) for one in rest.events] == [(one.id, one.name) for one in whole[place + 1 :]]
        assert [one.data for one in rest.events if one.name == "progress"] == [
            one.data for one in whole[place + 1 :] if one.name == "progress"
        ]


def test_whoever_has_had_the_last_event_is_told_to_connect_no_more(
    streams: Streams, rack: Rack, job_id: str, tmp_path: Path
):
    advanced(rack, job_id, tmp_path)

    answer = streams.read(job_id, "8")

    assert (answer.status, answer.body) == (204, b"")
    assert "content-type" not in answer.answered
    assert answer.answered["x-ratelimit-limit-minute"] == "30"


def test_of_a_failed_job_the_error_is_the_last_event(streams: Streams, rack: Rack, job_id: str):
    fail(rack, job_id, UnusableAudio("no"))
    (event,) = streams.read(job_id, "1").events

    assert streams.read(job_id, event.id).status == 204
    assert [one.name for one in streams.read(job_id, "3").events] == ["progress", "error"]


@pytest.mark.parametrize("said", ["", "x", "-1", "1.5", "99", "9" * 40, "1 ", "NaN", "\xb2", "\xe9"])
def test_an_id_that_was_never_given_out_begins_from_the_start(
    streams: Streams, rack: Rack, job_id: str, tmp_path: Path, said: str
):
    advanced(rack, job_id, tmp_path)

    events = streams.read(job_id, said).events

    assert [event.id for event in events] == [str(number) for number in range(1, 9)]


def test_a_client_that_resumes_while_it_runs_misses_nothing(streams: Streams, rack: Rack, job_id: str, tmp_path: Path):
    async def scenario() -> None:
        first = await streams.open(job_id).has(1)
        attempt = await asyncio.to_thread(begin, rack, job_id)
        await asyncio.to_thread(advance, rack, attempt, "decode", 0.0)
        await first.has(2)
        await first.leave()
        for stage, progress in (("features", 0.1), ("tempo", 0.35)):
            await asyncio.to_thread(advance, rack, attempt, stage, progress)

        resumed = await streams.open(job_id, first.events[-1].id).has(2)
        late = await streams.open(job_id).has(1)
        ahead = await streams.open(job_id, "5").has(4)

        assert [event.id for event in resumed.events] == ["3", "4"]
        assert [event.id for event in late.events] == ["4"]
        assert [event.id for event in ahead.events] == ["1", "2", "3", "4"]
        finish(rack, job_id, tmp_path, attempt=attempt)
        for client in (resumed, late, ahead):
            await client.ends()
            assert [event.id for event in client.events][-4:] == ["4", "5", "6", "7"]

    streams.run(scenario)


def test_after_a_lost_attempt_ids_go_on_and_the_progress_waits(streams: Streams, rack: Rack, job_id: str):
    async def scenario() -> None:
        stream = await streams.open(job_id).has(1)
        first = begin(rack, job_id)
        for stage, progress in (("decode", 0.0), ("mix", 0.85)):
            advance(rack, first, stage, progress)
        with rack.database.write() as connection:
            lifecycle.lapse(connection, first)
        with rack.database.write() as connection:
            lifecycle.reap(connection, rack.queue, 3)
        second = begin(rack, job_id)
        advance(rack, second, "decode", 0.0)
        await stream.has(4)

        told = [(event.id, json.loads(event.data)) for event in stream.events]
        assert told[2:] == [
            ("3", {"progress": 0.8575, "stage": "mix"}),
            ("4", {"progress": 0.8575, "stage": "decode"}),
        ]
        await stream.leave()

    streams.run(scenario)


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

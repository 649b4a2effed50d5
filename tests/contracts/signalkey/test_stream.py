"""``GET /api/v1/jobs/{id}/stream``: every stage as it begins, then the result or the error."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from soundrack.errors import UnusableAudio
from soundrack.jobs import lifecycle
from soundrack.rack import Rack
from tests.contracts.signalkey.conftest import advance, begin, fail, finish
from tests.contracts.signalkey.streaming import STAGES, Streams


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

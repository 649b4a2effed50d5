"""``GET /api/v1/jobs/{id}/stream`` with ``Last-Event-ID``: a client that was cut off goes on where it was."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from soundrack.errors import UnusableAudio
from soundrack.jobs import lifecycle
from soundrack.rack import Rack
from tests.contracts.signalkey.conftest import advance, begin, fail, finish
from tests.contracts.signalkey.streaming import STAGES, Streams


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

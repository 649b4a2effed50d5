"""Every action from its submission to its end: what is answered, charged, kept and linked to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.database.tables import job_inputs, jobs
from soundrack.errors import (
    ForbiddenAddress,
    Internal,
    Invalid,
    ResourcesExhausted,
    SoundrackError,
    TooLarge,
    TooLong,
    Unreachable,
    UnsupportedFormat,
    UnusableAudio,
)
from soundrack.jobs import record
from soundrack.jobs.task import Kind
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.soundpiece import examples, views
from soundrack.services.soundpiece.actions import BY_ROUTE, Action
from tests.contracts.soundpiece.conftest import (
    EVERY,
    FLAC,
    SONG,
    Submit,
    balance,
    body,
    dto,
    fail,
    finish,
    path,
)

FIELDS = {
    "create.new_song": ["lyrics", "prompt", "reference", "outputs"],
    "create.new_instrumental": ["prompt", "reference", "outputs"],
    "create.new_sample": ["prompt", "duration", "loopable", "output"],
    "create.new_fx": ["prompt", "duration", "output"],
    "create.remix_song": ["source", "lyrics", "prompt", "n_variations", "outputs"],
    "create.remix_instrumental": ["source", "n_variations", "outputs"],
    "adapt.separate_stems": ["source", "outputs"],
    "adapt.auto_cut_down": ["source", "target_duration", "output"],
}
WRAPPERS = {
    "create.new_song": "song",
    "create.new_instrumental": "instrumental",
    "create.new_sample": "sample",
    "create.new_fx": "fx",
    "create.remix_song": "remix_song",
    "create.remix_instrumental": "remix_instrumental",
    "adapt.separate_stems": "stems",
    "adapt.auto_cut_down": "auto_cut",
}
PRICES = {
    "create.new_song": 2,
    "create.new_instrumental": 2,
    "create.remix_song": 2,
    "create.remix_instrumental": 2,
    "adapt.separate_stems": 1,
    "create.new_sample": 1,
    "create.new_fx": 1,
    "adapt.auto_cut_down": 1,
}
"""DECISIONS, "Costs"."""


def job(rack: Rack, job_id: str) -> Any:
    with rack.database.read() as connection:
        return connection.execute(select(jobs).where(jobs.c.id == job_id)).one()


@pytest.mark.parametrize("action", EVERY)
def test_it_is_accepted_polled_and_delivered(
    client: TestClient, rack: Rack, account: Account, tmp_path: Path, action: Action
):
    sent = body(action)
    accepted = client.put(path(action), json=sent)

    assert accepted.status_code == 200
    assert list(accepted.json()) == [WRAPPERS[action.route]]
    operation = dto(accepted)
    assert list(operation) == ["id", "status", "created_at", "idempotency_key", *FIELDS[action.route], "error"]
    assert re.fullmatch(r"op_[0-9a-z]{26}", operation["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", operation["created_at"])
    assert {name: operation[name] for name in sent} == sent
    assert (operation["status"], operation[action.field], operation["error"]) == ("processing", None, None)
    assert balance(rack, account) == 100 - PRICES[action.route]
    assert client.get(path(action), params={"id": operation["id"]}).json() == accepted.json()

    finish(rack, operation["id"], tmp_path)

    ready = dto(client.get(path(action), params={"id": operation["id"]}))
    assert (ready["status"], ready["error"]) == ("ready", None)
    results = ready[action.field] if action.field == "outputs" else [ready[action.field]]
    for result in results:
        assert list(result) == ["url", "expires_at", "duration", *(["kind"] if "kind" in result else [])]
    assert all(client.get(one["url"], headers={"Authorization": ""}).content == FLAC for one in results)
    assert {name: ready[name] for name in ready if name not in {"status", action.field}} == {
        name: operation[name] for name in operation if name not in {"status", action.field}
    }


def test_songs_come_in_two_variations_remixes_in_as_many_as_are_asked_for_and_stems_in_four(
    submit: Submit, client: TestClient, rack: Rack, tmp_path: Path
):
    expected = {SONG.route: 2, "create.remix_instrumental": 3, "adapt.separate_stems": 4}
    for route, count in expected.items():
        action = BY_ROUTE[route]
        made = dto(submit(action, **({"n_variations": 3} if "remix" in route else {})))
        finish(rack, made["id"], tmp_path)
        told = dto(client.get(path(action), params={"id": made["id"]}))["outputs"]

        assert len(told) == len({one["url"] for one in told}) == count
        if route == "adapt.separate_stems":
            assert [one["kind"] for one in told] == ["vocals", "drums", "bass", "other"]
        else:
            assert [one["duration"] for one in told] == [87.4 + number for number in range(count)]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("route", "kind", "told"),
    [
        (
            "create.new_song",
            Kind.COMPOSE,
            {"prompt": "Synthwave, melancholic, mid-tempo", "variations": 2, "duration_s": None},
        ),
        ("create.new_instrumental", Kind.COMPOSE, {"lyrics": None, "variations": 2, "duration_s": None}),
        ("create.new_sample", Kind.SAMPLE, {"duration_s": 8.0, "loopable": False}),
        ("create.new_fx", Kind.EFFECT, {"duration_s": 8.0}),
        ("create.remix_song", Kind.REMIX, {"instrumental": False, "variations": 2}),
        (
            "create.remix_instrumental",
            Kind.REMIX,
            {"instrumental": True, "variations": 2, "prompt": None, "lyrics": None},
        ),
        ("adapt.separate_stems", Kind.SEPARATE, {}),
        ("adapt.auto_cut_down", Kind.CUT, {"target_s": 30.0}),
    ],
)
def test_its_job_has_the_kind_and_parameters_that_the_engine_takes(
    submit: Submit, rack: Rack, route: str, kind: Kind, told: dict[str, Any]
):
    action = BY_ROUTE[route]
    row = job(rack, dto(submit(action))["id"])

    assert row.kind == kind
    assert {name: row.parameters[name] for name in told} == told
    assert ("seed" in row.parameters) is (kind in {Kind.COMPOSE, Kind.SAMPLE, Kind.EFFECT, Kind.REMIX})
    assert row.followed
    with rack.database.read() as connection:
        named = connection.execute(select(job_inputs.c.name).where(job_inputs.c.job_id == row.id)).scalars().all()
    assert named == (["source"] if action.recording == "source" else [])


@pytest.mark.one_database
def test_each_operation_draws_a_seed_of_its_own(submit: Submit, rack: Rack):
    drawn = {job(rack, dto(submit())["id"]).parameters["seed"] for _ in range(5)}

    assert len(drawn) == 5


@pytest.mark.one_database
def test_a_reference_is_fetched_by_the_worker_and_echoed_after_the_end_too(
    client: TestClient, rack: Rack, tmp_path: Path
):
    reference = {"url": "https://example.com/reference.mp3?signature=x"}
    sent = {name: value for name, value in body(SONG).items() if name != "prompt"} | {"reference": reference}
    operation = dto(client.put(path(SONG), json=sent))
    with rack.database.read() as connection:
        row = connection.execute(select(job_inputs).where(job_inputs.c.job_id == operation["id"])).one()
    finish(rack, operation["id"], tmp_path)

    assert (row.name, row.url) == ("reference", reference["url"])
    assert row.terms["most_bytes"] == 200 * 2**20
    ready = dto(client.get(path(SONG), params={"id": operation["id"]}))
    assert (ready["prompt"], ready["reference"]) == (None, reference)


@pytest.mark.one_database
def test_links_live_fifteen_minutes_and_are_new_on_every_poll(
    client: TestClient, rack: Rack, operation_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    finish(rack, operation_id, tmp_path)
    at = datetime.now(UTC).replace(microsecond=0)
    told = []
    for minutes in (0, 10):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: at + timedelta(minutes=minutes))
        told.append(dto(client.get(path(), params={"id": operation_id}))["output"])
        expires_at = datetime.fromisoformat(told[-1]["expires_at"])
        assert expires_at == at + timedelta(minutes=minutes + 15)

    client.headers.pop("Authorization")
    assert client.get(told[0]["url"]).status_code == 200
    assert client.get(told[0]["url"], headers={"Range": "bytes=0-3"}).content == b"fLaC"
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(minutes=16))
    assert client.get(told[0]["url"]).status_code == 403
    assert client.get(told[1]["url"]).status_code == 200


CODES: list[tuple[SoundrackError, str]] = [
    (Unreachable("inner words"), "source_unreachable"),
    (ForbiddenAddress("inner words"), "source_unreachable"),
    (UnsupportedFormat("inner words"), "source_invalid"),
    (UnusableAudio("inner words"), "source_invalid"),
    (TooLarge("inner words"), "source_invalid"),
    (TooLong("inner words"), "source_invalid"),
    (Invalid("inner words"), "content_rejected"),
    (ResourcesExhausted("inner words"), "timeout"),
    (Internal("inner words"), "internal_error"),
]


def test_a_failed_operation_tells_the_decided_code_and_its_credits_come_back_once(
    client: TestClient, rack: Rack, account: Account, submit: Submit
):
    for error, code in CODES:
        operation_id = dto(submit())["id"]
        assert balance(rack, account) == 99
        fail(rack, operation_id, error)

        failed = dto(client.get(path(), params={"id": operation_id}))

        assert (failed["status"], failed["output"], failed["error"]["code"]) == ("failed", None, code)
        assert list(failed["error"]) == ["code", "message"]
        assert "inner words" not in failed["error"]["message"]
        assert balance(rack, account) == 100


def test_ids_that_are_unknown_malformed_another_s_or_of_another_action_are_told_alike(
    client: TestClient, rack: Rack, submit: Submit, operation_id: str
):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        token = keys.create(connection, rack.secret, other.id, Service.SOUNDPIECE, "").token
    stranger = {"Authorization": f"Bearer {token}"}
    song = dto(submit(SONG))["id"]
    answers = [
        *(client.get(path(), params={"id": one}) for one in ("op_" + 26 * "0", "nonsense", "", "op_\0", song)),
        client.get(path(), params={"id": operation_id}, headers=stranger),
        client.get(path(), params={"id": operation_id, "wait": "true"}, headers=stranger),
    ]

    fault = {"loc": ["query", "id"], "msg": "Value error, there is no such operation", "type": "value_error"}
    for answer in answers:
        assert (answer.status_code, answer.json()) == (422, {"detail": [fault]})


@pytest.mark.one_database
def test_what_is_past_its_retention_is_known_no_more(
    client: TestClient, rack: Rack, operation_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    finish(rack, operation_id, tmp_path)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=31))

    assert client.get(path(), params={"id": operation_id}).status_code == 422


@pytest.mark.one_database
def test_every_invented_operation_has_the_fields_of_the_real_one(
    submit: Submit, rack: Rack, account: Account, tmp_path: Path
):
    for action in BY_ROUTE.values():
        job_id = dto(submit(action))["id"]
        finish(rack, job_id, tmp_path)
        with rack.database.read() as connection:
            made = record.get(connection, job_id, account_id=account.id, service=Service.SOUNDPIECE)
        assert list(views.operation(made, rack)) == list(examples.operation(action, "ready"))

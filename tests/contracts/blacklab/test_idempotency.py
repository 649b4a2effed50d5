"""``Idempotency-Key`` on BlackLab's POSTs, as its document and our decisions have it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.oauth import clients
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.database.tables import assets, credit_entries, idempotency_records, jobs
from soundrack.jobs import lifecycle, record
from soundrack.jobs.delivery import DbosQueue
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.blacklab.printed import Wire

EXAMPLE = """\
curl -X POST https://api.blacklab.studio/v1/mastering/jobs \\
  -H "Authorization: Bearer sk_live_xxx" \\
  -H "Idempotency-Key: unique-request-id-123" \\
  -H "Content-Type: application/json" \\
  -d '{"input_url": "...", "preset": "balanced"}'
"""
JOBS = "/v1/mastering/jobs"
UPLOADS = "/v1/assets/upload-url"
ASKED = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 100}
KEY = "3d1f8a7e-5b0c-4f0e-9c3a-1a2b3c4d5e6f"
OF_THE_SENDING = {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset"}


def post(client: TestClient, path: str, body: Any, key: str = KEY, **headers: str) -> Response:
    return client.post(path, json=body, headers={"Idempotency-Key": key} | headers)


def count(rack: Rack, table: Any) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
        return found


def charges(rack: Rack) -> int:
    with rack.database.read() as connection:
        charged = select(func.count()).where(credit_entries.c.kind == "charge")
        found: int = connection.execute(charged).scalar_one()
        return found


def refused(response: Response, status: int, code: str) -> bool:
    error = response.json()["error"]
    return (response.status_code, error["code"], error["param"]) == (status, code, "Idempotency-Key")


@pytest.mark.one_database
def test_the_example_runs_as_printed_and_again_with_the_replay_header(wire: Wire, rack: Rack):
    example = EXAMPLE.replace('"..."', '"https://storage.example.com/my-track.wav"')

    first, second = wire.run(example), wire.run(example)

    assert (first.status, second.status, second.content) == (201, 201, first.content)
    assert "x-idempotent-replayed" not in first.headers
    assert second.headers["x-idempotent-replayed"] == "true"
    assert (count(rack, jobs), charges(rack)) == (1, 1)


def test_a_job_that_is_submitted_twice_is_one_job_and_one_charge(client: TestClient, rack: Rack, upload):
    body = {"input_url": upload()}

    first, second = post(client, JOBS, body), post(client, JOBS, body)

    assert first.status_code == second.status_code == 201
    assert second.content == first.content
    assert "x-idempotent-replayed" not in first.headers
    assert second.headers["x-idempotent-replayed"] == "true"
    assert (count(rack, jobs), charges(rack)) == (1, 1)


def test_a_replay_has_the_first_one_s_headers_and_the_limits_and_request_id_of_its_own(client: TestClient):
    first = post(client, UPLOADS, ASKED, **{"X-Request-Id": "one"})
    second = post(client, UPLOADS, ASKED, **{"X-Request-Id": "two"})

    own = OF_THE_SENDING | {"x-idempotent-replayed"}
    assert {k: v for k, v in first.headers.items() if k not in own} == {
        k: v for k, v in second.headers.items() if k not in own
    }
    assert (first.headers["x-request-id"], second.headers["x-request-id"]) == ("one", "two")
    remaining = [int(response.headers["x-ratelimit-remaining"]) for response in (first, second)]
    assert remaining[1] < remaining[0]


def test_without_a_key_every_request_counts(client: TestClient, rack: Rack, upload):
    body = {"input_url": upload()}

    ids = {client.post(JOBS, json=body).json()["id"] for _ in range(2)}

    assert len(ids) == count(rack, jobs) == 2
    assert count(rack, idempotency_records) == 0


def test_every_post_takes_a_key(client: TestClient, rack: Rack):
    first, second = post(client, UPLOADS, ASKED), post(client, UPLOADS, ASKED)

    assert first.json() == second.json()
    assert count(rack, assets) == 1


def test_a_key_on_a_get_means_nothing(client: TestClient, rack: Rack, upload):
    job = client.post(JOBS, json={"input_url": upload()}).json()

    for _ in range(2):
        read = client.get(f"{JOBS}/{job['id']}", headers={"Idempotency-Key": KEY})
        assert (read.status_code, "x-idempotent-replayed" in read.headers) == (200, False)
    assert count(rack, idempotency_records) == 0


def test_a_key_with_another_body_is_refused(client: TestClient, rack: Rack, upload):
    body = {"input_url": upload()}
    post(client, JOBS, body)

    assert refused(post(client, JOBS, body | {"preset": "warm"}), 422, "validation_error")
    assert count(rack, jobs) == 1


def test_one_key_serves_two_paths_and_two_accounts(client: TestClient, rack: Rack, upload):
    post(client, JOBS, {"input_url": upload()})
    assert "x-idempotent-replayed" not in post(client, UPLOADS, ASKED).headers
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        token = keys.create(connection, rack.secret, other.id, Service.BLACKLAB, "").token

    theirs = post(client, UPLOADS, ASKED, Authorization=f"Bearer {token}")

    assert "x-idempotent-replayed" not in theirs.headers


@pytest.mark.one_database
@pytest.mark.parametrize("sent", ["", " ", "x" * 256], ids=["empty", "blank", "256 characters"])
def test_a_key_that_is_empty_or_longer_than_255_characters_is_refused(client: TestClient, rack: Rack, sent: str):
    assert refused(post(client, UPLOADS, ASKED, sent), 422, "validation_error")
    assert count(rack, assets) == 0


@pytest.mark.parametrize("sent", ["x" * 255, "a b", "'; DROP TABLE jobs; --", "%00", "{}"])
def test_any_other_key_is_taken_as_it_is(client: TestClient, sent: str):
    first, second = post(client, UPLOADS, ASKED, sent), post(client, UPLOADS, ASKED, sent)

    assert first.json() == second.json()


def test_two_keys_at_once_are_refused(client: TestClient):
    response = client.post(UPLOADS, json=ASKED, headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "b")])

    assert refused(response, 422, "validation_error")


@pytest.mark.parametrize(
    ("body", "status"), [({"preset": "warm"}, 422), ({"input_url": "http://127.0.0.1/x"}, 422), (b"{", 400)]
)
def test_a_refusal_is_repeated_too(client: TestClient, body: Any, status: int):
    headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
    content = {"content": body} if isinstance(body, bytes) else {"json": body}

    first = client.post(JOBS, headers=headers, **content)
    second = client.post(JOBS, headers=headers, **content)

    assert first.status_code == second.status_code == status
    assert first.content == second.content
    assert second.headers["x-idempotent-replayed"] == "true"


def test_a_refusal_for_want_of_credits_stays_one_until_another_key_is_used(
    client, rack: Rack, account: Account, upload
):
    body = {"input_url": upload()}
    with rack.database.write() as connection:
        credits.charge(connection, account.id, 100, "all of it", service=Service.BLACKLAB)
    assert post(client, JOBS, body).status_code == 402
    with rack.database.write() as connection:
        credits.grant(connection, account.id, 10, "more")

    assert post(client, JOBS, body).status_code == 402
    assert post(client, JOBS, body, "another").status_code == 201


def test_after_an_error_of_ours_the_same_request_can_be_tried_again(client, rack: Rack, upload, monkeypatch):
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a detail of ours")

    body = {"input_url": upload()}
    with monkeypatch.context() as broken:
        broken.setattr(DbosQueue, "enqueue", break_down)
        assert post(client, JOBS, body).status_code == 500
    assert (count(rack, jobs), count(rack, idempotency_records)) == (0, 0)

    again = post(client, JOBS, body)

    assert (again.status_code, "x-idempotent-replayed" in again.headers) == (201, False)
    assert (count(rack, jobs), charges(rack)) == (1, 1)


def test_a_crash_after_the_commit_cannot_make_a_second_job(client, rack: Rack, upload, monkeypatch):
    """The job is committed and the server dies before it has answered: the record is there all the same."""
    body = {"input_url": upload()}
    first = post(client, JOBS, body)
    with rack.database.read() as connection:
        kept = connection.execute(
            select(idempotency_records.c.body, jobs.c.id).join(jobs, jobs.c.id.is_not(None))
        ).one()
    assert bytes(kept.body) == first.content

    def unreachable(*_: object, **__: object) -> None:
        raise AssertionError("what the route keeps needs no second transaction")

    monkeypatch.setattr("soundrack.services.idempotent._settle", unreachable)
    assert post(client, JOBS, body, "another").status_code == 201


def test_the_replay_tells_of_the_job_as_it_was_and_the_job_of_itself(client, rack: Rack, account: Account, upload):
    body = {"input_url": upload()}
    first = post(client, JOBS, body)
    with rack.database.write() as connection:
        job = record.get(connection, first.json()["id"], account_id=account.id, service=Service.BLACKLAB)
        lifecycle.cancel(connection, job)

    assert post(client, JOBS, body).content == first.content
    assert client.get(f"{JOBS}/{job.id}").json()["status"] == "cancelled"


def test_a_revoked_key_gets_no_replay(client: TestClient, rack: Rack):
    assert post(client, UPLOADS, ASKED).status_code == 200

    assert post(client, UPLOADS, ASKED, Authorization="Bearer sk_live_" + "0" * 32).status_code == 401


def test_a_token_without_the_route_s_scope_gets_no_replay_and_takes_no_key(client, rack: Rack, account: Account):
    def token(scope: str) -> str:
        with rack.database.write() as connection:
            new = clients.register(
                connection,
                rack.secret,
                COMMAND_LINE,
                account.id,
                service=Service.BLACKLAB,
                name="Mixdown",
                scope=scope,
                grant_types=["client_credentials"],
                redirect_uris=[],
            )
        asked = {"grant_type": "client_credentials", "scope": scope}
        answer = client.post("/v1/oauth/token", data=asked, auth=(new.client.id, new.client_secret or ""))
        assert answer.status_code == 200, answer.text
        return f"Bearer {answer.json()['access_token']}"

    reads, uploads = token("mastering:read"), token("assets:write")
    assert post(client, UPLOADS, ASKED, Authorization=reads).status_code == 403
    first = post(client, UPLOADS, ASKED, Authorization=uploads)
    assert (first.status_code, "x-idempotent-replayed" in first.headers) == (200, False)

    assert post(client, UPLOADS, ASKED, Authorization=reads).status_code == 403
    assert post(client, UPLOADS, ASKED, Authorization=uploads).content == first.content


def test_after_a_day_the_key_is_new(client: TestClient, rack: Rack, monkeypatch: pytest.MonkeyPatch):
    first = post(client, UPLOADS, ASKED)
    later = clock.now() + timedelta(hours=rack.settings.idempotency_h, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert post(client, UPLOADS, ASKED).json()["asset_url"] != first.json()["asset_url"]


def test_of_many_at_once_one_is_carried_out(client: TestClient, rack: Rack, account: Account, upload):
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "enterprise")
    body = {"input_url": upload()}
    responses: list[Response] = []
    together = threading.Barrier(12)

    def send() -> None:
        together.wait()
        responses.append(post(client, JOBS, body))

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    created = [response for response in responses if response.status_code == 201]
    running = [response for response in responses if response.status_code == 409]
    assert len(created) + len(running) == 12
    assert all(response.json()["error"]["code"] == "idempotency_conflict" for response in running)
    assert len({response.content for response in created}) == 1
    assert sum("x-idempotent-replayed" not in response.headers for response in created) == 1
    assert (count(rack, jobs), charges(rack)) == (1, 1)

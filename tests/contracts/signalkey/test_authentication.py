"""Document, "Access" and "Authentication": who is let in, and who is not any more."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from soundrack.accounts import keys, people
from soundrack.accounts.audit import HOUSE
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.billing.plans import Plans
from soundrack.database.tables import api_keys
from soundrack.errors import Conflict, NotAllowed
from soundrack.outbound.webhooks import secrets
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.signalkey.conftest import Analyze

PATHS = ["/api/v1/me", "/api/v1/jobs/abc123", "/api/v1/jobs/abc123/stream"]


def move(rack: Rack, account: Account, plan: str) -> None:
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, plan)


def test_a_token_is_32_characters_of_base64url_after_its_prefix(key: NewKey):
    assert re.fullmatch(r"sk_live_[A-Za-z0-9_-]{32}", key.token)


def test_only_a_digest_of_it_is_stored(rack: Rack, key: NewKey):
    with rack.database.read() as connection:
        (row,) = connection.execute(api_keys.select())

    assert key.token not in repr(row)
    assert re.fullmatch("[0-9a-f]{64}", row.digest)
    assert key.token.startswith(row.shown_prefix)
    assert len(row.shown_prefix) < 16


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", f"Bearer sk_live_{'A' * 31}-", "Basic c2s6"],
)
def test_without_a_key_that_is_valid_it_is_401(anonymous: TestClient, path: str, header: str | None):
    response = anonymous.get(path, headers={} if header is None else {"Authorization": header})

    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("how", ["revoked", "suspended"])
def test_a_key_that_was_revoked_opens_nothing(client: TestClient, rack: Rack, account: Account, key: NewKey, how: str):
    assert client.get("/api/v1/me").status_code == 200
    with rack.database.write() as connection:
        if how == "revoked":
            keys.revoke(connection, account.id, key.id)
        else:
            people.suspend(connection, account.id, HOUSE)

    response = client.get("/api/v1/me")

    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


def test_another_service_s_key_of_the_same_form_opens_nothing(anonymous: TestClient, rack: Rack, account: Account):
    with rack.database.write() as connection:
        token = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "").token

    assert anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_tokens_stop_working_the_moment_the_owner_falls_below_studio_and_work_again_after(
    client: TestClient, rack: Rack, account: Account, analyze: Analyze
):
    job_id = analyze().json()["job_id"]
    move(rack, account, "free")

    refused = [client.get(path) for path in [*PATHS, f"/api/v1/jobs/{job_id}", f"/api/v1/jobs/{job_id}/stream"]]
    refused.append(analyze())

    assert {answer.status_code for answer in refused} == {403}
    assert {answer.json()["error"]["code"] for answer in refused} == {"forbidden"}
    assert "Free" in refused[0].json()["error"]["message"]
    move(rack, account, "studio")
    assert client.get(f"/api/v1/jobs/{job_id}").status_code == 202


@pytest.mark.parametrize("plan", ["studio", "studio_plus", "enterprise"])
def test_studio_and_above_have_the_api(client: TestClient, rack: Rack, account: Account, plan: str):
    move(rack, account, plan)

    assert client.get("/api/v1/me").json()["plan"] == plan


@pytest.mark.parametrize("name", ["studio", "studio_plus", "enterprise"])
def test_an_account_has_five_active_keys_at_most(rack: Rack, account: Account, key: NewKey, name: str):
    plan = Plans.documented().of(Service.SIGNALKEY, name)

    def make() -> NewKey:
        with rack.database.write() as connection:
            return keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "more", plan=plan)

    made = [make() for _ in range(4)]
    with pytest.raises(Conflict):
        make()
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, made[0].id)

    assert make().id  # one that is revoked is not active


def test_below_studio_no_key_is_minted(rack: Rack, account: Account):
    plan = Plans.documented().of(Service.SIGNALKEY, "free")

    with rack.database.write() as connection, pytest.raises((NotAllowed, Conflict)):
        keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "more", plan=plan)


def test_each_key_has_a_signing_secret_of_its_own_shown_once_beside_it(rack: Rack, account: Account, key: NewKey):
    with rack.database.write() as connection:
        other = keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "another")
        kept = secrets.of(connection, rack.vault, account.id, Service.SIGNALKEY, key.id)

    assert key.signing is not None
    assert other.signing is not None
    assert key.signing.secret != other.signing.secret
    assert [one.secret for one in kept] == [key.signing.secret]

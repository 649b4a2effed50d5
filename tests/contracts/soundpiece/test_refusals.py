"""Document, "Errors": the statuses and bodies of what is not accepted, to the letter where they are printed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from soundrack.accounts import keys, networks
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.database.tables import accounts, jobs
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.soundpiece.actions import ACTIONS, BY_ROUTE, Action
from soundrack.services.soundpiece.schemas import ID_PATTERN
from tests.contracts.soundpiece.conftest import FX, SONG, Submit, balance, body, path

NO_KEY = {"detail": "Missing or invalid Authorization header"}
CUT, REMIX = BY_ROUTE["adapt.auto_cut_down"], BY_ROUTE["create.remix_instrumental"]
SAMPLE = BY_ROUTE["create.new_sample"]
NONE = object()
TOO_SHORT = ("String should have at least 1 character", "string_too_short")
MISSING = ("Field required", "missing")


FAULTS: list[tuple[Action, dict[str, Any], list[str], str, str]] = [
    (SONG, {"lyrics": ""}, ["lyrics"], *TOO_SHORT),
    (SONG, {"lyrics": NONE}, ["lyrics"], *MISSING),
    (SONG, {"lyrics": None}, ["lyrics"], "Input should be a valid string", "string_type"),
    (SONG, {"lyrics": 3001 * "a"}, ["lyrics"], "String should have at most 3000 characters", "string_too_long"),
    (SONG, {"prompt": ""}, ["prompt"], *TOO_SHORT),
    (SONG, {"prompt": 1025 * "a"}, ["prompt"], "String should have at most 1024 characters", "string_too_long"),
    (SONG, {"prompt": NONE}, ["prompt"], *MISSING),
    (SONG, {"prompt": None, "reference": None}, ["prompt"], *MISSING),
    (
        SONG,
        {"reference": {"url": "https://example.com/a.mp3"}},
        ["reference"],
        "Extra inputs are not permitted",
        "extra_forbidden",
    ),
    (
        SONG,
        {"prompt": NONE, "reference": {"url": "nonsense"}},
        ["reference", "url"],
        "Input should be a valid URL, relative URL without a base",
        "url_parsing",
    ),
    (SONG, {"prompt": NONE, "reference": {}}, ["reference", "url"], *MISSING),
    (
        CUT,
        {"source": {"url": "ftp://example.com/a"}},
        ["source", "url"],
        "URL scheme should be 'http' or 'https'",
        "url_scheme",
    ),
    (
        CUT,
        {"source": {"url": "https://127.0.0.1/a"}},
        ["source", "url"],
        "Value error, The URL leads to an address that may not be reached from here.",
        "value_error",
    ),
    (
        CUT,
        {"source": {"url": "https://user:word@example.com/a"}},
        ["source", "url"],
        "Value error, Not an absolute http or https URL of a host without credentials.",
        "value_error",
    ),
    (
        CUT,
        {"target_duration": 4.9},
        ["target_duration"],
        "Input should be greater than or equal to 5",
        "greater_than_equal",
    ),
    (
        FX,
        {"duration": 30.1},
        ["duration"],
        "Input should be less than or equal to 30",
        "less_than_equal",
    ),
    (
        FX,
        {"duration": 0.4},
        ["duration"],
        "Input should be greater than or equal to 0.5",
        "greater_than_equal",
    ),
    (SAMPLE, {"duration": "8"}, ["duration"], "Input should be a valid number", "float_type"),
    (SAMPLE, {"duration": 61}, ["duration"], "Input should be less than or equal to 60", "less_than_equal"),
    (SAMPLE, {"loopable": 1}, ["loopable"], "Input should be a valid boolean", "bool_type"),
    (REMIX, {"n_variations": 4}, ["n_variations"], "Input should be less than or equal to 3", "less_than_equal"),
    (REMIX, {"n_variations": 1.5}, ["n_variations"], "Input should be a valid integer", "int_type"),
    (FX, {"idempotency_key": NONE}, ["idempotency_key"], *MISSING),
    (
        FX,
        {"callback_url": "http://example.com/hook"},
        ["callback_url"],
        "Value error, a callback_url is an https URL",
        "value_error",
    ),
    (FX, {"callback_url": ""}, ["callback_url"], *TOO_SHORT),
]
"""What is sent, and the one fault that is told of it."""


@pytest.mark.one_database
def test_a_value_that_cannot_be_accepted_is_told_in_the_document_s_form(client: TestClient, rack: Rack):
    for action, fields, loc, msg, type_ in FAULTS:
        sent = {name: value for name, value in body(action, **fields).items() if value is not NONE}

        refused = client.put(path(action), json=sent)

        assert refused.status_code == 422
        assert refused.json() == {"detail": [{"loc": ["body", *loc], "msg": msg, "type": type_}]}
    with rack.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 0


@pytest.mark.one_database
def test_every_fault_is_told_at_once(submit: Submit):
    told = submit(SONG, lyrics="", prompt="", idempotency_key="x").json()["detail"]

    assert [fault["loc"] for fault in told] == [["body", "idempotency_key"], ["body", "prompt"], ["body", "lyrics"]]


@pytest.mark.one_database
def test_a_body_that_is_no_object_is_a_fault_of_the_body(client: TestClient):
    for content in (b"", b"[]", b'"text"', b"null", b"1"):
        refused = client.put(path(), content=content, headers={"Content-Type": "application/json"})

        assert refused.status_code == 422
        assert [fault["loc"] for fault in refused.json()["detail"]] == [["body"]]


@pytest.mark.one_database
def test_json_that_cannot_be_parsed_is_400_with_a_sentence(client: TestClient):
    for content in (b"{", b'{"prompt": "x",}', b"\xff\xfe", b"{'prompt': 1}"):
        refused = client.put(path(), content=content, headers={"Content-Type": "application/json"})

        assert refused.status_code == 400
        assert list(refused.json()) == ["detail"]
        assert isinstance(refused.json()["detail"], str)


@pytest.mark.one_database
def test_parameters_of_a_poll_are_faults_of_the_query(client: TestClient, operation_id: str):
    missing = client.get(path())
    no_boolean = client.get(path(), params={"id": operation_id, "wait": "maybe"})

    assert missing.json() == {"detail": [{"loc": ["query", "id"], "msg": "Field required", "type": "missing"}]}
    (fault,) = no_boolean.json()["detail"]
    assert (fault["loc"], fault["type"]) == (["query", "wait"], "bool_parsing")
    assert missing.status_code == no_boolean.status_code == 422
    assert ID_PATTERN == "^op_[0-9a-z]{26}$"


@pytest.mark.one_database
@pytest.mark.parametrize("how", ["missing", "invalid", "scheme", "revoked", "of another service", "from elsewhere"])
def test_without_a_key_that_is_valid_it_is_401_with_the_printed_body(
    anonymous: TestClient, rack: Rack, account: Account, key: NewKey, how: str
):
    headers = {"Authorization": f"Bearer {key.token}"}
    if how == "missing":
        headers = {}
    elif how == "invalid":
        headers = {"Authorization": f"Bearer spk_{32 * 'A'}"}
    elif how == "scheme":
        headers = {"Authorization": key.token}
    with rack.database.write() as connection:
        if how == "revoked":
            keys.revoke(connection, account.id, key.id)
        elif how == "of another service":
            other = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "")
            headers = {"Authorization": f"Bearer {other.token}"}
        elif how == "from elsewhere":
            subscriptions.subscribe(connection, account.id, Service.SOUNDPIECE, "enterprise")
            networks.add(connection, account.id, Service.SOUNDPIECE, "198.51.100.0/24")

    for refused in (
        anonymous.get(path(), params={"id": "x"}, headers=headers),
        anonymous.put(path(), content=b"{", headers=headers),
    ):
        assert (refused.status_code, refused.json()) == (401, NO_KEY)
        assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_too_few_credits_are_told_with_both_numbers_and_the_same_request_passes_once_there_are_more(
    client: TestClient, rack: Rack, account: Account
):
    def give(credits: int) -> None:
        with rack.database.write() as connection:
            connection.execute(update(accounts).where(accounts.c.id == account.id).values(credit_balance=credits))

    give(1)
    sent = body(SONG)

    refused = client.put(path(SONG), json=sent)

    assert (refused.status_code, refused.json()) == (402, {"detail": "Not enough credits", "balance": 1, "required": 2})
    give(2)
    assert client.put(path(SONG), json=sent).status_code == 200
    assert balance(rack, account) == 0


@pytest.mark.one_database
def test_404_is_for_paths_and_methods_that_are_not_served_alone(client: TestClient):
    for method, where, allowed in (
        ("GET", "/v1/create.cut_down", None),
        ("GET", "/create.new_fx", None),
        ("PUT", "/v2/create.new_fx", None),
        ("POST", "/v1/create.new_fx", "GET, PUT"),
        ("DELETE", "/v1/adapt.separate_stems", "GET, PUT"),
    ):
        refused = client.request(method, where)

        assert refused.status_code == 404
        assert isinstance(refused.json()["detail"], str)
        assert refused.headers.get("Allow") == allowed


@pytest.mark.one_database
def test_beyond_sixty_a_minute_of_all_keys_together_it_is_429_as_printed(
    client: TestClient, rack: Rack, account: Account
):
    with rack.database.write() as connection:
        other = keys.create(connection, rack.secret, account.id, Service.SOUNDPIECE, "another").token
    headers = [{}, {"Authorization": f"Bearer {other}"}]
    answers = [client.get(path(), params={"id": "x"}, headers=headers[number % 2]) for number in range(61)]

    assert {answer.status_code for answer in answers[:60]} == {422}
    refused = answers[60]
    wait_s = refused.headers["Retry-After"]
    assert (refused.status_code, refused.json()) == (
        429,
        {"detail": f"Rate limit exceeded; retry in {wait_s} seconds"},
    )
    assert 1 <= int(wait_s) <= 60
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
        assert ("retry-after" in answer.headers) is (answer is refused)


@pytest.mark.one_database
def test_what_goes_wrong_here_is_500_with_a_sentence_that_tells_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_given: Any, **_named: Any) -> Any:
        raise RuntimeError("SELECT secret FROM house")

    monkeypatch.setattr("soundrack.jobs.submission.submit", broken)

    refused = client.put(path(), json=body())

    assert refused.status_code == 500
    assert refused.json() == {"detail": "An unexpected error happened. It has been logged."}


@pytest.mark.one_database
def test_a_body_beyond_a_megabyte_or_with_a_nul_is_refused(client: TestClient):
    large = client.put(path(), json=body(prompt=2**20 * "a"))
    nul = client.put(path(), json=body(prompt="a\0"))

    assert (large.status_code, type(large.json()["detail"])) == (413, str)
    assert (nul.status_code, nul.json()["detail"][0]["loc"]) == (422, ["body"])


@pytest.mark.one_database
def test_fields_that_nobody_knows_are_ignored(client: TestClient):
    for action in ACTIONS:
        assert client.put(path(action), json=body(action, colour="blue")).status_code == 200

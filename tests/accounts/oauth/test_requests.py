"""Token requests that are not as they should be (RFC 6749, 2.3.1, 3.2 and 5.2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from soundrack.accounts.oauth.clients import NewClient
from soundrack.rack import Rack
from tests.accounts.oauth.provider import VERIFIER, Provider, basic

pytestmark = pytest.mark.one_database


@pytest.fixture
def own(provider: Provider) -> NewClient:
    """An application that acts for itself."""
    return provider.register(grant_types=["client_credentials"], redirect_uris=[])


FORM = {"grant_type": "client_credentials", "scope": "mastering:read"}


def test_a_client_proves_who_it_is_by_header_or_body(provider: Provider, own: NewClient):
    by_header = provider.post(urlencode(FORM).encode(), authorization=[basic(own.client.id, own.client_secret)])
    by_body = provider.token(own, **FORM)

    assert (by_header.status, by_body.status) == (200, 200)


def test_the_header_may_be_beside_the_same_client_in_the_body(provider: Provider, own: NewClient):
    body = urlencode(FORM | {"client_id": own.client.id}).encode()

    assert provider.post(body, authorization=[basic(own.client.id, own.client_secret)]).status == 200


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data; boundary=a", "text/plain", "application/x-www-form"]
)
def test_only_a_form_is_read(provider: Provider, content_type: str):
    answer = provider.post(b'{"grant_type": "client_credentials"}', content_type=content_type)

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=UTF-8",
        "APPLICATION/X-WWW-Form-urlencoded",
        "application/x-www-form-urlencoded ;a",
    ],
)
def test_a_form_is_a_form_however_it_is_spelled(provider: Provider, own: NewClient, content_type: str):
    body = urlencode(FORM | {"client_id": own.client.id, "client_secret": own.client_secret}).encode()

    assert provider.post(body, content_type=content_type).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"grant_type=%ff",
        "grant_type=ä".encode(),
        b"grant_type=a%00b",
        b"grant_type=a%0d%0ab",
        b"grant_type=%e2%82%ac",
        b"&".join(b"a%d=b" % n for n in range(41)),
        b"grant_type=" + b"a" * 4097,
        b"grant_type=client_credentials&" + b"a" * 17_000,
        b"a" * 5000 + b"=b",
        b"",
        b"grant_type=",
        b"grant_type=&grant_type=client_credentials",
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&unknown=1&unknown=2",
        None,
    ],
)
def test_a_form_that_no_client_sends_is_refused(provider: Provider, body: Any):
    answer = provider.post(body)

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.body["error_description"]
    assert said.endswith(".")
    assert said.isascii()


def test_parameters_do_not_belong_into_the_url(provider: Provider, own: NewClient):
    query = urlencode(FORM | {"client_id": own.client.id, "client_secret": own.client_secret}).encode()

    assert provider.post(b"", query=query).body["error"] == "invalid_request"
    assert provider.post(query, query=b"a=b").body["error"] == "invalid_request"


@pytest.mark.parametrize("grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", '"\\'])
def test_other_grants_are_unknown(provider: Provider, own: NewClient, grant_type: str):
    answer = provider.token(own, grant_type=grant_type, username="a", password="b")

    assert (answer.status, answer.body["error"]) == (400, "unsupported_grant_type")
    assert grant_type not in answer.body["error_description"]


def test_two_authorization_headers_are_refused(provider: Provider, own: NewClient):
    good = basic(own.client.id, own.client_secret)
    for headers in ([good, good], [good, "Bearer sk_live_x"], ["Basic eA==", good]):
        assert provider.post(urlencode(FORM).encode(), authorization=headers).body["error"] == "invalid_request"


def test_credentials_in_header_and_body_are_refused_even_if_both_are_right(provider: Provider, own: NewClient):
    body = urlencode(FORM | {"client_id": own.client.id, "client_secret": own.client_secret}).encode()

    answer = provider.post(body, authorization=[basic(own.client.id, own.client_secret)])

    assert answer.body["error"] == "invalid_request"


def test_two_clients_in_one_request_are_refused(provider: Provider, own: NewClient):
    other = provider.register(name="Other")
    body = urlencode(FORM | {"client_id": other.client.id}).encode()

    answer = provider.post(body, authorization=[basic(own.client.id, own.client_secret)])

    assert answer.body["error"] == "invalid_request"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic =",
        "Basic /w==",
        "Basic YXBw",
        "Basic Og==",
        "Basic YTo=",
        "Basic OmE=",
        "Bearer sat_x",
        "Digest username=a",
        "Basic " + "YTpi" * 3000,
    ],
)
def test_a_header_that_is_no_good_is_401_and_asks_for_basic(provider: Provider, own: NewClient, header: str):
    answer = provider.post(urlencode(FORM).encode(), authorization=[header])

    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Soundrack"'


def test_every_wrong_client_is_told_the_same(provider: Provider, rack: Rack, own: NewClient, public: NewClient):
    other = provider.register(name="Other")
    form = urlencode(FORM).encode()
    wrong = [
        provider.token(NewClient(own.client, "scs_wrong"), **FORM),
        provider.token(NewClient(own.client, other.client_secret), **FORM),
        provider.token(NewClient(own.client, None), **FORM),
        provider.token(None, client_id="app_nothing", client_secret="scs_wrong", **FORM),
        provider.token(None, client_secret=own.client_secret, **FORM),
        provider.token(None, **FORM),
        provider.token(NewClient(public.client, "scs_wrong"), **FORM),
        provider.post(form, authorization=[basic(own.client.id, "scs_wrong")]),
        provider.post(form, authorization=[basic("app_nothing", "scs_wrong")]),
        provider.post(form, authorization=[basic(public.client.id, "scs_wrong")]),
    ]

    assert {(answer.status, str(answer.body)) for answer in wrong} == {(401, str(wrong[0].body))}
    assert wrong[0].body["error"] == "invalid_client"


def test_a_confidential_client_without_its_secret_gets_nothing_for_a_code(provider: Provider, confidential: NewClient):
    code = provider.code(confidential)

    assert provider.exchange(NewClient(confidential.client, None), code).body["error"] == "invalid_client"


def test_a_public_client_has_no_credentials_of_its_own(provider: Provider, public: NewClient):
    assert provider.token(public, **FORM).body["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("grant_types", "asked"),
    [
        (["client_credentials"], {"grant_type": "authorization_code", "code": "sac_x", "code_verifier": VERIFIER}),
        (["client_credentials"], {"grant_type": "refresh_token", "refresh_token": "srt_x"}),
        (["authorization_code"], {"grant_type": "client_credentials", "scope": "mastering:read"}),
        (["authorization_code"], {"grant_type": "refresh_token", "refresh_token": "srt_x"}),
    ],
)
def test_a_client_uses_the_grants_that_it_was_registered_for(provider: Provider, grant_types, asked):
    places = ["https://app.example/"] if "authorization_code" in grant_types else []
    made = provider.register(grant_types=grant_types, redirect_uris=places)

    assert provider.token(made, **asked).body["error"] == "unauthorized_client"

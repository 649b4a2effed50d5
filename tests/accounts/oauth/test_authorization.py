"""The way to the consent page and back (RFC 6749, 4.1.1 and 4.1.2)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from soundrack.accounts.oauth import clients
from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.oauth.server import Question
from soundrack.errors import Invalid
from soundrack.rack import Rack
from tests.accounts.oauth.provider import CHALLENGE, ORIGIN, REDIRECT, VERIFIER, Provider, told


@pytest.mark.one_database
def test_a_person_is_asked_in_plain_words(provider: Provider, confidential: NewClient):
    question = provider.review(provider.query(confidential))

    assert isinstance(question, Question)
    assert question.client.name == "Mixdown"
    assert question.words == [
        "See your mastering jobs and download their results",
        "Submit mastering jobs, which spends your credits, and cancel them",
    ]


def test_a_yes_brings_back_a_code_the_state_and_the_issuer(provider: Provider, confidential: NewClient):
    answer = provider.decide(provider.query(confidential))

    assert answer.location is not None
    assert answer.location.startswith(REDIRECT + "?")
    told_back = told(answer)
    assert told_back["code"].startswith("sac_")
    assert told_back | {"code": ""} == {"code": "", "state": "s t&te", "iss": provider.issuer}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.one_database
def test_a_no_brings_back_the_error_the_state_and_the_issuer(provider: Provider, confidential: NewClient):
    told_back = told(provider.decide(provider.query(confidential), allowed=False))

    assert (told_back["error"], told_back["state"], told_back["iss"]) == ("access_denied", "s t&te", provider.issuer)
    assert "code" not in told_back


@pytest.mark.one_database
def test_without_a_state_none_comes_back(provider: Provider, confidential: NewClient):
    assert "state" not in told(provider.decide(provider.query(confidential, state=None)))


@pytest.mark.one_database
@pytest.mark.parametrize("state", ["<script>", "ü €", "a\r\nSet-Cookie: b=c", "&error=x", "%0d%0a"])
def test_a_strange_state_breaks_out_of_nothing(provider: Provider, confidential: NewClient, state: str):
    answer = provider.decide(provider.query(confidential, state=state))

    assert answer.location is not None
    assert answer.location.isascii()
    assert answer.location.isprintable()
    assert told(answer)["state"] == state


@pytest.mark.one_database
def test_the_query_of_a_redirect_uri_is_kept(provider: Provider):
    made = provider.register(redirect_uris=["https://app.example/back?tenant=a%20b&x="])

    answer = provider.decide(provider.query(made, redirect_uri="https://app.example/back?tenant=a%20b&x="))

    assert answer.location is not None
    pairs = parse_qsl(urlsplit(answer.location).query, keep_blank_values=True)
    assert pairs[:2] == [("tenant", "a b"), ("x", "")]
    assert {name for name, _ in pairs[2:]} == {"code", "state", "iss"}


def test_an_application_with_one_place_to_return_to_need_not_name_it(provider: Provider, confidential: NewClient):
    code = provider.code(confidential, redirect_uri=None)

    assert provider.exchange(confidential, code, redirect_uri=None).status == 200


@pytest.mark.one_database
def test_an_application_with_two_must_name_one(provider: Provider):
    made = provider.register(redirect_uris=[REDIRECT, REDIRECT + "/2"])

    with pytest.raises(Invalid) as caught:
        provider.review(provider.query(made, redirect_uri=None))

    assert caught.value.field == "redirect_uri"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "asked",
    [
        REDIRECT + "/more",
        REDIRECT + "#fragment",
        "https://evil.example/back",
        "https://app.example@evil.example/back",
        "https://app.example/%62ack",
        "https://APP.example/back",
        "javascript:alert(1)",
        "//evil.example",
        "https://app.example/back\r\nLocation: https://evil.example",
        'https://app.example/back"',
        "https://app.example/bäck",
        "\x00",
    ],
)
def test_a_browser_is_never_sent_where_the_application_is_not_registered(
    provider: Provider, confidential: NewClient, asked: str
):
    query = provider.query(confidential, redirect_uri=asked)
    for act in (provider.review, provider.decide):
        with pytest.raises(Invalid) as caught:
            act(query)
        assert caught.value.field == "redirect_uri"
        assert asked not in str(caught.value)


@pytest.mark.parametrize("client_id", [None, "", "app_nothing", "'; --", "ä", "\x00", "a" * 3000])
def test_a_browser_is_never_sent_anywhere_for_an_unknown_application(provider, confidential, client_id):
    query = provider.query(confidential, client_id=client_id)
    for act in (provider.review, provider.decide):
        with pytest.raises(Invalid) as caught:
            act(query)
        assert caught.value.field == "client_id"


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_neither_may_be_named_twice(provider: Provider, confidential: NewClient, name: str):
    query = provider.query(confidential)
    with pytest.raises(Invalid):
        provider.review([*query.items(), (name, query[name])])


def test_a_revoked_application_is_unknown(provider: Provider, rack: Rack, confidential: NewClient):
    query = provider.query(confidential)
    with rack.database.write() as connection:
        clients.revoke(connection, rack.secret, ORIGIN, confidential.client.id)

    for act in (provider.review, provider.decide):
        with pytest.raises(Invalid):
            act(query)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": 'co"de'}, "unsupported_response_type"),
        ({"response_type": "cöde"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": "mastering:read account:read"}, "invalid_scope"),
        ({"scope": "Mastering:Read"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1], "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1] + "~", "code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_other_faults_are_told_to_the_application(provider: Provider, confidential: NewClient, values, error: str):
    query = provider.query(confidential, **values)
    for act in (provider.review, provider.decide):
        answer = act(query)
        assert not isinstance(answer, Question)
        assert answer.location is not None
        assert answer.location.startswith(REDIRECT + "?")
        told_back = told(answer)
        assert (told_back["error"], told_back["state"], told_back["iss"]) == (error, "s t&te", provider.issuer)
        assert told_back["error_description"].endswith(".")


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["response_type", "scope", "state", "code_challenge", "anything"])
def test_no_other_parameter_may_be_sent_twice_either(provider: Provider, confidential: NewClient, name: str):
    answer = provider.review([*provider.query(confidential).items(), (name, "a"), (name, "b")])

    assert not isinstance(answer, Question)
    assert told(answer)["error"] == "invalid_request"


@pytest.mark.one_database
def test_parameters_that_nobody_knows_are_ignored(provider: Provider, confidential: NewClient):
    assert isinstance(provider.review(provider.query(confidential, nonce="1", prompt="login")), Question)


@pytest.mark.one_database
@pytest.mark.parametrize("values", [{"code_challenge": None, "code_challenge_method": None}, {"code_challenge": None}])
def test_a_public_application_must_use_pkce(provider: Provider, public: NewClient, values):
    answer = provider.review(provider.query(public, **values))

    assert not isinstance(answer, Question)
    assert told(answer)["error"] == "invalid_request"


@pytest.mark.one_database
def test_an_application_without_the_code_grant_has_no_page(provider: Provider):
    made = provider.register(grant_types=["client_credentials"], redirect_uris=[])

    with pytest.raises(Invalid):
        provider.review(provider.query(made))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "query", [b"client_id=%ff", "client_id=ä".encode(), b"a=b&" * 100, b"client_id=" + b"a" * 20_000, b"%", b""]
)
def test_a_link_that_cannot_be_read_is_refused(provider: Provider, confidential: NewClient, query: bytes):
    with pytest.raises(Invalid):
        provider.review(query)


@pytest.mark.one_database
def test_a_challenge_that_was_taken_out_on_the_way_makes_the_verifier_worthless(
    provider: Provider, confidential: NewClient
):
    """PKCE downgrade (RFC 9700, 4.8.2): the client sends its verifier, so it must have sent a challenge."""
    code = provider.code(confidential)

    answer = provider.exchange(confidential, code, code_verifier=VERIFIER)

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


@pytest.mark.one_database
@pytest.mark.parametrize("public_url", ["http://192.168.1.5:8600", "http://soundrack.example"])
def test_oauth_needs_https_unless_it_is_on_loopback(provider: Provider, confidential, public_url: str):
    provider.issuer = public_url

    with pytest.raises(Invalid, match="https"):
        provider.review(provider.query(confidential))
    answer = provider.token(confidential, grant_type="client_credentials")
    assert answer.body["error"] == "insecure_transport"


@pytest.mark.one_database
def test_a_link_is_a_link_however_it_is_encoded(provider: Provider, confidential: NewClient):
    query = provider.query(confidential)
    spelled = "&".join(f"{name}={''.join(f'%{byte:02x}' for byte in value.encode())}" for name, value in query.items())

    assert isinstance(provider.review(spelled.encode()), Question)
    assert isinstance(provider.review(urlencode(query).encode()), Question)

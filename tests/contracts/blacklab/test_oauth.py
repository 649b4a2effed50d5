"""OAuth over the wire: a real server on loopback, an independent client, and somebody's browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
import requests
import uvicorn
from authlib.common.errors import AuthlibBaseError as OAuthError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.oauth import clients
from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.people import Account
from soundrack.accounts.sessions import Browser, begin
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.settings import Settings
from tests.live import free_port, until

REDIRECT = "http://127.0.0.1/back"
TOKEN = "/blacklab/v1/oauth/token"
EXAMPLES = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[3] / "docs" / "oauth.md").read_text(), re.DOTALL)
UPLOAD = {"filename": "song.wav", "content_type": "audio/wav", "size_bytes": 1000}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, port=free_port())


@pytest.fixture
def url(rack: Rack) -> Iterator[str]:
    """A server in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app.create(rack), port=rack.settings.port, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield rack.settings.public_url
    finally:
        server.should_exit = True
        thread.join()


def register(rack: Rack, account: Account, **values: Any) -> NewClient:
    given: dict[str, Any] = {
        "service": Service.BLACKLAB,
        "name": "Mixdown",
        "scope": "mastering:read mastering:write assets:write",
        "redirect_uris": [REDIRECT],
    } | values
    with rack.database.write() as connection:
        return clients.register(connection, rack.secret, COMMAND_LINE, account.id, **given)


class _Forms(HTMLParser):
    """The forms of a page: where each leads, and what it sends before anybody has touched it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given["action"], {}))
        elif tag == "input" and self.forms and given.get("type") == "hidden":
            self.forms[-1][1][given["name"]] = given["value"]


@dataclass
class Person:
    """Somebody with a browser, signed in."""

    rack: Rack
    account: Account

    def __post_init__(self) -> None:
        with self.rack.database.write() as connection:
            token = begin(connection, self.rack.secret, self.account.id, Browser(), timedelta(days=1))
        self.browser = requests.Session()
        self.browser.cookies.set("soundrack", token)

    def decides(self, url: str, decision: str = "allow") -> requests.Response:
        """Open a link, read the page, push a button."""
        page = self.browser.get(url, timeout=10)
        assert page.status_code == 200, page.text
        action, fields = next(form for form in _Forms(page.text).forms if "/oauth/authorize" in form[0])
        return self.browser.post(
            urljoin(url, action), data=fields | {"decision": decision}, allow_redirects=False, timeout=10
        )

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()


def granted(person: Person, made: NewClient, url: str) -> tuple[OAuth2Session, dict[str, Any]]:
    """The whole way with a client that others wrote, from the metadata to the tokens."""
    server: dict[str, Any] = requests.get(f"{url}/.well-known/oauth-authorization-server", timeout=10).json()
    session = OAuth2Session(
        made.client.id,
        made.client_secret,
        scope="mastering:read mastering:write",
        redirect_uri=REDIRECT,
        token_endpoint_auth_method="none" if made.client.is_public else "client_secret_basic",
        code_challenge_method="S256",
    )
    verifier = generate_token(48)
    link, state = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
    answer = person.decides(link)
    assert answer.status_code == 303, answer.text
    session.fetch_token(
        server["token_endpoint"], authorization_response=answer.headers["Location"], state=state, code_verifier=verifier
    )
    return session, server


@pytest.mark.parametrize("confidential", [True, False])
def test_a_whole_round_trip(rack: Rack, account: Account, url: str, confidential: bool):
    made = register(rack, account, confidential=confidential)
    with Person(rack, account) as person:
        session, server = granted(person, made, url)
    job = f"{url}/blacklab/v1/mastering/jobs/job_000000000000"
    with session:
        assert session.get(job, timeout=10).json()["error"]["code"] == "not_found"  # past the door
        first = dict(session.token)

        session.refresh_token(server["token_endpoint"])
        assert session.token["refresh_token"] != first["refresh_token"]
        assert session.get(job, timeout=10).status_code == 404

        answer = session.post(f"{url}/blacklab/v1/assets/upload-url", json=UPLOAD, timeout=10)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")

        revoked = session.revoke_token(
            server["revocation_endpoint"], session.token["refresh_token"], token_type_hint="refresh_token"
        )
        assert revoked.status_code == 200
        refused = requests.get(job, headers={"Authorization": f"Bearer {session.token['access_token']}"}, timeout=10)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "authentication_required")


def test_an_application_that_is_revoked_is_refused_with_the_next_request(rack: Rack, account: Account, url: str):
    made = register(rack, account)
    with Person(rack, account) as person:
        session, _ = granted(person, made, url)
    with rack.database.write() as connection:
        clients.revoke(connection, rack.secret, COMMAND_LINE, made.client.id)
    with session:
        assert session.get(f"{url}/blacklab/v1/mastering/jobs/job_1", timeout=10).status_code == 401


def test_a_no_reaches_the_application(rack: Rack, account: Account, url: str):
    made = register(rack, account)
    with Person(rack, account) as person, OAuth2Session(made.client.id, scope="mastering:read") as session:
        link, state = session.create_authorization_url(f"{url}/oauth/authorize")
        answer = person.decides(link, "deny")

    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT}?error=access_denied&")
    assert f"&state={state}&" in location
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_an_old_refresh_token_ends_everything_that_followed_from_its_consent(rack: Rack, account: Account, url: str):
    made = register(rack, account, confidential=False)
    with Person(rack, account) as person:
        session, server = granted(person, made, url)
    job = f"{url}/blacklab/v1/mastering/jobs/job_000000000000"
    with session:
        stolen = session.token["refresh_token"]
        for _ in range(2):
            session.refresh_token(server["token_endpoint"])
        assert session.get(job, timeout=10).status_code == 404
        newest = session.token["refresh_token"]

        for token in (stolen, newest):
            with pytest.raises(OAuthError, match="invalid_grant"):
                session.refresh_token(server["token_endpoint"], refresh_token=token)

        assert session.get(job, timeout=10).json()["error"]["code"] == "authentication_required"


def test_a_code_is_worth_nothing_without_its_verifier(rack: Rack, account: Account, url: str):
    made = register(rack, account, confidential=False)
    options = {"redirect_uri": REDIRECT, "token_endpoint_auth_method": "none", "code_challenge_method": "S256"}
    with (
        Person(rack, account) as person,
        OAuth2Session(made.client.id, scope="mastering:read", **options) as session,
    ):
        link, state = session.create_authorization_url(f"{url}/oauth/authorize", code_verifier=generate_token(48))
        location = person.decides(link).headers["Location"]
        for verifier in (generate_token(48), None):
            with pytest.raises(OAuthError, match="invalid_"):
                session.fetch_token(
                    f"{url}{TOKEN}", authorization_response=location, state=state, code_verifier=verifier
                )


def test_a_program_gets_tokens_for_itself_and_no_more_than_its_scope(rack: Rack, account: Account, url: str):
    """ "Client Credentials": without anybody to ask, and without a refresh token."""
    made = register(rack, account, grant_types=["client_credentials"], redirect_uris=[], scope="assets:write")
    with OAuth2Session(made.client.id, made.client_secret) as session:
        tokens = session.fetch_token(f"{url}{TOKEN}", grant_type="client_credentials", scope="assets:write")

        assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, "assets:write")
        assert "refresh_token" not in tokens
        assert session.post(f"{url}/blacklab/v1/assets/upload-url", json=UPLOAD, timeout=10).status_code == 200
        refused = session.get(f"{url}/blacklab/v1/mastering/jobs/job_000000000000", timeout=10)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
        with pytest.raises(OAuthError, match="invalid_scope"):
            session.fetch_token(f"{url}{TOKEN}", grant_type="client_credentials", scope="mastering:write")


def test_the_first_example_of_the_page_runs(rack: Rack, account: Account, url: str, tmp_path: Path):
    made = register(rack, account, confidential=False, scope="mastering:read")
    with Person(rack, account) as person, running(tmp_path, EXAMPLES[0], url, made) as program:
        assert program.stdout is not None
        link = program.stdout.readline().removeprefix("Open ").strip()
        answer = person.decides(link)
        requests.get(answer.headers["Location"], timeout=10)
        rest, complaints = program.communicate(timeout=60)

    assert (program.returncode, rest) == (0, "not_found\n"), complaints


def test_the_second_example_of_the_page_runs(rack: Rack, account: Account, url: str, tmp_path: Path):
    made = register(rack, account, grant_types=["client_credentials"], redirect_uris=[])
    with running(tmp_path, EXAMPLES[1], url, made) as program:
        said, complaints = program.communicate(timeout=60)

    assert (program.returncode, said) == (0, "200\n"), complaints


@contextmanager
def running(folder: Path, example: str, url: str, made: NewClient) -> Generator[subprocess.Popen[str]]:
    (folder / "example.py").write_text(example)
    environment = {"SOUNDRACK": url, "CLIENT_ID": made.client.id, "CLIENT_SECRET": made.client_secret or ""}
    program = subprocess.Popen(
        [sys.executable, folder / "example.py"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


# Below, the application in the process of the test.

FORM = {"grant_type": "client_credentials", "scope": "assets:write"}


@pytest.fixture
def own(rack: Rack, account: Account) -> NewClient:
    return register(rack, account, grant_types=["client_credentials"], redirect_uris=[])


def test_tokens_are_answered_as_the_standard_says(anonymous: TestClient, own: NewClient):
    answer = anonymous.post("/v1/oauth/token", data=FORM, auth=(own.client.id, own.client_secret or ""))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert "X-RateLimit-Remaining" in answer.headers


def test_errors_are_those_of_the_standard_and_not_of_the_catalogue(anonymous: TestClient, own: NewClient):
    answer = anonymous.post("/v1/oauth/token", data=FORM, auth=(own.client.id, "scs_wrong"))

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "The client is unknown, or its credentials are wrong or missing.",
    }


@pytest.mark.one_database
@pytest.mark.parametrize("path", ["/v1/oauth/token", "/v1/oauth/revoke"])
def test_smuggled_credentials_are_refused(anonymous: TestClient, own: NewClient, path: str):
    form = FORM | {"token": "sat_x", "client_id": own.client.id, "client_secret": own.client_secret or ""}
    good = requests.auth._basic_auth_str(own.client.id, own.client_secret or "")
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    tries = [
        anonymous.post(path, data=form, headers=[kind, ("Authorization", good)]),
        anonymous.post(path, content=urlencode(FORM), headers=[kind, ("Authorization", good), ("authorization", good)]),
        anonymous.post(path, content=urlencode([*form.items(), *form.items()]), headers=[kind]),
        anonymous.post(path, params=form),
        anonymous.post(path, params={"client_secret": "x"}, data=form),
        anonymous.post(path, json=form),
        anonymous.post(path, files={name: (None, value) for name, value in form.items()}),
        anonymous.post(path, content=b"a" * 100_000, headers=[kind]),
        anonymous.post(path, content=b"\xff\x00", headers=[kind]),
        anonymous.post(path),
    ]

    assert [(answer.status_code, answer.json()["error"]) for answer in tries] == [(400, "invalid_request")] * len(tries)


@pytest.mark.one_database
def test_only_post_is_served(anonymous: TestClient):
    for path in ("/v1/oauth/token", "/v1/oauth/revoke"):
        assert anonymous.get(path).status_code in {404, 405}


@pytest.mark.one_database
def test_the_metadata_stands_at_the_root(anonymous: TestClient, rack: Rack):
    answer = anonymous.get(f"{rack.settings.public_url}/.well-known/oauth-authorization-server")

    assert answer.json()["issuer"] == rack.settings.public_url
    assert answer.json()["token_endpoint"] == f"{rack.settings.public_url}/blacklab/v1/oauth/token"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.one_database
def test_guessing_is_slowed_down(anonymous: TestClient, own: NewClient):
    answers = [anonymous.post("/v1/oauth/token", data=FORM, auth=(own.client.id, "scs_wrong")) for _ in range(80)]

    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(next(answer for answer in answers if answer.status_code == 429).headers["Retry-After"]) >= 1

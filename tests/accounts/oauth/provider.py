"""The authorization server as its callers meet it: a person's browser and a client's requests."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from soundrack.accounts.audit import Origin
from soundrack.accounts.oauth import clients, requests, tokens
from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.oauth.server import Answer, Question, Server
from soundrack.accounts.oauth.tokens import Token
from soundrack.accounts.people import Account
from soundrack.rack import Rack
from soundrack.service import Service

ORIGIN = Origin("oauth client", "192.0.2.7", "req_1")
REDIRECT = "https://app.example/back"
SCOPE = "mastering:read mastering:write"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


class Provider:
    """The server on one rack, with one account that is signed in."""

    def __init__(self, rack: Rack, account: Account) -> None:
        self.rack = rack
        self.account = account
        self.issuer = rack.settings.public_url

    def register(self, **values: Any) -> NewClient:
        given: dict[str, Any] = {
            "service": Service.BLACKLAB,
            "name": "Mixdown",
            "scope": "mastering:read mastering:write assets:write",
            "redirect_uris": [REDIRECT],
        } | values
        with self.rack.database.write() as connection:
            return clients.register(connection, self.rack.secret, ORIGIN, self.account.id, **given)

    def query(self, made: NewClient, **values: Any) -> dict[str, str]:
        """The parameters of a good authorization request; None takes one away."""
        given = {
            "response_type": "code",
            "client_id": made.client.id,
            "redirect_uri": REDIRECT,
            "scope": SCOPE,
            "state": "s t&te",
        }
        pkce = PKCE if made.client.is_public else {}
        return {name: value for name, value in (given | pkce | values).items() if value is not None}

    def review(self, query: Any) -> Question | Answer:
        with self.rack.database.read() as connection:
            return self._server(connection).review(_encoded(query), self.account.id)

    def decide(self, query: Any, allowed: bool = True) -> Answer:
        with self.rack.database.write() as connection:
            return self._server(connection).decide(_encoded(query), self.account.id, allowed=allowed)

    def code(self, made: NewClient, **values: Any) -> str:
        return told(self.decide(self.query(made, **values)))["code"]

    def token(self, made: NewClient | None, **form: Any) -> Answer:
        """A token request; the client proves who it is as it was registered to."""
        return self._posted(Server.token, self._form(made, form))

    def revoke(self, made: NewClient, **form: Any) -> Answer:
        return self._posted(Server.revoke, self._form(made, form))

    def exchange(self, made: NewClient, code: str, /, **form: Any) -> Answer:
        verifier = {"code_verifier": VERIFIER} if made.client.is_public else {}
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        return self.token(made, **(given | verifier | form))

    def refresh(self, made: NewClient, refresh_token: str, **form: Any) -> Answer:
        return self.token(made, grant_type="refresh_token", refresh_token=refresh_token, **form)

    def granted(self, made: NewClient, **values: Any) -> dict[str, Any]:
        """A whole way from the page to the tokens."""
        answer = self.exchange(made, self.code(made, **values))
        assert answer.status == 200, answer.body
        return answer.body

    def introspect(self, token: str) -> Token | None:
        with self.rack.database.read() as connection:
            return tokens.introspect(connection, self.rack.secret, token)

    def post(self, body: bytes, **values: Any) -> Answer:
        """A token request as bytes."""
        return self._posted(Server.token, body, **values)

    def _posted(self, act: Any, body: bytes | None, **values: Any) -> Answer:
        given: dict[str, Any] = {"content_type": requests.FORM, "query": b"", "authorization": []} | values
        uri = f"{self.issuer}/blacklab/v1/oauth/token"

        def read() -> requests.Request:
            return requests.token_request(uri, body=body, **given)

        with self.rack.database.write() as connection:
            answer: Answer = act(self._server(connection, Service.BLACKLAB), read)
        return answer

    def _form(self, made: NewClient | None, form: dict[str, Any]) -> bytes:
        known = {}
        if made is not None:
            known = {"client_id": made.client.id, "client_secret": made.client_secret}
        return urlencode({name: value for name, value in (known | form).items() if value is not None}).encode()

    def _server(self, connection: Any, service: Service | None = None) -> Server:
        return Server(connection, self.rack.secret, self.issuer, ORIGIN, service)


def basic(client_id: str, secret: str | None) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def told(answer: Answer) -> dict[str, str]:
    """What a redirect tells the client."""
    assert answer.location is not None
    pairs = parse_qsl(urlsplit(answer.location).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def _encoded(query: dict[str, str] | list[tuple[str, str]] | bytes) -> bytes:
    return query if isinstance(query, bytes) else urlencode(query).encode()

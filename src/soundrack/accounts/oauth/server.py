"""The authorization server: one for each request, on the request's own transaction.

Leaving the transaction commits also where the answer is a refusal: what a refusal found out (a code or a refresh token
seen twice) must last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc9207 import IssuerParameter
from sqlalchemy import Connection

from soundrack.accounts import audit
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.oauth import clients, grants, requests, scopes, tokens
from soundrack.accounts.oauth.clients import Client
from soundrack.accounts.oauth.requests import Request
from soundrack.accounts.oauth.revocation import Revocation
from soundrack.accounts.oauth.tokens import Kind
from soundrack.errors import Invalid
from soundrack.secret import Secret
from soundrack.service import Service

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_SENTENCES = {
    "invalid_grant": "The code or refresh token is unknown, expired, revoked, or another client's.",
    "invalid_scope": "The scope is empty, unknown, or more than the client was registered for or was granted.",
    "access_denied": "The person who was asked said no.",
    "insecure_transport": "OAuth needs https: SOUNDRACK_PUBLIC_URL is neither an https address nor loopback.",
}
_DECIDE_WHERE = ("client_id", "redirect_uri")


@dataclass
class Answer:
    """What to send back."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    """Where a browser is sent instead of being given the body."""


@dataclass(frozen=True)
class Question:
    """What a person is asked."""

    client: Client
    scope: str
    redirect_uri: str

    @property
    def words(self) -> list[str]:
        """What the application wants to do, in plain words."""
        return scopes.words(self.client.service, self.scope)


class Server(AuthorizationServer):
    """Authlib's authorization server on our tables.

    Parameters
    ----------
    connection : Connection
        A transaction that may write.
    issuer : str
        The house's public URL, its name among authorization servers (RFC 8414, RFC 9207).
    origin : Origin
        Where the request comes from; the client is named in the audit log as soon as it is known.
    service : Service, optional
        The only one whose clients are known.
    """

    def __init__(
        self, connection: Connection, secret: Secret, issuer: str, origin: Origin, service: Service | None = None
    ) -> None:
        super().__init__()
        self.connection = connection
        self.secret = secret
        self.origin = origin
        self._issuer = issuer
        self._service = service
        self.register_grant(grants.AuthorizationCode, [grants.S256()])
        self.register_grant(grants.Refresh)
        self.register_grant(grants.ClientCredentials)
        self.register_endpoint(Revocation)
        self.register_extension(_Issuer(issuer))
        self.register_token_generator("default", _generator())

    def token(self, read: Callable[[], Request]) -> Answer:
        """Answer a token request (RFC 6749, 5). `read` gives it or raises why it cannot be taken."""
        return self._answer(read, self._token)

    def revoke(self, read: Callable[[], Request]) -> Answer:
        """Answer a revocation request (RFC 7009, 2)."""
        return self._answer(read, lambda request: self.create_endpoint_response(Revocation.ENDPOINT_NAME, request))

    def review(self, query: bytes, account_id: str) -> Question | Answer:
        """Return what a person is to be asked, or what their browser is told to bring back to the client.

        Raises
        ------
        Invalid
            If it is not certain which client asks and where the answer may go: then the person is told, and
            their browser is sent nowhere (RFC 6749, 3.1.2.4).
        """
        request = self._authorization_request(query)
        try:
            grant = self._consent_grant(request, account_id)
        except OAuth2Error as error:
            return self._send_back(request, error)
        return Question(request.client, request.scope, grant.redirect_uri)

    def decide(self, query: bytes, account_id: str, *, allowed: bool) -> Answer:
        """Return the redirect that carries a person's decision: a code, or ``access_denied``.

        Raises
        ------
        Invalid
            As `review`.
        """
        request = self._authorization_request(query)
        try:
            grant = self._consent_grant(request, account_id)
        except OAuth2Error as error:
            return self._send_back(request, error)
        answer: Answer = self.create_authorization_response(request, account_id if allowed else None, grant)
        return answer

    def audit(self, entry: Entry, account_id: str, **details: Any) -> None:
        """Write what a client's request brought to light."""
        audit.record(self.connection, entry, self.origin, account_id, client=self.origin.actor, **details)

    def query_client(self, client_id: str) -> Client | None:
        """Return a client of the service that may act, for Authlib."""
        return clients.find(self.connection, self.secret, client_id, self._service)

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """Keep what was newly made under the request's grant, for Authlib."""
        if request.grant_id is not None:
            for kind, name in ((Kind.ACCESS, "access_token"), (Kind.REFRESH, "refresh_token")):
                if name in token:
                    tokens.store(self.connection, self.secret, request.grant_id, kind, token[name], token["scope"])

    def generate_token(self, *args: Any, **values: Any) -> tokens.Answer:
        """Make tokens, for Authlib."""
        return tokens.Answer(super().generate_token(*args, **values))

    def authenticate_client(self, request: Request, methods: list[str], endpoint: str = "token") -> Client:
        """Return who asks, for Authlib; whatever was wrong, it is told the same way (RFC 6749, 5.2)."""
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise InvalidClientError(
                status_code=401, description="The client is unknown, or its credentials are wrong or missing."
            ) from None
        self.origin = replace(self.origin, actor=client.id)
        return client

    def validate_requested_scope(self, scope: str | None) -> None:
        """Refuse a request for nothing; the client's own limits are looked at with the client."""
        if not scope:
            raise InvalidScopeError("Name the scopes that are needed.")

    def create_oauth2_request(self, request: Request) -> Request:
        """Return what is one already, for Authlib."""
        return request

    def send_signal(self, name: str, *args: Any, **values: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        """Return an answer of Authlib's as ours, never to be stored by anybody on the way."""
        found = dict(headers)
        return Answer(status, body or {}, dict(_NO_STORE), found.get("Location"))

    def handle_error_response(self, request: Request | None, error: OAuth2Error) -> Answer:
        """Return a refusal (RFC 6749, 4.1.2.1 and 5.2) that is a whole sentence."""
        own = error.description != type(error).description
        said = str((own and error.description) or _SENTENCES.get(error.error, error.description))
        error.description = said if said.endswith(".") else f"{said}."
        answer: Answer = super().handle_error_response(request, error)
        if answer.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Soundrack"'
        return answer

    def _answer(self, read: Callable[[], Request], handle: Callable[[Request], Answer]) -> Answer:
        try:
            return handle(read())
        except OAuth2Error as error:
            return self.handle_error_response(None, error)

    def _token(self, request: Request) -> Answer:
        asked = request.payload.grant_type
        if not asked:
            raise InvalidRequestError("Name a grant_type.")
        if asked not in clients.GRANT_TYPES:
            raise OAuth2Error(
                f"The grant_type is one of: {', '.join(clients.GRANT_TYPES)}.", error="unsupported_grant_type"
            )
        answer: Answer = self.create_token_response(request)
        return answer

    def _authorization_request(self, query: bytes) -> Request:
        """Return a request of which the client and the place to go back to are certain."""
        try:
            found = requests.parameters(query)
            request = Request("GET", f"{self._issuer}/oauth/authorize", found)
        except OAuth2Error as error:
            raise Invalid(str(error.description)) from None
        if any(name in found.repeated for name in _DECIDE_WHERE):
            raise Invalid("The link names its application, or the address to return to, twice.", field="client_id")
        client = self.query_client(found.client_id) if found.client_id else None
        if client is None:
            raise Invalid("The link names no application that is registered here.", field="client_id")
        try:
            request.return_to = grants.AuthorizationCode.validate_authorization_redirect_uri(request, client)
        except OAuth2Error:
            raise Invalid(
                f"{client.name} asks to return to an address that it has not registered.", field="redirect_uri"
            ) from None
        return request

    def _consent_grant(self, request: Request, account_id: str) -> grants.AuthorizationCode:
        found = request.payload
        if found.repeated:
            raise InvalidRequestError("No parameter may be sent twice.")
        requests.require_printable(found)
        if not found.response_type:
            raise InvalidRequestError("Name a response_type.")
        if found.response_type != "code":
            raise OAuth2Error("The response_type is code.", error="unsupported_response_type")
        try:
            grant: grants.AuthorizationCode = self.get_consent_grant(request, account_id)
        except UnauthorizedClientError:
            raise UnauthorizedClientError("The client is not registered for the authorization code grant.") from None
        return grant

    def _send_back(self, request: Request, error: OAuth2Error) -> Answer:
        error.redirect_uri, error.state = request.return_to, request.payload.state
        answer = self.handle_error_response(request, error)
        self.execute_hook("after_create_authorization_response", answer)
        return answer


class _Issuer(IssuerParameter):
    """Says in every answer by way of a browser whose answer it is, so that no client mixes servers up (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


def _generator() -> BearerTokenGenerator:
    return BearerTokenGenerator(
        access_token_generator=lambda **_: tokens.mint(Kind.ACCESS),
        refresh_token_generator=lambda **_: tokens.mint(Kind.REFRESH),
        expires_generator=int(tokens.ACCESS_LIFE.total_seconds()),
    )

"""Authlib's three grants on our tables, and PKCE with S256 alone."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, grants
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge

from soundrack import clock
from soundrack.accounts.audit import Entry
from soundrack.accounts.oauth import codes, consent, tokens
from soundrack.accounts.oauth.clients import OWN, Client
from soundrack.accounts.oauth.codes import Code
from soundrack.accounts.oauth.tokens import Answer, Kind, Token

if TYPE_CHECKING:
    from soundrack.accounts.oauth.requests import Request
    from soundrack.accounts.oauth.server import Server

SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
METHODS = [*SECRET_METHODS, "none"]
_S256 = re.compile(r"[A-Za-z0-9_-]{43}")


class AuthorizationCode(grants.AuthorizationCodeGrant):
    """RFC 6749, 4.1: somebody says yes, the client fetches the tokens."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    request: Request
    server: Server

    @staticmethod
    def validate_authorization_redirect_uri(request: Request, client: Client) -> str:
        """Return where the answer goes. A request that names no place is for clients with one place only."""
        asked: str | None = request.payload.redirect_uri
        uri = asked or client.get_default_redirect_uri()
        if uri is None or (asked and not client.check_redirect_uri(asked)):
            raise InvalidRequestError("The redirect_uri is not one that the client has registered.")
        return uri

    def generate_authorization_code(self) -> str:
        """Store the grant with its code; Authlib's next step, to save the code, has nothing left to do."""
        client: Client = self.request.client
        grant_id = consent.agree(
            self.server.connection, self.server.origin, client, self.request.user, self.request.scope
        )
        payload = self.request.payload
        return codes.put(
            self.server.connection,
            self.server.secret,
            grant_id,
            payload.redirect_uri or "",
            payload.data.get("code_challenge"),
        )

    def save_authorization_code(self, code: str, request: Request) -> None:
        """See `generate_authorization_code`."""

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Return the client's code if it is still good. If it was used, the grant ends (RFC 6749, 4.1.2)."""
        found = codes.find(self.server.connection, self.server.secret, code)
        if found is None or found.client_id != client.id:
            return None
        if found.used_at is not None:
            self._end(found)
        return found if found.used_at is None and found.stands and found.expires_at > clock.now() else None

    def create_token_response(self) -> Any:
        """Use the code up before anything is made from it: of two who try at once, one fails."""
        code: Code = self.request.authorization_code
        if not codes.claim(self.server.connection, code):
            self._end(code)
            raise InvalidGrantError("The code has been used or has expired.")
        self.request.grant_id = code.grant_id
        return super().create_token_response()

    def authenticate_user(self, authorization_code: Code) -> str:
        """Return whose consent it is; whether that account is good was looked at with the code."""
        return authorization_code.account_id

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing: a used code is kept to be known again."""

    def _end(self, code: Code) -> None:
        if consent.end(self.server.connection, code.grant_id, "code_reused"):
            self.server.audit(Entry.GRANT_REVOKED, code.account_id, grant=code.grant_id, because="code_reused")


class Refresh(grants.RefreshTokenGrant):
    """RFC 6749, 6: tokens for a refresh token, which is thereby used up (RFC 9700, 4.14.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    request: Request
    server: Server

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        """Return a token that is good or was good a moment ago. One that was used before ends its grant."""
        found = tokens.find(self.server.connection, self.server.secret, refresh_token, Kind.REFRESH)
        if found is None or not found.check_client(self.request.client) or not found.stands or found.is_expired():
            return None
        if found.used_at is not None and self._same_again(refresh_token, found) is None:
            self._end(found)
            return None
        return found

    def authenticate_user(self, refresh_token: Token) -> str:
        """Return whose consent it follows from."""
        return refresh_token.account_id

    def issue_token(self, _user: str, refresh_token: Token) -> Answer:
        """Exchange the token; whoever comes second at the same moment is told what the first was told."""
        client: Client = self.request.client
        scope = client.get_allowed_scope(self.request.payload.scope or refresh_token.scope)
        if scope is None:
            raise InvalidScopeError
        presented = self.request.form["refresh_token"]
        if tokens.claim(self.server.connection, refresh_token):
            return self._exchange(presented, refresh_token, scope)
        used = tokens.find(self.server.connection, self.server.secret, presented, Kind.REFRESH)
        again = self._same_again(presented, used) if used else None
        if again is None:
            if used is not None and used.used_at is not None:
                self._end(used)
            raise InvalidGrantError("The refresh token has been used or has expired.")
        return again

    def revoke_old_credential(self, refresh_token: Token) -> None:
        """Nothing: `issue_token` has used it up."""

    def _exchange(self, presented: str, token: Token, scope: str) -> Answer:
        """Store the successors. The new refresh token allows what the old one did (RFC 6749, 6)."""
        secret = self.server.secret
        successors = {kind: tokens.successor(secret, presented, kind) for kind in Kind}
        for kind, allowed in ((Kind.ACCESS, scope), (Kind.REFRESH, token.scope)):
            tokens.store(self.server.connection, secret, token.grant_id, kind, successors[kind], allowed)
        return _told(successors, scope, int(tokens.ACCESS_LIFE.total_seconds()))

    def _same_again(self, presented: str, used: Token) -> Answer | None:
        """Return the answer that the exchange had, if it was moments ago and nobody has used what it gave."""
        if used.used_at is None or clock.now() - used.used_at > tokens.GRACE:
            return None
        successors = {kind: tokens.successor(self.server.secret, presented, kind) for kind in Kind}
        found = {
            kind: tokens.introspect(self.server.connection, self.server.secret, token)
            for kind, token in successors.items()
        }
        access, refresh = found[Kind.ACCESS], found[Kind.REFRESH]
        if access is None or refresh is None:
            return None
        return _told(successors, access.scope, int((access.expires_at - clock.now()).total_seconds()))

    def _end(self, token: Token) -> None:
        if consent.end(self.server.connection, token.grant_id, "refresh_reused"):
            self.server.audit(Entry.REFRESH_REUSED, token.account_id, grant=token.grant_id)


class ClientCredentials(grants.ClientCredentialsGrant):
    """RFC 6749, 4.4: the client acts as the account that registered it."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS
    request: Request
    server: Server

    def save_token(self, token: Answer) -> None:
        """Store a grant with its one token."""
        client: Client = self.request.client
        self.request.grant_id = consent.give(self.server.connection, client, client.account_id, token["scope"], OWN)
        super().save_token(token)


class S256(CodeChallenge):
    """RFC 7636 without ``plain``: public clients must use it, and a challenge that was sent must be met."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    CODE_CHALLENGE_METHODS = {  # noqa: RUF012  Authlib's own attribute
        "S256": lambda verifier, challenge: hmac.compare_digest(create_s256_code_challenge(verifier), challenge)
    }

    def validate_code_challenge(self, grant: AuthorizationCode, _redirect_uri: str) -> None:
        """Refuse a public client without a challenge, and every method but S256, the unnamed ``plain`` too."""
        data, client = grant.request.payload.data, grant.request.client
        challenge, method = data.get("code_challenge"), data.get("code_challenge_method")
        if challenge is None and method is None and not client.is_public:
            return
        if challenge is None or method != "S256" or not _S256.fullmatch(challenge):
            raise InvalidRequestError(
                "Send a code_challenge of 43 characters with code_challenge_method=S256 (RFC 7636)."
            )

    def get_authorization_code_challenge_method(self, _authorization_code: Code) -> str:
        """Return the one method."""
        return "S256"


def _told(given: dict[Kind, str], scope: str, expires_in: int) -> Answer:
    return Answer(
        token_type="Bearer",  # noqa: S106  its type
        access_token=given[Kind.ACCESS],
        expires_in=expires_in,
        refresh_token=given[Kind.REFRESH],
        scope=scope,
    )

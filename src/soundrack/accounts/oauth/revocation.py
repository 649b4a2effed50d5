"""Tokens that a client gives back (RFC 7009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from soundrack.accounts.audit import Entry
from soundrack.accounts.oauth import consent, tokens
from soundrack.accounts.oauth.clients import Client
from soundrack.accounts.oauth.grants import METHODS
from soundrack.accounts.oauth.tokens import Kind, Token

if TYPE_CHECKING:
    from soundrack.accounts.oauth.requests import Request
    from soundrack.accounts.oauth.server import Server


class Revocation(RevocationEndpoint):
    """A refresh token ends its grant with all tokens; an access token goes alone. An unknown token is no error."""

    CLIENT_AUTH_METHODS = METHODS
    server: Server

    def authenticate_token(self, request: Request, client: Client) -> Token | None:
        """Return the client's token. The hint is not needed: one look finds either kind."""
        text = request.form.get("token")
        if text is None:
            raise InvalidRequestError("Name the token.")
        found = tokens.find(self.server.connection, self.server.secret, text)
        if found is not None and not found.check_client(client):
            raise InvalidGrantError("The token is another client's.")
        return found

    def revoke_token(self, token: Token, _request: Request) -> None:
        """End what hangs on the token."""
        connection = self.server.connection
        if token.kind is Kind.ACCESS:
            tokens.forget(connection, token)
        elif consent.end(connection, token.grant_id, "given_back"):
            self.server.audit(Entry.GRANT_REVOKED, token.account_id, grant=token.grant_id, because="given_back")

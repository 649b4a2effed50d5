"""What arrives, read strictly, in the shape that Authlib asks for: parameters, and at most one set of credentials."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Payload, OAuth2Request

MOST_BYTES = 16 * 1024
"""Most bytes of a form or of a query string: the longest redirect URI, state and scope leave room."""
_MOST_PARAMETERS = 40
_MOST_CHARACTERS = 4096
FORM = "application/x-www-form-urlencoded"


class Parameters(OAuth2Payload):
    """The parameters of a request. Those without a value count as not sent (RFC 6749, 3.1)."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._data = {name: value for name, value in pairs if value}
        self._datalist: dict[str, list[str]] = {}
        for name, value in pairs:
            self._datalist.setdefault(name, []).append(value)

    @property
    def data(self) -> dict[str, str]:
        """Each parameter's value; the last one of those that were repeated."""
        return self._data

    @property
    def datalist(self) -> dict[str, list[str]]:
        """All values of each parameter."""
        return self._datalist

    @property
    def repeated(self) -> list[str]:
        """Names of the parameters that were sent more than once."""
        return [name for name, values in self._datalist.items() if len(values) > 1]


class Request(OAuth2Request):
    """One request to the authorization server.

    Parameters
    ----------
    uri : str
        Where it was sent, by the address that clients know. Authlib refuses what is neither ``https`` nor loopback.
    """

    def __init__(self, method: str, uri: str, parameters: Parameters, authorization: str | None = None) -> None:
        super().__init__(method, uri, headers={} if authorization is None else {"Authorization": authorization})
        self.payload: Parameters = parameters
        self.grant_id: str | None = None
        """The grant under which this request's tokens are kept."""
        self.return_to = ""
        """Where a browser may be sent back to, once that is certain."""

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return self.payload.data


def parameters(encoded: bytes) -> Parameters:
    """Return the parameters of a form or a query string (URL standard, ``application/x-www-form-urlencoded``).

    Raises
    ------
    InvalidRequestError
        If there is more than any client needs, or it cannot be read.
    """
    if len(encoded) > MOST_BYTES:
        raise InvalidRequestError(f"The parameters have more than {MOST_BYTES} bytes.")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:  # a UnicodeDecodeError is one
        raise InvalidRequestError("The parameters are not URL-encoded UTF-8, or too many.") from None
    if any(len(text) > _MOST_CHARACTERS for pair in pairs for text in pair):
        raise InvalidRequestError(f"A parameter has more than {_MOST_CHARACTERS} characters.")
    return Parameters(pairs)


def require_printable(payload: Parameters) -> None:
    """Refuse what RFC 6749, appendix A, allows in no parameter: anything but visible ASCII and the space.

    Raises
    ------
    InvalidRequestError
        If a parameter holds such a character.
    """
    for name, value in payload.data.items():
        if not (value.isascii() and value.isprintable()):
            shown = name if name.isascii() and name.isidentifier() else "one"
            raise InvalidRequestError(f"Of the parameters, {shown} has a character that is not printable ASCII.")


def token_request(
    uri: str, content_type: str, query: bytes, body: bytes | None, authorization: Sequence[str]
) -> Request:
    """Return a request to the token or revocation endpoint.

    A form in the body and nothing in the URL (RFC 6749, 2.3.1 and 3.2), no parameter twice, at most one way in which
    the client says who it is, and one client in all places that name one.

    Parameters
    ----------
    body : bytes or None
        None if it was longer than `MOST_BYTES` and has not been read.
    authorization : sequence of str
        Every ``Authorization`` header that arrived.

    Raises
    ------
    OAuth2Error
        If it is not so.
    """
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"Send the parameters as {FORM}.")
    if query:
        raise InvalidRequestError("Send the parameters in the body, none in the URL.")
    if body is None:
        raise InvalidRequestError(f"The parameters have more than {MOST_BYTES} bytes.")
    found = parameters(body)
    if found.repeated:
        raise InvalidRequestError("No parameter may be sent twice.")
    require_printable(found)
    if len(authorization) > 1:
        raise InvalidRequestError("Send one Authorization header.")
    header = authorization[0] if authorization else None
    if header is not None:
        name = _basic_name(header)
        if "client_secret" in found.data:
            raise InvalidRequestError("Send the client secret in the header or in the body, not in both.")
        if found.client_id not in {None, name}:
            raise InvalidRequestError("The header and the body name two clients.")
    return Request("POST", uri, found, header)


def _basic_name(header: str) -> str:
    """Return the client id of an HTTP Basic header (RFC 7617); ids here need no percent-encoding."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClientError(status_code=401, description="Clients prove who they are by HTTP Basic here.")
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        name = colon = password = ""
    if not (name and colon and password):
        raise InvalidClientError(status_code=401, description="The Authorization header is not id and secret.")
    return name

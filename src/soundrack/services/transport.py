"""How requests come: by HTTPS alone, where the operator says so.

BlackLab's document, "Base URL": "All endpoints use HTTPS. HTTP requests are rejected." They are refused and not led on
to HTTPS, as what a client has sent in the clear is known already; nothing else of them is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundrack.errors import NotAllowed, NotConfigured, SoundrackError
from soundrack.services.address import Proxies
from soundrack.services.door import Door
from soundrack.settings import Settings

ALWAYS = frozenset({"/healthz", "/readyz"})
"""What answers plain HTTP too: whoever asks whether the process lives asks it directly, and learns nothing else."""

_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
"""RFC 6797, for a year."""

Answer = Callable[[Request, SoundrackError], Response]


class Transport:
    """Judges how requests come, for the whole server.

    Raises
    ------
    NotConfigured
        If HTTPS is asked for and the public URL, to which our own links lead, begins with ``http:``.
    """

    def __init__(self, settings: Settings, proxies: Proxies) -> None:
        self.requires_https = settings.require_https
        self._proxies = proxies
        if self.requires_https and not settings.public_url.startswith("https://"):
            raise NotConfigured(
                "SOUNDRACK_REQUIRE_HTTPS needs a SOUNDRACK_PUBLIC_URL that begins with https://, or our own links "
                "would be refused.",
                field="require_https",
            )

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Return an application as it is to be mounted: behind a check, or itself where nothing is required."""
        if not self.requires_https:
            return app
        return HttpsOnly(app, self, _as_service(app)) if isinstance(app, Door) else HttpsOnly(app, self)

    def is_https(self, scope: Scope) -> bool:
        """Say whether a request came by HTTPS, all the way as far as is known.

        Either this server itself holds the certificate (the ASGI server says so in `scheme`, whatever is in the
        request's headers), or a trusted proxy says it in ``X-Forwarded-Proto``; then each hop that is listed must be.
        """
        if scope.get("scheme") == "https":
            return True
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        hops = b",".join(said).split(b",") if said else []
        return bool(hops) and all(hop.strip().lower() == b"https" for hop in hops) and self._proxies.vouches(scope)


class HttpsOnly:
    """Refuses plain HTTP before anything else is looked at, and tells browsers to use nothing but HTTPS.

    Parameters
    ----------
    answer : callable, optional
        Words for the refusal; the house's own if not given.
    always : collection of str
        Paths that are answered all the same.
    """

    def __init__(
        self,
        app: ASGIApp,
        transport: Transport,
        answer: Answer | None = None,
        always: Collection[str] = (),
    ) -> None:
        self._app = app
        self._transport = transport
        self._answer = answer or _as_house
        self._always = always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._transport.is_https(scope):
            await self._app(scope, receive, _strictly(send))
        elif scope["path"] in self._always:
            await self._app(scope, receive, send)
        else:
            response = self._answer(Request(scope), NotAllowed("Use HTTPS: requests by plain HTTP are refused."))
            response.headers["Connection"] = "close"  # whatever of a body follows is not read
            await response(scope, receive, send)


def _strictly(send: Send) -> Send:
    async def send_strictly(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if all(name.lower() != _STRICT_TRANSPORT[0] for name, _ in headers):
                headers.append(_STRICT_TRANSPORT)
            message["headers"] = headers
        await send(message)

    return send_strictly


def _as_service(door: Door) -> Answer:
    return lambda request, error: door.front.answer(Request({**request.scope, "app": door.app}), error)


def _as_house(_request: Request, error: SoundrackError) -> Response:
    return JSONResponse({"error": {"code": error.kind, "message": str(error)}}, 403)

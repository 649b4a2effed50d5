"""Headers of every page: what the browser must not do with it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def policy(form_targets: str = "'self'") -> str:
    """Return a Content-Security-Policy: our own stylesheet and pictures, no script, no frame.

    Parameters
    ----------
    form_targets : str
        Where a form of the page may lead. Browsers judge the redirect that answers a form too, so a page whose form
        ends at another origin names that origin here (CSP 3, 6.4.1).
    """
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action {form_targets}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


_HEADERS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would have browsers send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_STRICT_TRANSPORT = "max-age=31536000"


class Headers:
    """Adds the headers to each response that does not say something else itself.

    Parameters
    ----------
    is_https : bool
        Whether the site is reached by HTTPS, so that browsers are told to use nothing else (RFC 6797).
    """

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _STRICT_TRANSPORT} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

"""Mixdown, an application of somebody else's on its user's machine. It knows OAuth by Authlib, and nothing of ours."""

from __future__ import annotations

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

SCOPE = "mastering:read assets:write"
_PAGE = b'<!doctype html><title>Mixdown</title><link rel="icon" href="data:,"><p>You can close this window.'


class Mixdown(ThreadingHTTPServer):
    """Listens on loopback for what a browser brings back."""

    daemon_threads = True

    def __init__(self, server: str, client_id: str) -> None:
        self._answers: queue.Queue[str] = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805
                self._answers.put(handler.path)
                handler.send_response(200)
                handler.send_header("Content-Type", "text/html")
                handler.end_headers()
                handler.wfile.write(_PAGE)

            def log_message(handler, *_: object) -> None:  # noqa: N805
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.redirect_uri = f"http://127.0.0.1:{self.server_port}/back"
        self.metadata: dict[str, Any] = requests.get(
            f"{server}/.well-known/oauth-authorization-server", timeout=10
        ).json()
        self.session = OAuth2Session(
            client_id,
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            token_endpoint_auth_method="none",
            code_challenge_method="S256",
        )
        self._verifier = generate_token(48)
        self.link, self.state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=self._verifier
        )

    def answer(self) -> dict[str, str]:
        """Wait for the browser and return the parameters that it brought."""
        self._location = f"http://127.0.0.1:{self.server_port}{self._answers.get(timeout=20)}"
        return {name: values[0] for name, values in parse_qs(urlsplit(self._location).query).items()}

    def fetch_token(self) -> dict[str, Any]:
        """Exchange the code that the browser brought."""
        tokens: dict[str, Any] = self.session.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=self._location,
            state=self.state,
            code_verifier=self._verifier,
        )
        return tokens

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self.session.close()

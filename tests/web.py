"""Somebody else's web server, on loopback: it gives what it was given, slowly where it is asked to."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Web(ThreadingHTTPServer):
    """Serves files by path.

    A path that ends in ``/slow`` sends its first half and then nothing until `hurry` is set; ``/elsewhere`` redirects
    to a forbidden address; every other unknown path is 404.
    """

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files)
        self.asked: list[str] = []
        self.waiting = threading.Semaphore(0)
        """Released once for each client that is kept waiting."""
        self.hurry = threading.Event()

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(self.path)
        if path == "/elsewhere":
            self._begin(302, {"Location": "http://169.254.169.254/latest/meta-data"})
            return
        slow = path.endswith("/slow")
        content = self.server.files.get(path.removesuffix("/slow"))
        if content is None:
            self._begin(404, {"Content-Length": "0"})
            return
        self._begin(200, {"Content-Length": str(len(content))})
        if slow:
            self.wfile.write(content[: len(content) // 2])
            self.server.waiting.release()
            self.server.hurry.wait(60)
            content = content[len(content) // 2 :]
        self.wfile.write(content)

    def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(**files: bytes) -> Generator[Web]:
    """Serve files, each named by a word that becomes the path: ``song=…`` is ``/song``."""
    with Web({f"/{name}": content for name, content in files.items()}) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield web
        finally:
            web.hurry.set()
            web.shutdown()
            thread.join()

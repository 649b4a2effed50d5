"""Somebody's webhook receiver, which is not always well and throws away what it has seen before."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_UNWELL_EVERY = 7


@dataclass(frozen=True)
class Delivery:
    """One webhook as it came."""

    id: str
    signature: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """All of them, names in lower case."""

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.content)
        return body


class Receiver(ThreadingHTTPServer):
    """Keeps one of each delivery id. Every so many new ones it takes and then answers 503 all the same."""

    daemon_threads = True

    def __init__(self) -> None:
        self.kept: dict[str, Delivery] = {}
        self.again = 0
        """How often it was sent what it had."""
        self._lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805
                content = handler.rfile.read(int(handler.headers["Content-Length"]))
                delivery_id, signature = (
                    _header(handler.headers, kind)
                    for kind in ("x-[a-z]+-delivery|webhook-id", "(x-[a-z]+|webhook)-signature")
                )
                headers = {name.lower(): value for name, value in handler.headers.items()}
                handler.send_response(self._take(Delivery(delivery_id, signature, content, headers)))
                handler.end_headers()

            def log_message(handler, *_: object) -> None:  # noqa: N805
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/webhooks/blacklab"

    def _take(self, delivery: Delivery) -> int:
        with self._lock:
            if delivery.id in self.kept:
                self.again += 1
                return 200
            self.kept[delivery.id] = delivery
            return 503 if len(self.kept) % _UNWELL_EVERY == 0 else 200

    def handle_error(self, request: object, client_address: object) -> None:
        """A courier that is killed goes away in the middle."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _header(headers: Message, kind: str) -> str:
    """Return the one header of its kind, whichever service sends it."""
    (name,) = (name for name in headers if re.fullmatch(kind, name.lower()))
    return str(headers[name])

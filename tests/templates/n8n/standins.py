"""Google Drive, Slack, Airtable and a mail server on loopback, behind the names that n8n's nodes call.

n8n is given a proxy. It ends TLS itself, with a certificate made for the run, and answers for the services; for any
other host it answers 502 and remembers the name. So the nodes run as they are, and nothing leaves the machine.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP, default
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

from tests.certificates import self_signed
from tests.live import free_port

HOSTS = (
    "slack.com",
    "files.slack.com",
    "api.airtable.com",
    "v5.airtableusercontent.com",
    "www.googleapis.com",
    "oauth2.googleapis.com",
)
CHANNEL = "C0123456789"
Json = dict[str, Any]


@dataclass
class Slack:
    """A workspace with one channel."""

    uploads: dict[str, bytes] = field(default_factory=dict)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    """What was shared in the channel: file name, comment, content."""
    messages: list[str] = field(default_factory=list)

    def answer(self, path: str, body: Mapping[str, Any]) -> Json | bytes | None:
        """Answer a call of the Web API."""
        match path.split("/")[1:]:
            case ["api", "files.getUploadURLExternal"]:
                file_id = f"F{len(self.uploads):09}"
                self.uploads[file_id] = b""
                return {"ok": True, "upload_url": f"https://files.slack.com/upload/{file_id}", "file_id": file_id}
            case ["upload", file_id]:
                self.uploads[file_id] = next(value for value in body.values() if isinstance(value, bytes))
                return b"OK"
            case ["api", "files.completeUploadExternal"]:
                shared = body["files"]
                for file in json.loads(shared) if isinstance(shared, str) else shared:
                    assert body["channel_id"] == CHANNEL
                    self.files.append((file["title"], body["initial_comment"], self.uploads[file["id"]]))
                return {"ok": True, "files": [{"id": file_id} for file_id in self.uploads]}
            case ["api", "chat.postMessage"]:
                assert body["channel"] == CHANNEL
                self.messages.append(body["text"])
                return {"ok": True, "channel": CHANNEL, "ts": "1.2", "message": {"text": body["text"]}}
        return None


@dataclass
class Drive:
    """A folder. Each file is new once."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def put(self, name: str, content: bytes) -> None:
        """Upload a file."""
        self.files[f"file{len(self.files)}"] = (name, content)

    def answer(self, path: str, query: Mapping[str, list[str]]) -> Json | bytes | None:
        """Answer a call of version 3 of the API."""
        match path.split("/")[1:]:
            case ["drive", "v3", "files"] | ["drive", "v3", "files", ""]:
                new = [file_id for file_id in self.files if file_id not in self.told]
                self.told.update(new)
                return {"files": [self._described(file_id) for file_id in new]}
            case ["drive", "v3", "files", file_id]:
                return self.files[file_id][1] if query.get("alt") == ["media"] else self._described(file_id)
        return None

    def _described(self, file_id: str) -> Json:
        name, content = self.files[file_id]
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "id": file_id,
            "name": name,
            "mimeType": "audio/wav",
            "size": str(len(content)),
            "createdTime": now,
            "modifiedTime": now,
        }


@dataclass
class Airtable:
    """A table. It gives the rows whose status is the one that is asked for."""

    status: str
    audio: str
    modified: str
    rows: dict[str, Json] = field(default_factory=dict)
    attached: dict[str, bytes] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)
    """Each status that a row was given."""

    def put(self, content: bytes) -> str:
        """Add a row that is ready to be mastered and return its id."""
        row = f"rec{len(self.rows):014}"
        self.attached[row] = content
        self.rows[row] = {self.status: "ready_to_master"}
        return row

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], body: Mapping[str, Any]) -> Json | None:
        """Answer a call of the API."""
        if path.startswith("/v0/meta"):
            return {"tables": []}
        if method == "GET":
            asked = query["filterByFormula"][0]
            assert f"{{{self.status}}}='ready_to_master'" in asked, asked
            ready = [row for row, fields in self.rows.items() if fields[self.status] == "ready_to_master"]
            return {"records": [self._described(row) for row in ready]}
        records = body.get("records") or [{"id": path.rsplit("/", 1)[1], "fields": body["fields"]}]
        for record in records:
            self.rows[record["id"]].update(record["fields"])
            self.history.append((record["id"], record["fields"][self.status]))
        return {"records": [self._described(record["id"]) for record in records]}

    def _described(self, row: str) -> Json:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        attachment = {
            "id": f"att{row}",
            "url": f"https://v5.airtableusercontent.com/{row}",
            "filename": f"{row}.wav",
            "type": "audio/wav",
            "size": len(self.attached[row]),
        }
        return {
            "id": row,
            "createdTime": now,
            "fields": self.rows[row] | {self.audio: [attachment], self.modified: now},
        }


class Mailbox:
    """Takes mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


class Standins:
    """All of them, while the ``with`` lasts."""

    def __init__(self, folder: Path, airtable: Airtable) -> None:
        self.slack, self.drive, self.airtable, self.mailbox = Slack(), Drive(), airtable, Mailbox()
        self.strangers: list[str] = []
        """Hosts that are none of ours, which n8n wanted to call."""
        self.mistakes: list[str] = []
        """Calls of our hosts that no stand-in could answer."""
        first, *others = HOSTS
        self.certificate, key = self_signed(folder, first, *(f"DNS:{host}" for host in others))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.certificate, key)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.proxy_url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.smtp_port = free_port()
        self._smtp = Controller(self.mailbox, hostname="127.0.0.1", port=self.smtp_port)

    def __enter__(self) -> Self:
        self._smtp.start()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self._smtp.stop()

    def answer(self, host: str, method: str, url: str, body: Mapping[str, Any]) -> Json | bytes | None:
        """Answer a request to one of the services; None if there is nothing to say."""
        target = urlsplit(url)
        query = parse_qs(target.query)
        if host.endswith("slack.com"):
            return self.slack.answer(target.path, body)
        if host == "api.airtable.com":
            return self.airtable.answer(method, target.path, query, body)
        if host.endswith("airtableusercontent.com"):
            return self.airtable.attached[target.path[1:]]
        return self.drive.answer(target.path, query)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(connection,), daemon=True).start()

    def _tunnel(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(4096)
                if not received:
                    return
                head += received
            method, target = head.decode().split()[:2]
            host = target.rsplit(":", 1)[0]
            if method != "CONNECT" or host not in HOSTS:
                self.strangers.append(host)
                connection.sendall(b"HTTP/1.1 502 No Stand-in\r\nContent-Length: 0\r\n\r\n")
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    _Handler(self, host, secured)
            except OSError:
                return  # n8n has gone


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, standins: Standins, host: str, connection: ssl.SSLSocket) -> None:
        self._standins, self._host = standins, host
        super().__init__(connection, ("127.0.0.1", 0), None)  # type: ignore[arg-type]  # there is no server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _any(self) -> None:
        content = self._content()
        try:
            answer = self._standins.answer(self._host, self.command, self.path, self._parsed(content))
        except Exception as error:  # noqa: BLE001  a test looks at all of them
            answer = None
            self._standins.mistakes.append(f"{self.command} {self._host}{self.path}: {error!r}")
        if answer is None:
            self._standins.mistakes.append(f"{self.command} {self._host}{self.path}")
        raw = answer if isinstance(answer, bytes) else json.dumps(answer or {"error": "no stand-in"}).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Type", "audio/wav" if isinstance(answer, bytes) else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815  # http.server's names

    def _content(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _parsed(self, content: bytes) -> Json:
        kind = self.headers.get("Content-Type") or ""
        if "json" in kind and content:
            parsed: Json = json.loads(content)
            return parsed
        if "urlencoded" in kind:
            return {name: values[0] for name, values in parse_qs(content.decode()).items()}
        if "multipart/form-data" not in kind:
            return {"content": content}
        message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in message.iter_parts()
        }

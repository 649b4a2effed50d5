"""A real mail server on loopback that does as a test says, and an outbox."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from soundrack.outbound.mail import outbox
from soundrack.outbound.mail.outbox import Mail
from soundrack.rack import Rack
from soundrack.settings import Settings
from tests.certificates import self_signed
from tests.standing_clock import StandingClock

USER, PASSWORD = "postman", "a secret of the mail server"
MAIL = Mail("anna@example.com", "Grüße", "Open this:\n\nhttps://audio.example/reset/choose?ticket=abcdefgh\n")


class Inbox:
    """What a server was given, and how it answers."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.recipients: list[str] = []
        self.encrypted: list[bool] = []
        self.logins: list[str] = []
        self.answer_recipient = "250 OK"
        self.answer_data = "250 OK"
        self.drop_before_answer = False
        self.delivered = threading.Event()

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any) -> Any:
        self.logins.append(mechanism)
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)

    async def handle_RCPT(  # noqa: N802  the name that the server asks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return self.answer_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.answer_data.startswith("250"):
            self.letters.append(envelope.content)
            self.encrypted.append(session.ssl is not None)
        if self.drop_before_answer:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return self.answer_data


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    return self_signed(tmp_path_factory.mktemp("smtp"), "localhost", "IP:127.0.0.1")


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


Serve = Callable[..., int]


@pytest.fixture
def serve(inbox: Inbox) -> Iterator[Serve]:
    """Start a server and return its port."""
    with ExitStack() as stack:

        def start(**options: Any) -> int:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port: int = free.getsockname()[1]
            controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
            controller.start()
            stack.callback(controller.stop)
            return port

        yield start


def to(settings: Settings, port: int, **others: Any) -> Settings:
    """The same settings with a mail server."""
    given = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"} | others
    return Settings(**settings.model_dump() | given)


def put(rack: Rack, mail: Mail = MAIL) -> None:
    with rack.database.write() as connection:
        outbox.put(connection, mail)


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    return StandingClock(monkeypatch)

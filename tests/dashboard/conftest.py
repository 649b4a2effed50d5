"""The whole server, and a browser without scripts that looks at its pages."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import people
from soundrack.accounts.passwords import Cost, Passwords
from soundrack.accounts.people import Account
from soundrack.rack import Rack
from soundrack.settings import Settings
from tests.standing_clock import StandingClock

PASSWORD = "three grey herons"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Elements(HTMLParser):
    """The elements of a page that a test asks about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.all if name == tag]


class Browser:
    """Follows links and fills forms in, as a person would."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page: Response = Response(204)

    def open(self, path: str) -> Response:
        self.page = self.client.get(path)
        return self.page

    def form(self, action: str) -> dict[str, str]:
        """The hidden fields of a form of the page."""
        inside, fields, found = False, {}, False
        for tag, attributes in Elements(self.page.text).all:
            if tag == "form":
                inside = attributes.get("action") == action
                found = found or inside
            if inside and tag == "input" and attributes.get("type") == "hidden":
                fields[attributes["name"]] = attributes["value"]
        assert found, f"no form to {action} on {self.page.url}"
        return fields

    def send(self, action: str, headers: dict[str, str] | None = None, **fields: str) -> Response:
        origin = {"Origin": str(self.client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        self.page = self.client.post(action, data=self.form(action) | fields, headers=headers or origin)
        return self.page

    def sign_in(self, email: str, password: str = PASSWORD) -> Response:
        self.open("/sign-in")
        return self.send("/sign-in", email=email, password=password)


Open = Callable[..., Browser]


@pytest.fixture
def cheap_rack(rack: Rack) -> Iterator[Rack]:
    passwords = Passwords(Cost(memory_kib=64, passes=1, lanes=1))
    yield dataclasses.replace(rack, passwords=passwords)
    passwords.close()


@pytest.fixture
def open_server(cheap_rack: Rack) -> Iterator[Callable[..., TestClient]]:
    """Start the server, with other settings if need be, and return a client of it."""
    clients: list[TestClient] = []

    def start(**others: Any) -> TestClient:
        settings = Settings(**cheap_rack.settings.model_dump() | others)
        client = TestClient(
            app.create(dataclasses.replace(cheap_rack, settings=settings)),
            base_url=settings.public_url,
            headers={"User-Agent": AGENT},
            client=("127.0.0.1", 50000),
            raise_server_exceptions=False,
        )
        client.__enter__()
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def browser(open_server: Callable[..., TestClient]) -> Browser:
    return Browser(open_server())


@pytest.fixture
def owner(cheap_rack: Rack) -> Account:
    digest = asyncio.run(cheap_rack.passwords.digest(PASSWORD))
    with cheap_rack.database.write() as connection:
        return people.create(
            connection, "anna@example.com", name="Anna", password_digest=digest, is_admin=True, is_verified=True
        )


@pytest.fixture
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    return StandingClock(monkeypatch)

"""A real server, somebody with an account on it, an application, and Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from soundrack.accounts import people, sessions
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.oauth import clients
from soundrack.accounts.people import Account
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from tests.browser import chromium
from tests.browser.chromium import Complaints
from tests.browser.mixdown import SCOPE, Mixdown
from tests.live import Live

EMAIL, PASSWORD = "anna@example.com", "three grey herons"
NewPage = Callable[..., Page]
SignIn = Callable[[Page], Page]


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    installation = Live(tmp_path_factory.mktemp("live") / "data", workers=1)
    try:
        installation.serve()
        yield installation
        installation.stop()
    finally:
        installation.kill_everything()


@pytest.fixture(scope="session")
def rack(live: Live) -> Iterator[Rack]:
    """The server's data, from another process."""
    with open_rack(live.settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def anna(rack: Rack) -> Account:
    digest = asyncio.run(rack.passwords.digest(PASSWORD))
    with rack.database.write() as connection:
        return people.create(connection, EMAIL, name="Anna", password_digest=digest, is_admin=True, is_verified=True)


@pytest.fixture(scope="session")
def client_id(rack: Rack, anna: Account) -> str:
    """Mixdown's, a public client: it runs on people's machines."""
    with rack.database.write() as connection:
        made = clients.register(
            connection,
            rack.secret,
            COMMAND_LINE,
            anna.id,
            service=Service.BLACKLAB,
            name="Mixdown",
            scope=SCOPE,
            redirect_uris=["http://127.0.0.1/back"],
            confidential=False,
        )
    return made.client.id


@pytest.fixture(scope="session")
def browser(anna: Account) -> Iterator[Browser]:
    """After Anna, whose password needs an event loop: from here on Playwright's own runs in this thread."""
    with chromium.started() as started:
        yield started


@pytest.fixture
def mixdown(live: Live, client_id: str) -> Iterator[Mixdown]:
    with Mixdown(live.settings.public_url, client_id) as application:
        yield application


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Open a page of a browser that knows nobody. No page may complain."""
    complaints: list[Complaints] = []

    def new(**options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(chromium.WITHIN_MS)
        page = context.new_page()
        complaints.append(Complaints(page))
        return page

    yield new
    said = [one for page in complaints for one in page.all]
    for context in browser.contexts:  # which breaks off what is still being loaded
        context.close()
    assert said == []


@pytest.fixture
def stranger_s_page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def sign_in(rack: Rack, anna: Account) -> SignIn:
    """Sign a page's browser in as Anna, past the form, which takes a few tries a minute only."""

    def enter(page: Page) -> Page:
        with rack.database.write() as connection:
            token = sessions.begin(connection, rack.secret, anna.id, sessions.Browser(), timedelta(days=1))
        page.context.add_cookies([{"name": "soundrack", "value": token, "url": rack.settings.public_url}])
        return page

    return enter


@pytest.fixture
def page(stranger_s_page: Page, sign_in: SignIn) -> Page:
    """A page of Anna's browser."""
    return sign_in(stranger_s_page)

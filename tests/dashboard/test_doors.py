"""The ways in, as a browser sees them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pyotp
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import invitations, people, registration, totp
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.people import Account
from soundrack.database.tables import audit_entries
from soundrack.outbound.mail.postman import Postman
from soundrack.rack import Rack
from tests.accounts.letters import written
from tests.dashboard.conftest import PASSWORD, Browser
from tests.standing_clock import StandingClock

NEW = "four purple otters"
Server = Callable[..., TestClient]


def path_of(browser: Browser) -> str:
    return urlsplit(str(browser.page.url)).path


def link_in_mail(rack: Rack) -> str:
    (found,) = re.findall(r"https?://[^/\s]+(/\S+ticket=\S+)", written(rack.database)[-1].text)
    return str(found)


def test_the_first_visit_leads_to_setting_up_and_says_how(browser: Browser):
    browser.open("/")

    assert path_of(browser) == "/setup"
    assert "soundrack setup" in browser.page.text
    assert "<form" not in browser.page.text


def test_the_link_of_the_log_makes_the_first_account_and_signs_it_in(rack: Rack, browser: Browser):
    link = registration.setup_link(rack.settings, rack.secret)
    browser.open(link.removeprefix(rack.settings.public_url))
    browser.send("/setup", email="Anna@Example.com", name="Anna", new_password="short")
    assert browser.page.status_code == 422
    assert "at least 12 characters" in browser.page.text
    assert 'value="Anna@Example.com"' in browser.page.text
    browser.send("/setup", email="Anna@Example.com", name="Anna", new_password=PASSWORD)

    assert path_of(browser) == "/account"
    assert "anna@example.com" in browser.page.text
    browser.open(link.removeprefix(rack.settings.public_url))
    assert path_of(browser) == "/account"


@pytest.mark.parametrize("forwarded", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"Host": "localhost"}])
def test_a_stranger_does_not_take_a_fresh_installation_over(rack: Rack, browser: Browser, forwarded: dict[str, str]):
    """The caller of these tests comes from loopback, as everybody does behind a proxy."""
    browser.open("/setup?code=guess")
    origin = {"Origin": str(browser.client.base_url).rstrip("/")}

    answer = browser.send(
        "/setup", headers=origin | forwarded, email="mallory@example.com", name="", new_password=PASSWORD
    )

    assert answer.status_code == 403
    with rack.database.read() as connection:
        assert people.first(connection) is None


def test_signing_in_leads_to_where_one_wanted_to_go(owner: Account, browser: Browser):
    browser.open("/account/second-step?a=b")
    assert path_of(browser) == "/sign-in"

    browser.send("/sign-in", email=owner.email, password=PASSWORD)

    assert path_of(browser) == "/account"  # the page itself, without a secret to show, leads there
    assert str(browser.page.history[0].headers["location"]) == "/account/second-step?a=b"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\tb", "evil", ""]
)
def test_signing_in_leads_nowhere_else(owner: Account, browser: Browser, target: str):
    browser.open("/sign-in")

    browser.send("/sign-in", email=owner.email, password=PASSWORD, next=target)

    assert browser.page.history[0].headers["location"] == "/account"


def test_a_wrong_password_and_an_unknown_address_look_alike(owner: Account, browser: Browser):
    pages = []
    for email in (owner.email, "nobody@example.com"):
        browser.sign_in(email, "not the password")
        assert browser.page.status_code == 401
        pages.append(re.sub(r'value="[^"]*"', "", browser.page.text))

    assert pages[0] == pages[1]
    assert "is not right" in pages[0]
    assert "not the password" not in pages[0]


def test_too_many_tries_are_told_when_to_come_back(owner: Account, browser: Browser, standing_clock: StandingClock):
    for _ in range(5):
        browser.sign_in(owner.email, "not the password")
    browser.sign_in(owner.email)

    assert browser.page.status_code == 429
    assert browser.page.headers["retry-after"] == "60"
    standing_clock.go_on(minutes=1)
    browser.sign_in(owner.email)
    assert path_of(browser) == "/account"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"])
def test_no_header_makes_a_caller_another_one(
    rack: Rack, owner: Account, browser: Browser, standing_clock: StandingClock, header: str
):
    origin = {"Origin": str(browser.client.base_url).rstrip("/")}
    statuses = []
    for number in range(12):
        browser.open("/sign-in")
        browser.send(
            "/sign-in", headers=origin | {header: f"192.0.2.{number}"}, email=f"a{number}@example.com", password="x"
        )
        statuses.append(browser.page.status_code)

    assert statuses == [401] * 10 + [429] * 2
    with rack.database.read() as connection:
        assert set(connection.execute(select(audit_entries.c.address)).scalars()) == {"127.0.0.1"}


def test_behind_a_trusted_proxy_callers_are_told_apart_by_what_it_says_alone(
    owner: Account, open_server: Server, standing_clock: StandingClock
):
    browser = Browser(open_server(trusted_proxies="127.0.0.1"))
    origin = {"Origin": str(browser.client.base_url).rstrip("/")}
    statuses = []
    for number in range(12):
        browser.open("/sign-in")
        forwarded = f"203.0.113.{number}, 192.0.2.1"  # what the caller wrote, and what the proxy added
        browser.send(
            "/sign-in", headers=origin | {"X-Forwarded-For": forwarded}, email=f"a{number}@example.com", password="x"
        )
        statuses.append(browser.page.status_code)

    assert statuses == [401] * 10 + [429] * 2


def test_signing_out_ends_the_session_and_takes_the_cookie_away(rack: Rack, owner: Account, browser: Browser):
    browser.sign_in(owner.email)
    cookie = browser.client.cookies["soundrack"]
    browser.send("/sign-out")
    assert "soundrack" not in browser.client.cookies

    browser.client.cookies["soundrack"] = cookie
    browser.open("/account")

    assert path_of(browser) == "/sign-in"


def test_signing_out_everywhere_ends_them_all(owner: Account, browser: Browser, open_server: Server):
    elsewhere = Browser(open_server())
    elsewhere.sign_in(owner.email)
    browser.sign_in(owner.email)
    browser.send("/sign-out", everywhere="1")

    elsewhere.open("/account")
    assert path_of(elsewhere) == "/sign-in"


def test_the_second_step_from_the_first_code_to_the_recovery_codes(
    rack: Rack, owner: Account, browser: Browser, standing_clock: StandingClock
):
    def code() -> str:
        return hotp.at(int(clock.now().timestamp()) // totp.STEP_S)

    browser.sign_in(owner.email)
    browser.send("/account/second-step/begin")
    with rack.database.read() as connection:
        secret = totp.pending(connection, rack.vault, owner)
    hotp = pyotp.HOTP(secret)
    assert "<svg" in browser.page.text
    assert secret in browser.page.text.replace(" ", "")
    browser.send("/account/second-step", code="000000")
    assert browser.page.status_code == 422
    browser.send("/account/second-step", code=code())
    recovery = re.findall(r"<code>(\w{5}-\w{5})</code>", browser.page.text)
    assert len(set(recovery)) == 10
    browser.open("/account/second-step")
    assert path_of(browser) == "/account"
    browser.send("/sign-out")
    standing_clock.go_on(seconds=30)

    browser.sign_in(owner.email)
    assert path_of(browser) == "/sign-in/code"
    browser.open("/account")
    assert path_of(browser) == "/sign-in"  # half a session opens nothing
    browser.open("/sign-in/code")
    browser.send("/sign-in/code", code="000000")
    assert browser.page.status_code == 422
    browser.send("/sign-in/code", code=code())
    assert path_of(browser) == "/account"

    browser.open("/account/second-step/manage")
    browser.send("/account/second-step/manage", current_password="not the password", do="off")
    assert browser.page.status_code == 422
    browser.send("/account/second-step/manage", current_password=PASSWORD, do="codes")
    renewed = re.findall(r"<code>(\w{5}-\w{5})</code>", browser.page.text)
    assert not set(renewed) & set(recovery)
    browser.open("/account/second-step/manage")
    browser.send("/account/second-step/manage", current_password=PASSWORD, do="off")
    assert "The second step is off." in browser.page.text
    browser.send("/sign-out")
    browser.sign_in(owner.email)
    assert path_of(browser) == "/account"


def test_a_forgotten_password_from_the_request_to_the_new_one(
    rack: Rack, owner: Account, browser: Browser, open_server: Server
):
    elsewhere = Browser(open_server())
    elsewhere.sign_in(owner.email)
    browser.open("/reset")
    browser.send("/reset", email=owner.email)
    known = browser.page.text.replace(owner.email, "")
    link = link_in_mail(rack)
    browser.open("/reset")
    browser.send("/reset", email="nobody@example.com")
    assert browser.page.text.replace("nobody@example.com", "") == known

    browser.open(link)
    browser.send("/reset/choose", new_password="short")
    assert browser.page.status_code == 422
    browser.send("/reset/choose", new_password=NEW)
    assert path_of(browser) == "/sign-in"
    browser.send("/sign-in", email=owner.email, password=NEW)
    assert path_of(browser) == "/account"
    assert elsewhere.open("/account").history
    assert browser.open(link).status_code == 404


def test_open_sign_up_from_the_address_to_the_account(rack: Rack, owner: Account, open_server: Server):
    browser = Browser(open_server(sign_up="open"))
    browser.open("/sign-in")
    assert 'href="/sign-up"' in browser.page.text
    browser.open("/sign-up")
    browser.send("/sign-up", email="ben@example.com")
    asked = browser.page.text.replace("ben@example.com", "")
    link = link_in_mail(rack)
    browser.open("/sign-up")
    browser.send("/sign-up", email=owner.email)
    assert browser.page.text.replace(owner.email, "") == asked

    browser.open(link)
    browser.send("/invitation", name="Ben", new_password=NEW)
    assert path_of(browser) == "/sign-in"
    browser.send("/sign-in", email="ben@example.com", password=NEW)
    assert path_of(browser) == "/account"
    assert "not confirmed" not in browser.page.text


def test_an_invitation_for_anybody_from_the_link_to_the_confirmed_address(
    rack: Rack, owner: Account, open_server: Server
):
    browser = Browser(open_server(sign_up="invite"))
    settings = browser.client.app.router.routes[-1].app.state.rack.settings  # type: ignore[attr-defined]
    with rack.database.write() as connection:
        new = invitations.invite(connection, settings, rack.secret, None, COMMAND_LINE)
        link = invitations.link(settings, new.token)
    browser.open(link.removeprefix(settings.public_url))
    browser.send("/invitation", email="ben@example.com", name="Ben", new_password="short")
    assert browser.page.status_code == 422
    browser.send("/invitation", email="ben@example.com", name="Ben", new_password=NEW)
    browser.send("/sign-in", email="ben@example.com", password=NEW)
    assert "is not confirmed" in browser.page.text

    browser.send("/account/confirmation")
    confirm = link_in_mail(rack)
    browser.open(confirm)
    assert browser.page.status_code == 200
    browser.open("/account")
    assert "is not confirmed" in browser.page.text  # a program that reads mail has followed the link
    browser.open(confirm)
    browser.send("/verify")
    assert "Your mail address is confirmed." in browser.page.text
    assert browser.open(confirm).status_code == 404


@pytest.mark.parametrize("mode", ["closed", "invite"])
def test_where_sign_up_is_not_open_the_page_says_whom_to_ask(owner: Account, open_server: Server, mode: str):
    browser = Browser(open_server(sign_up=mode))

    browser.open("/sign-up")

    assert "Ask whoever runs this server" in browser.page.text
    assert "<form" not in browser.page.text


@pytest.mark.parametrize("path", ["/invitation", "/reset/choose", "/verify"])
@pytest.mark.parametrize("ticket", ["", "x", "%00", "%ED%A0%80", "x" * 3000])
def test_a_link_that_is_not_ours_is_a_page_that_says_so(owner: Account, browser: Browser, path: str, ticket: str):
    browser.open(f"{path}?ticket={ticket}")

    assert browser.page.status_code == 404
    assert "Nothing here" in browser.page.text


def test_a_mail_that_was_asked_for_can_be_sent(rack: Rack, owner: Account, browser: Browser):
    browser.open("/reset")
    browser.send("/reset", email=owner.email)

    assert Postman(rack.settings, rack.database).round() == 1
    assert len(list(rack.settings.mail.iterdir())) == 1


def test_a_suspended_account_is_outside_at_once(rack: Rack, owner: Account, browser: Browser):
    browser.sign_in(owner.email)
    with rack.database.write() as connection:
        people.suspend(connection, owner.id, COMMAND_LINE)

    browser.open("/account")

    assert path_of(browser) == "/sign-in"


def test_what_the_log_says_of_a_fresh_server_opens_the_door(rack: Rack, capsys: pytest.CaptureFixture[str]):
    from soundrack.cli import serve  # noqa: PLC0415

    serve._say_how_to_set_up(rack)
    assert registration.setup_code(rack.secret) in "".join(capsys.readouterr())
    digest = asyncio.run(rack.passwords.digest(PASSWORD))
    with rack.database.write() as connection:
        registration.take(connection, rack.plans, "anna@example.com", "", digest, COMMAND_LINE)

    serve._say_how_to_set_up(rack)
    assert registration.setup_code(rack.secret) not in "".join(capsys.readouterr())

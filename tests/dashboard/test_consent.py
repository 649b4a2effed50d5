"""The page on which people decide about applications."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import people
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.oauth import clients, consent
from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.people import Account
from soundrack.accounts.sessions import Browser, begin
from soundrack.rack import Rack
from soundrack.service import Service

pytestmark = pytest.mark.one_database

REDIRECT = "https://app.example/back"
SignIn = Callable[[Account], None]


@pytest.fixture
def browser(rack: Rack) -> Iterator[TestClient]:
    with TestClient(app.create(rack), base_url=rack.settings.public_url, follow_redirects=False) as client:
        yield client


@pytest.fixture
def sign_in(rack: Rack, browser: TestClient) -> SignIn:
    def enter(account: Account) -> None:
        with rack.database.write() as connection:
            token = begin(connection, rack.secret, account.id, Browser(), timedelta(days=1))
        browser.cookies.clear()
        browser.cookies.set("soundrack", token)

    return enter


@pytest.fixture
def made(rack: Rack, account: Account) -> NewClient:
    return register(rack, account)


def register(rack: Rack, account: Account, **values: Any) -> NewClient:
    given: dict[str, Any] = {
        "service": Service.BLACKLAB,
        "name": "Mixdown",
        "scope": "mastering:read mastering:write",
        "redirect_uris": [REDIRECT],
    } | values
    with rack.database.write() as connection:
        return clients.register(connection, rack.secret, COMMAND_LINE, account.id, **given)


def link(made: NewClient, **values: str) -> str:
    given = {
        "response_type": "code",
        "client_id": made.client.id,
        "redirect_uri": made.client.redirect_uris[0],
        "scope": "mastering:read mastering:write",
        "state": 's"t&<b>',
    }
    return f"/oauth/authorize?{urlencode(given | values)}"


def fields(page: str) -> dict[str, str]:
    """What the page's own form sends."""
    form = page[page.index('action="/oauth/authorize') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def action(page: str) -> str:
    found = re.search(r'action="(/oauth/authorize[^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def test_the_page_says_who_asks_for_what_in_whose_name(browser: TestClient, account: Account, sign_in: SignIn, made):
    sign_in(account)

    page = browser.get(link(made))

    assert page.status_code == 200
    for words in (
        "Mixdown",
        account.email,
        "app.example",
        "See your mastering jobs and download their results",
        "Submit mastering jobs, which spends your credits, and cancel them",
    ):
        assert words in page.text
    assert "Upload audio files" not in page.text


def test_the_page_cannot_be_framed_scripted_or_kept(browser: TestClient, account: Account, sign_in: SignIn, made):
    sign_in(account)

    headers = browser.get(link(made)).headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == "'self' https:"


@pytest.mark.parametrize("place", ["http://127.0.0.1/back", "http://[::1]/back"])
def test_the_decision_may_lead_to_an_application_on_this_machine(rack, browser, account, sign_in: SignIn, place: str):
    sign_in(account)

    page = browser.get(link(register(rack, account, redirect_uris=[place])))

    assert "form-action 'self' https: http:;" in page.headers["Content-Security-Policy"]
    assert "this computer" in page.text


@pytest.mark.parametrize("name", ['<b onload="x">Mix', '"><script>alert(1)</script>', "{{ 7 * 7 }}", "' onclick='x"])
def test_a_name_is_text_and_nothing_else(rack: Rack, browser, account, sign_in: SignIn, name: str):
    sign_in(account)

    page = browser.get(link(register(rack, account, name=name))).text

    assert name not in page or "<" not in name
    assert "<script" not in page
    assert "<b onload" not in page
    assert name in unescape(page)


def test_whoever_is_not_signed_in_comes_back_to_the_same_question(browser: TestClient, made: NewClient):
    answer = browser.get(link(made))

    place = urlsplit(answer.headers["Location"])
    assert (answer.status_code, place.path) == (303, "/sign-in")
    assert parse_qs(place.query)["next"] == [link(made)]


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_the_decision_goes_back_to_the_application(browser, account, sign_in: SignIn, made, decision: str):
    sign_in(account)
    page = browser.get(link(made)).text

    answer = browser.post(action(page), data=fields(page) | {"decision": decision})

    place = urlsplit(answer.headers["Location"])
    told = parse_qs(place.query)
    assert (answer.status_code, place.netloc, place.path) == (303, "app.example", "/back")
    assert told["state"] == ['s"t&<b>']
    assert ("code" in told) is (decision == "allow")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_another_site_cannot_decide(browser: TestClient, account: Account, sign_in: SignIn, made, rack: Rack):
    sign_in(account)
    page = browser.get(link(made)).text
    good = fields(page) | {"decision": "allow"}
    bad = [
        browser.post(link(made), data={name: value for name, value in good.items() if name != "form_token"}),
        browser.post(link(made), data=good | {"form_token": "0" * 64}),
        browser.post(link(made), data=good, headers={"Origin": "https://evil.example"}),
        browser.post(link(made), data=good, headers={"Sec-Fetch-Site": "cross-site"}),
    ]

    assert [answer.status_code for answer in bad] == [403] * 4
    with rack.database.read() as connection:
        assert consent.standing(connection, account.id) == []


def test_a_page_decides_for_the_account_that_it_was_shown_to(browser, account, sign_in: SignIn, made, rack: Rack):
    sign_in(account)
    shown = fields(browser.get(link(made)).text)
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
    sign_in(other)
    token = fields(browser.get(link(made)).text)["form_token"]

    answer = browser.post(link(made), data=shown | {"form_token": token, "decision": "allow"})

    assert answer.status_code == 422
    assert "Another account" in answer.text


def test_somebody_else_can_decide_instead(browser: TestClient, account: Account, sign_in: SignIn, made: NewClient):
    sign_in(account)
    page = browser.get(link(made)).text

    answer = browser.post(action(page), data=fields(page) | {"decision": "switch"})

    place = urlsplit(answer.headers["Location"])
    assert (place.path, parse_qs(place.query)["next"]) == ("/sign-in", [link(made)])
    assert browser.get(link(made)).status_code == 303


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW"])
def test_a_decision_is_one_of_two(browser, account, sign_in: SignIn, made, decision: str):
    sign_in(account)
    page = browser.get(link(made)).text

    assert browser.post(action(page), data=fields(page) | {"decision": decision}).status_code == 422


@pytest.mark.parametrize(
    "values",
    [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": "javascript:alert(1)"}, {"client_id": "app_nothing"}],
)
def test_a_link_that_leads_astray_ends_on_our_page(browser, account, sign_in: SignIn, made, values):
    sign_in(account)

    answer = browser.get(link(made, **values))

    assert answer.status_code == 422
    assert "Location" not in answer.headers
    assert "evil.example" not in answer.text
    assert "javascript:" not in answer.text


def test_a_fault_of_the_application_is_told_to_the_application(browser, account, sign_in: SignIn, made: NewClient):
    sign_in(account)

    answer = browser.get(link(made, scope="everything"))

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{REDIRECT}?error=invalid_scope&")


@pytest.mark.parametrize("query", ["", "a=%ff", "%", "x=" + "y" * 5000, "client_id=%00", "redirect_uri=%0d%0aa"])
def test_nonsense_is_a_page_and_no_failure(browser: TestClient, account, sign_in: SignIn, query: str):
    sign_in(account)

    assert browser.get(f"/oauth/authorize?{query}").status_code == 422


def test_people_see_and_take_back_what_they_have_allowed(browser, account, sign_in: SignIn, made, rack: Rack):
    sign_in(account)
    assert "There are none." in browser.get("/account/applications").text
    page = browser.get(link(made)).text
    browser.post(action(page), data=fields(page) | {"decision": "allow"})
    assert "You have allowed it before" in browser.get(link(made)).text
    shown = browser.get("/account/applications").text
    assert "Mixdown" in shown
    token = re.search(r'name="form_token" value="([^"]+)"', shown)
    assert token is not None

    answer = browser.post("/account/applications/withdraw", data={"form_token": token[1], "client": made.client.id})

    assert answer.status_code == 303
    assert "There are none." in browser.get(answer.headers["Location"]).text
    with rack.database.read() as connection:
        assert consent.standing(connection, account.id) == []

"""What a page lets nobody else do: forms from elsewhere, planted sessions, frames, scripts, caches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.dashboard.desk import inside
from soundrack.database.tables import sign_ins
from soundrack.rack import Rack
from tests.dashboard.conftest import PASSWORD, Browser, Elements

pytestmark = pytest.mark.one_database

Server = Callable[..., TestClient]
PAGES = ("/setup", "/sign-in", "/sign-up", "/reset", "/nothing", "/account", "/reset/choose")


# Forms


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:8601"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_the_right_token(
    rack: Rack, owner: Account, browser: Browser, headers: dict[str, str]
):
    browser.sign_in(owner.email)

    browser.send("/account/name", headers=headers, name="Mallory")

    assert browser.page.status_code == 403
    assert name_of(rack, owner) == "Anna"


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "visitor's"])
def test_a_form_without_its_token_is_refused_even_from_our_own_site(
    rack: Rack, owner: Account, browser: Browser, token: str
):
    browser.sign_in(owner.email)

    browser.send("/account/name", name="Mallory", form_token=token)

    assert browser.page.status_code == 403
    assert name_of(rack, owner) == "Anna"


def test_a_token_of_another_session_is_refused(rack: Rack, owner: Account, browser: Browser, open_server: Server):
    another = Browser(open_server())
    another.sign_in(owner.email)
    browser.sign_in(owner.email)

    browser.send("/account/name", name="Mallory", form_token=another.form("/account/name")["form_token"])

    assert browser.page.status_code == 403


def test_nobody_is_signed_in_from_elsewhere_without_noticing(owner: Account, browser: Browser):
    """Login CSRF: the form of a visitor is bound to his own cookie."""
    browser.open("/sign-in")
    token = browser.form("/sign-in")["form_token"]
    browser.client.cookies.clear()

    answer = browser.client.post(
        "/sign-in", data={"form_token": token, "email": owner.email, "password": PASSWORD}, follow_redirects=False
    )

    assert answer.status_code == 403
    assert "soundrack=" not in answer.headers.get("set-cookie", "")


def test_every_form_of_every_page_carries_a_token(rack: Rack, owner: Account, browser: Browser):
    browser.sign_in(owner.email)
    for path in ("/account", "/account/second-step/manage", *PAGES):
        browser.open(path)
        elements = Elements(browser.page.text)
        posts = [form for form in elements.of("form") if form.get("method") == "post"]
        tokens = [field for field in elements.of("input") if field.get("name") == "form_token"]
        assert len(posts) == len(elements.of("form")) == len(tokens), path


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b"a=b", "text/plain", 400),
        (b"a=%FF", "application/x-www-form-urlencoded", 400),
        (b"a=%00", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=b" for _ in range(200)), "application/x-www-form-urlencoded", 400),
        (b"a=" + b"b" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"a=b", "multipart/form-data; boundary=x", 400),
    ],
)
def test_what_is_no_form_is_refused(browser: Browser, body: bytes, content_type: str, status: int):
    answer = browser.client.post("/sign-in", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


# Sessions


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(rack: Rack, owner: Account, browser: Browser):
    for name in ("soundrack", "soundrack-visitor"):
        browser.client.cookies.set(name, "planted", domain="127.0.0.1", path="/")

    browser.sign_in(owner.email)

    assert browser.client.cookies["soundrack"] != "planted"
    browser.client.cookies.clear()
    browser.client.cookies.set("soundrack", "planted", domain="127.0.0.1", path="/")
    assert browser.open("/account").history


def test_a_changed_password_changes_the_session_too(owner: Account, browser: Browser):
    browser.sign_in(owner.email)
    before = browser.client.cookies["soundrack"]

    browser.send("/account/password", current_password=PASSWORD, new_password="four purple otters")

    assert browser.page.status_code == 200
    assert "Your password has been changed" in browser.page.text
    assert browser.client.cookies["soundrack"] != before


def test_the_cookie_is_for_the_server_alone(owner: Account, browser: Browser):
    browser.open("/sign-in")
    browser.send("/sign-in", email=owner.email, password=PASSWORD)

    (cookie,) = [text for text in browser.page.history[0].headers.get_list("set-cookie") if "soundrack=" in text]
    assert {"httponly", "samesite=lax", "path=/", "max-age=1209600"} <= set(cookie.lower().split("; "))
    assert "secure" not in cookie.lower()


def test_under_https_the_cookie_is_bound_to_the_host_and_to_https(owner: Account, open_server: Server):
    browser = Browser(open_server(public_url="https://audio.example"))
    browser.open("/sign-in")
    browser.send("/sign-in", email=owner.email, password=PASSWORD)

    (cookie,) = [text for text in browser.page.history[0].headers.get_list("set-cookie") if "soundrack=" in text]
    assert cookie.startswith("__Host-soundrack=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))
    assert "domain" not in cookie.lower()
    assert browser.page.headers["strict-transport-security"] == "max-age=31536000"


def test_one_browser_ends_another_but_nobody_elses(
    rack: Rack, owner: Account, account: Account, browser: Browser, open_server: Server
):
    elsewhere = Browser(open_server())
    elsewhere.sign_in(owner.email)
    browser.sign_in(owner.email)
    with rack.database.read() as connection:
        sessions = list(connection.execute(select(sign_ins.c.digest).order_by(sign_ins.c.created_at)).scalars())

    browser.send("/account/sessions/end", session=sessions[0])
    assert "That browser is signed out." in browser.page.text
    assert elsewhere.open("/account").history
    browser.send("/account/sessions/end", session=sessions[1])
    assert "You are signed out." in browser.page.text
    assert browser.open("/account").history


# Headers and what is in a page


@pytest.mark.parametrize("path", [*PAGES, "/static/soundrack.css"])
def test_every_answer_tells_the_browser_what_not_to_do(owner: Account, browser: Browser, path: str):
    headers = browser.open(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("public, max-age=86400" if path.startswith("/static/") else "no-store")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nothing_that_its_policy_forbids(owner: Account, browser: Browser, path: str):
    elements = Elements(browser.open(path).text)

    assert elements.of("script") == []
    assert elements.of("style") == []
    for _, attributes in elements.all:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
    for asset in (*elements.of("img"), *elements.of("link")):
        name = asset.get("src") or asset["href"]
        assert name.startswith("/static/")
        assert browser.open(name).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/account/second-step/manage"])
def test_every_page_can_be_read_aloud_and_used_with_keys(rack: Rack, owner: Account, browser: Browser, path: str):
    if path.startswith("/account"):
        browser.sign_in(owner.email)
    elements = Elements(browser.open(path).text)

    assert elements.of("html")[0]["lang"] == "en"
    assert len(elements.of("h1")) == 1
    assert len(elements.of("main")) == 1
    labelled = {label.get("for") for label in elements.of("label")}
    identified = [attributes["id"] for _, attributes in elements.all if "id" in attributes]
    assert len(identified) == len(set(identified))
    for field in elements.of("input"):
        if field.get("type") not in {"hidden", "radio"}:
            assert field["id"] in labelled
        for described in field.get("aria-describedby", "").split():
            assert described in identified


def test_a_wrong_field_says_so_where_it_stands(owner: Account, browser: Browser):
    browser.sign_in(owner.email)
    browser.send("/account/password", current_password="wrong", new_password="four purple otters")

    (field,) = [field for field in Elements(browser.page.text).of("input") if field.get("aria-invalid") == "true"]
    assert field["name"] == "current_password"
    assert field["aria-describedby"] == "current_password-error"
    assert "four purple otters" not in browser.page.text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
def test_what_people_write_is_shown_and_not_run(rack: Rack, owner: Account, browser: Browser, name: str):
    browser.sign_in(owner.email)

    browser.send("/account/name", name=name)

    assert name_of(rack, owner) == name
    elements = Elements(browser.page.text)
    assert elements.of("script") == []
    assert [image["src"] for image in elements.of("img")] == ["/static/mark.svg"]
    (field,) = [field for field in elements.of("input") if field.get("name") == "name"]
    assert field["value"] == name


def test_an_error_of_ours_is_a_page_without_details(owner: Account, browser: Browser, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any) -> None:
        raise RuntimeError("a detail")

    monkeypatch.setattr(people, "get", fail)
    browser.sign_in(owner.email)

    assert browser.page.status_code == 500
    assert "a detail" not in browser.page.text
    assert "It has been logged" in browser.page.text


def test_the_pages_leave_the_services_alone(browser: Browser):
    assert browser.open("/healthz").json()["status"] == "ok"
    assert browser.open("/blacklab/v1/mastering/jobs/job_000000000000").headers["content-type"] == "application/json"
    assert browser.open("/storage/nothing").status_code in {403, 404}


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/oauth/authorize?client_id=app_1&scope=a%20b", "/oauth/authorize?client_id=app_1&scope=a%20b"),
        ("/", "/"),
        ("", "/account"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
        ("https://evil.example", "/account"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("/\n/evil.example", "/account"),
        ("/é", "/account"),
    ],
)
def test_only_a_path_of_ours_is_gone_to(path: str, leads: str):
    assert inside(path) == leads


def name_of(rack: Rack, account: Account) -> str:
    with rack.database.read() as connection:
        return people.get(connection, account.id).name

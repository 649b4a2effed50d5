"""The consent page as people see it: from an application's link to the application's first request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.conftest import EMAIL, PASSWORD, NewPage, SignIn
from tests.browser.mixdown import Mixdown
from tests.live import Live

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.PROGRAM is None, reason=chromium.MISSING),
]

UPLOAD = {"filename": "song.wav", "content_type": "audio/wav", "size_bytes": 1000}
MAY = ["See your mastering jobs and download their results", "Upload audio files to your account"]
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}

PICTURES = Path(folder) if (folder := os.environ.get("SOUNDRACK_TEST_PICTURES")) else None
"""Where the pages are put to be looked at, if anywhere."""
HARD_TO_READ = (Path(__file__).parent / "hard_to_read.js").read_text()


def fill_in(page: Page) -> None:
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def expect_the_question(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Allow Mixdown to act for you?")


def at_the_question(page: Page, mixdown: Mixdown) -> None:
    page.goto(mixdown.link)
    expect_the_question(page)


def test_the_page_says_who_asks_for_what_in_plain_words(page: Page, mixdown: Mixdown):
    at_the_question(page, mixdown)

    assert page.get_by_role("main").get_by_role("listitem").all_inner_texts() == MAY
    main = page.get_by_role("main").inner_text()
    assert EMAIL in main
    assert f"127.0.0.1:{mixdown.server_port} (this computer)" in main
    for word in ("mastering:", "assets:", "scope", "OAuth", "client_id"):
        assert word not in main
    assert page.title() == "Allow Mixdown? · Soundrack"
    assert [button.inner_text() for button in page.get_by_role("main").get_by_role("button").all()] == [
        "Allow", "Do not allow", "Use another account",
    ]  # fmt: skip


def test_a_stranger_signs_in_first_and_comes_to_the_question_after_that(stranger_s_page: Page, mixdown: Mixdown):
    stranger_s_page.goto(mixdown.link)
    expect(stranger_s_page.get_by_role("heading", level=1)).to_have_text("Sign in")

    fill_in(stranger_s_page)

    expect_the_question(stranger_s_page)


def test_a_yes_leads_to_a_code_tokens_and_an_answer_of_the_api(page: Page, mixdown: Mixdown, live: Live):
    at_the_question(page, mixdown)

    page.get_by_role("button", name="Allow", exact=True).click()

    answer = mixdown.answer()
    expect(page.get_by_text("You can close this window.")).to_be_visible()
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == (mixdown.state, live.settings.public_url)
    assert mixdown.fetch_token().items() >= {"token_type": "Bearer", "expires_in": 3600}.items()
    url = f"{live.settings.public_url}/blacklab/v1"
    assert mixdown.session.post(f"{url}/assets/upload-url", json=UPLOAD, timeout=10).status_code == 200
    refused = mixdown.session.delete(f"{url}/mastering/jobs/job_abc123def456", timeout=10)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


def test_a_no_reaches_the_application_with_its_state_and_gives_nothing(page: Page, mixdown: Mixdown, live: Live):
    at_the_question(page, mixdown)

    page.get_by_role("button", name="Do not allow").click()

    answer = mixdown.answer()
    assert answer.keys() == {"error", "error_description", "state", "iss"}
    assert (answer["error"], answer["state"]) == ("access_denied", mixdown.state)


def test_it_can_be_done_with_the_keyboard_alone(stranger_s_page: Page, mixdown: Mixdown):
    page = stranger_s_page
    page.goto(mixdown.link)
    page.keyboard.type(EMAIL)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect_the_question(page)

    passed: list[str] = []
    while not passed or passed[-1] != "Allow":
        page.keyboard.press("Tab")
        focus: dict[str, Any] = page.evaluate(
            "() => ({text: document.activeElement.innerText.trim(), outline: "
            "getComputedStyle(document.activeElement).outlineStyle, top: "
            "document.activeElement.getBoundingClientRect().top})"
        )
        assert (focus["outline"], focus["top"] >= 0) == ("solid", True), f"the focus on {focus['text']} is not seen"
        passed.append(focus["text"])
        assert len(passed) < 12, passed
    page.keyboard.press("Enter")

    assert passed[0] == "Skip to content"
    assert passed[-2] == "Applications"  # where it can be taken back stands before the button
    assert "code" in mixdown.answer()


def test_what_was_allowed_is_listed_and_can_be_taken_back(page: Page, mixdown: Mixdown, live: Live):
    at_the_question(page, mixdown)
    page.get_by_role("button", name="Allow", exact=True).click()
    mixdown.answer()
    mixdown.fetch_token()
    job = f"{live.settings.public_url}/blacklab/v1/mastering/jobs/job_abc123def456"
    assert mixdown.session.get(job, timeout=10).status_code == 404

    page.goto(f"{live.settings.public_url}/account/applications")
    assert page.get_by_role("main").get_by_role("listitem").all_inner_texts() == MAY
    page.get_by_role("button", name="Take back what Mixdown was allowed").click()

    expect(page.get_by_role("status")).to_have_text("It can no longer act for you.")
    assert mixdown.session.get(job, timeout=10).status_code == 401


def test_another_account_can_be_used(page: Page, mixdown: Mixdown):
    at_the_question(page, mixdown)

    page.get_by_role("button", name="Use another account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    fill_in(page)
    expect_the_question(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_fits_and_can_be_read(
    new_page: NewPage, sign_in: SignIn, mixdown: Mixdown, screen: dict[str, Any], scheme: str
):
    page = new_page(**screen, color_scheme=scheme)
    for name in ("sign-in", "consent"):
        page.goto(mixdown.link)
        width = screen["viewport"]["width"]
        page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png" if PICTURES else None, full_page=True)

        assert page.evaluate(HARD_TO_READ) == []
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        for button in page.get_by_role("main").get_by_role("button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 40
            assert 0 <= box["x"] < box["x"] + box["width"] <= width
        sign_in(page)
    expect_the_question(page)

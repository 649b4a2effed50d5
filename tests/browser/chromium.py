"""The Chromium of this machine, driven by Playwright. Playwright's own browsers are not fetched."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "There is no Chromium on this machine; `make test-browser` installs it where it can."
WITHIN_MS = 20_000.0


@contextmanager
def started() -> Generator[Browser]:
    """Start Chromium without a window."""
    assert PROGRAM is not None, MISSING
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM)
        try:
            yield browser
        finally:
            browser.close()


_BROKEN_OFF = "net::ERR_ABORTED"
"""The test itself went on to another page before this one was there."""


class Complaints:
    """All that goes wrong on a page without anybody seeing it: what a developer's console would show in red."""

    def __init__(self, page: Page) -> None:
        self.all: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.all.append(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.all.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != _BROKEN_OFF:
            self.all.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.all.append(f"{response.status}: {response.url}")

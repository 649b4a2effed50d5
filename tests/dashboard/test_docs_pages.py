"""The documentation as pages: every guide, every link, every code of an error, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.dashboard.docs import guides, markdown, reference
from soundrack.services.blacklab.errors import MEANINGS
from tests.dashboard.conftest import Browser, Elements

pytestmark = pytest.mark.one_database

FOLDER = Path(__file__).parents[2] / "docs"
NAMES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.md"))
Server = Callable[..., TestClient]


@pytest.fixture
def client(open_server: Server) -> TestClient:
    return open_server()


def ids(page: str) -> list[str]:
    return [attributes["id"] for _, attributes in Elements(page).all if "id" in attributes]


def test_every_page_of_the_folder_is_listed_and_none_else():
    assert sorted(guide.name for listed in guides.groups().values() for guide in listed) == NAMES


def test_every_page_has_a_title_and_an_outline_without_scripts_or_styles_of_its_own(client: TestClient):
    for name in NAMES:
        response = client.get(f"/docs/{name}")

        assert response.status_code == 200, name
        elements = Elements(response.text)
        assert response.text.count("<h1>") == 1
        assert not elements.of("script")
        assert not elements.of("style")
        assert not [tag for tag, attributes in elements.all if "style" in attributes or "onclick" in attributes]
        assert len(ids(response.text)) == len(set(ids(response.text))), f"{name} has an id twice"
        for sheet in elements.of("link"):
            assert sheet["href"].startswith("/static/")
            assert client.get(sheet["href"]).status_code == 200
        assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "language"), [("masterify", "en"), ("masterify.ko", "ko"), ("masterify-templates-ko", "ko")]
)
def test_a_page_says_which_language_it_is_written_in(client: TestClient, name: str, language: str):
    assert f'<html lang="{language}">' in client.get(f"/docs/{name}").text


def test_links_from_page_to_page_resolve_and_so_do_their_anchors(client: TestClient):
    pages = {f"/docs/{name}": client.get(f"/docs/{name}").text for name in NAMES}
    pages["/docs"] = client.get("/docs").text
    followed = 0
    others = set()
    for path, page in pages.items():
        for link in Elements(page).of("a"):
            target = urlsplit(urljoin(f"http://here{path}", link["href"]))
            if target.netloc != "here":
                continue
            if not target.path.startswith("/docs"):
                others.add(target.path)
                continue
            assert target.path in pages, f"{path} leads to {target.path}"
            if target.fragment:
                anchor = unquote(target.fragment)
                assert anchor in ids(pages[target.path]), f"{path} leads to {target.path}#{anchor}"
            followed += 1

    assert followed > 300
    assert {"/templates", "/templates/ko"} <= others
    for path in others:
        assert client.get(path).status_code == 200, path


def test_every_code_of_an_error_has_its_place_on_the_page(client: TestClient):
    page = client.get("/docs/blacklab").text

    assert {f"err-{code.replace('_', '-')}" for code in MEANINGS} <= set(ids(page))


def test_the_address_in_an_error_opens_the_right_place(client: TestClient):
    refused = client.get("/blacklab/v1/account").json()["error"]
    address = urlsplit(refused["doc_url"])

    page = client.get(refused["doc_url"])

    assert page.status_code == 200
    assert address.fragment in ids(page.text)
    around = page.text[page.text.index(f'id="{address.fragment}"') :]
    assert refused["code"] in around[:300]


def test_every_address_of_every_example_opens_the_right_place(client: TestClient):
    description = client.get("/blacklab/openapi.json").text
    addresses = set(re.findall(r'"doc_url":"([^"]+)"', description))
    page = client.get("/docs/blacklab")

    assert len(addresses) >= 10
    for address in addresses:
        assert urlsplit(address).path == "/docs/blacklab"
        assert urlsplit(address).fragment in ids(page.text)


def test_the_reference_shows_every_operation_parameter_and_event(client: TestClient):
    description = client.get("/blacklab/openapi.json").json()
    page = client.get("/docs/blacklab").text

    for path, item in description["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in item.values():
            assert reference.anchor("op", operation["operationId"]) in ids(page)
            for parameter in operation.get("parameters", ()):
                assert f"<code>{parameter['name']}</code>" in page
    for event in description["webhooks"]:
        assert reference.anchor("event", event) in ids(page)


@pytest.mark.parametrize(
    "name", ["nothing", "../README", "..%2FREADME", "blacklab.md", "decisions", "decisions/", "%00", "", "x" * 3000]
)
def test_what_is_no_page_is_not_found(client: TestClient, name: str):
    response = client.get(f"/docs/{name}")

    assert response.status_code == 404


def test_the_sandbox_and_guides_without_a_service_have_no_reference(client: TestClient):
    assert "reference" not in ids(client.get("/docs/oauth").text)
    assert "reference" in ids(client.get("/docs/blacklab").text)


def test_people_who_are_signed_in_keep_their_bar(browser: Browser, owner: Account):
    browser.sign_in(owner.email)

    page = browser.open("/docs/blacklab").text

    assert "Anna" in page
    assert "/sign-out" in page


def test_html_in_markdown_is_shown_and_not_obeyed():
    text = markdown.render("# T\n\n<script>alert(1)</script> **a** [b](javascript:alert(1))\n", lambda link: link)

    assert text.title == "T"
    assert "<script" not in text.html
    assert "javascript:" not in re.sub(r">[^<]*<", "><", text.html)
    assert "<strong>a</strong>" in text.html
    assert isinstance(text.html, Markup)


def test_headings_that_are_called_alike_get_ids_of_their_own():
    text = markdown.render("# T\n\n## A `b`!\n\n## A b\n\n## Ärger\n", lambda link: link)

    assert [heading.id for heading in text.headings] == ["a-b", "a-b-1", "ärger"]
    assert text.headings[0].text == "A b!"


def test_a_link_that_leads_to_no_page_is_left_as_text():
    text = markdown.render("# T\n\n[one](a.py) [two](b.md)\n", lambda link: "/docs/b" if link == "b.md" else None)

    assert '<p>one <a href="/docs/b">two</a></p>' in text.html

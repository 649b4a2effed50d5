"""The template hub: its page in both languages, and files that are given as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from tests.dashboard.conftest import Browser, Elements

pytestmark = pytest.mark.one_database

FOLDER = Path(__file__).parents[2] / "templates" / "flows"
NAMES = sorted(path.name for path in FOLDER.glob("*.json"))
PAGES = {"en": "/templates", "ko": "/templates/ko"}


@pytest.fixture
def client(open_server: Callable[..., TestClient]) -> TestClient:
    return open_server()


def files(page: str) -> list[str]:
    return [link["href"] for link in Elements(page).of("a") if link.get("class") == "file"]


@pytest.mark.parametrize("language", PAGES)
def test_a_page_offers_every_file_of_its_language_once(client: TestClient, language: str):
    offered = files(client.get(PAGES[language]).text)

    assert sorted(offered) == [f"/templates/{name}" for name in NAMES if f".{language}." in name]
    assert len(offered) == 9


def test_every_file_comes_as_it_is_to_be_saved(client: TestClient):
    for name in NAMES:
        response = client.get(f"/templates/{name}")

        assert response.status_code == 200
        assert response.content == (FOLDER / name).read_bytes()
        assert response.headers["content-type"] == "application/json"
        assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        json.loads(response.content)


@pytest.mark.parametrize("language", PAGES)
def test_a_page_has_no_script_and_nothing_from_elsewhere(client: TestClient, language: str):
    response = client.get(PAGES[language])

    elements = Elements(response.text)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert not elements.of("script")
    assert not elements.of("style")
    assert not [tag for tag, attributes in elements.all if "style" in attributes or "onclick" in attributes]
    assert not [link for link in elements.of("a") if "//" in link["href"]]
    for sheet in elements.of("link"):
        assert sheet["href"].startswith("/static/")
        assert client.get(sheet["href"]).status_code == 200


@pytest.mark.parametrize("language", PAGES)
def test_a_page_says_its_language_and_leads_to_the_other(client: TestClient, language: str):
    elements = Elements(client.get(PAGES[language]).text)
    (other,) = [link for link in elements.of("a") if "hreflang" in link]

    assert [shelf["lang"] for shelf in elements.of("div") if "lang" in shelf] == [language]
    assert other["hreflang"] == other["lang"] != language
    assert other["href"] == PAGES[other["lang"]]


@pytest.mark.parametrize("language", PAGES)
def test_every_link_to_a_file_says_what_it_is_by_itself(client: TestClient, language: str):
    """For whoever hears the links without what stands around them."""
    links = [link for link in Elements(client.get(PAGES[language]).text).of("a") if link.get("class") == "file"]

    assert len({link["aria-label"] for link in links}) == len(links)
    assert all("download" in link for link in links)


@pytest.mark.parametrize("language", PAGES)
def test_a_page_leads_to_the_set_up_of_each_flow(client: TestClient, language: str):
    guides = [
        urlsplit(link["href"])
        for link in Elements(client.get(PAGES[language]).text).of("a")
        if link["href"].startswith("/docs/masterify-templates")
    ]

    assert len(guides) == 3
    for guide in guides:
        page = client.get(guide.path)
        assert page.status_code == 200
        assert guide.fragment in [attributes.get("id") for _, attributes in Elements(page.text).all]


@pytest.mark.parametrize("language", PAGES)
def test_a_page_says_what_was_never_imported(client: TestClient, language: str):
    page = client.get(PAGES[language]).text

    assert {"en": "never imported into Make", "ko": "Make에 가져와 본 적이 없으며"}[language] in page


def test_the_guide_and_every_page_lead_to_the_hub(owner: Account, browser: Browser):
    for path, there in (("/sign-in", "/templates"), ("/docs/masterify-templates", "/templates")):
        assert there in [link["href"] for link in Elements(browser.open(path).text).of("a")]
    assert "/templates/ko" in [
        link["href"] for link in Elements(browser.open("/docs/masterify-templates-ko").text).of("a")
    ]

    browser.sign_in(owner.email)

    assert "/templates" in [link["href"] for link in Elements(browser.open("/account").text).of("a")]
    assert browser.open("/templates").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/templates/n8n-drive-to-slack.fr.json",
        "/templates/.json",
        "/templates/*.json",
        "/templates/../site.json",
        "/templates/..%2Fsite.json",
        "/templates/%2e%2e%2f%2e%2e%2fpyproject.json",
        "/templates/..%5Csite.json",
        "/templates/%2Fetc%2Fpasswd.json",
        "/templates/n8n-drive-to-slack.en.json%00.json",
        "/templates/n8n-drive-to-slack.en.json%0d%0aX-Planted:%201.json",
        "/templates/N8N-DRIVE-TO-SLACK.EN.json",
        "/templates/" + "a" * 5000 + ".json",
    ],
)
def test_no_name_leads_out_of_the_folder(client: TestClient, path: str):
    response = client.get(path, follow_redirects=False)

    assert response.status_code == 404
    assert "x-planted" not in response.headers
    assert "content-disposition" not in response.headers


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_file_can_only_be_read(client: TestClient, method: str):
    assert client.request(method, f"/templates/{NAMES[0]}").status_code in {403, 405}
    assert (FOLDER / NAMES[0]).exists()

"""HTTPS only, and HTTPS of our own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from httpx2 import Response
from starlette.routing import Mount
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts.people import Account
from soundrack.cli import console, serve
from soundrack.errors import NotConfigured
from soundrack.rack import Rack
from soundrack.services.address import Proxies
from soundrack.services.door import Door
from soundrack.services.transport import Transport
from soundrack.settings import Settings
from tests.certificates import self_signed
from tests.live import free_port, until

pytestmark = pytest.mark.one_database

JOBS = "/v1/mastering/jobs"
STRICT = "strict-transport-security"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        workers=1,
        require_https=True,
        public_url="https://rack.example.com",
        hosts="api.blacklab.studio=blacklab",
        trusted_proxies="10.0.0.0/8",
    )


@pytest.fixture
def client(rack: Rack) -> Iterator[TestClient]:
    with TestClient(app.create(rack), raise_server_exceptions=False) as client:
        yield client


def is_refused_by_blacklab(response: Response) -> bool:
    error = response.json()["error"]
    return (response.status_code, error["code"], error["param"]) == (403, "forbidden", None) and error[
        "doc_url"
    ].startswith("https://rack.example.com/docs/blacklab#")


@pytest.mark.parametrize(
    "url",
    [
        f"http://localhost/blacklab{JOBS}",
        f"http://localhost/blacklab-sandbox{JOBS}",
        f"http://api.blacklab.studio{JOBS}",
        "http://api.blacklab.studio/healthz",
        "http://localhost/blacklab/v1/oauth/token",
        "http://localhost/blacklab/openapi.json",
    ],
)
def test_a_service_refuses_plain_http_in_its_own_words(client: TestClient, url: str):
    response = client.get(url)

    assert is_refused_by_blacklab(response)
    assert "HTTPS" in response.json()["error"]["message"]
    assert response.headers["x-request-id"]
    assert STRICT not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/storage/x",
        "/leaks/alerts",
        "/metrics",
        "/.well-known/oauth-authorization-server",
        "/blacklab",
    ],
)
def test_every_other_door_refuses_it_in_the_house_s_words(client: TestClient, path: str):
    response = client.get(f"http://localhost{path}", follow_redirects=False)

    assert response.status_code == 403
    assert response.json()["error"].keys() == {"code", "message"}
    assert response.json()["error"]["code"] == "not_allowed"


def test_neither_a_body_nor_credentials_are_looked_at(client: TestClient, rack: Rack, monkeypatch):
    async def look(*_: Any, **__: Any) -> None:
        raise AssertionError("credentials were looked at")

    monkeypatch.setattr("soundrack.accounts.credentials.authenticate", look)
    whole = app.create(rack)
    (blacklab,) = [route.app for route in whole.routes if isinstance(route, Mount) and route.path == "/blacklab"]
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": f"/blacklab{JOBS}",
        "root_path": "/blacklab", "query_string": b"", "client": ("203.0.113.9", 1), "server": ("localhost", 80),
        "headers": [(b"authorization", b"Bearer sk_live_x"), (b"content-length", b"10"), (b"host", b"localhost")],
    }  # fmt: skip

    async def call() -> None:
        await blacklab(scope, receive, send)

    asyncio.run(call())

    assert sent[0]["status"] == 403
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whether_the_process_lives_is_told_by_plain_http_too(client: TestClient, path: str):
    assert client.get(f"http://localhost{path}").status_code in {200, 503}
    assert client.get(f"http://localhost{path}").headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "url",
    [f"https://localhost/blacklab{JOBS}", f"https://api.blacklab.studio{JOBS}", "https://localhost/sign-in",
     "https://localhost/storage/x", "https://localhost/healthz"],
)  # fmt: skip
def test_https_is_let_through_and_told_to_stay(client: TestClient, url: str):
    response = client.get(url, follow_redirects=False)

    assert "Use HTTPS" not in response.text
    assert response.headers.get_list(STRICT) == ["max-age=31536000"]


@pytest.mark.parametrize(
    ("peer", "protos", "admitted"),
    [
        ("10.0.0.7", ["https"], True),
        ("10.0.0.7", ["HTTPS"], True),
        ("10.0.0.7", ["https, https"], True),
        ("10.0.0.7", ["http"], False),
        ("10.0.0.7", ["https, http"], False),
        ("10.0.0.7", ["http, https"], False),
        ("10.0.0.7", ["https", "http"], False),
        ("10.0.0.7", [""], False),
        ("10.0.0.7", [], False),
        ("203.0.113.9", ["https"], False),
        ("no address", ["https"], False),
    ],
)
def test_a_proxy_s_word_counts_if_it_is_trusted(rack: Rack, peer: str, protos: list[str], admitted: bool):
    with TestClient(app.create(rack), base_url="http://localhost", client=(peer, 4711)) as client:
        response = client.get(f"/blacklab{JOBS}", headers=[("X-Forwarded-Proto", proto) for proto in protos])

    assert (response.status_code == 401) is admitted
    assert is_refused_by_blacklab(response) is not admitted
    assert (STRICT in response.headers) is admitted


def test_it_is_off_unless_it_is_asked_for(tmp_path: Path, rack: Rack):
    settings = Settings(data=tmp_path)
    door = Door.__new__(Door)

    assert not settings.require_https
    assert Transport(settings, Proxies.of(settings)).guard(door) is door


def test_links_by_plain_http_and_https_only_do_not_go_together(tmp_path: Path):
    settings = Settings(data=tmp_path, require_https=True)

    with pytest.raises(NotConfigured, match="SOUNDRACK_PUBLIC_URL") as refused:
        Transport(settings, Proxies.of(settings))
    assert refused.value.field == "require_https"


# our own certificate


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path, "localhost", "IP:127.0.0.1")


def test_with_a_certificate_the_public_url_is_https(tmp_path: Path):
    settings = Settings(data=tmp_path, tls_certificate=tmp_path / "certificate.pem")

    assert settings.public_url == "https://127.0.0.1:8600"
    assert settings.environment()["SOUNDRACK_TLS_CERTIFICATE"] == str(tmp_path / "certificate.pem")


@pytest.mark.parametrize("combined", [False, True])
def test_the_server_speaks_https_by_itself(
    rack: Rack, account: Account, certificate: tuple[Path, Path], monkeypatch, combined: bool
):
    """`serve` hands the certificate on, and what comes by it counts as HTTPS, whatever a header says."""
    made, key = certificate
    if combined:
        made.write_text(made.read_text() + key.read_text())
    port = free_port()
    changed = {
        "tls_certificate": made, "tls_key": None if combined else key, "port": port, "hosts": "", "trusted_proxies": "",
    }  # fmt: skip
    object.__setattr__(rack, "settings", rack.settings.model_copy(update=changed))
    servers: list[uvicorn.Server] = []

    class Kept(uvicorn.Server):
        def __init__(self, config: uvicorn.Config) -> None:
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr(uvicorn, "Server", Kept)
    monkeypatch.setattr(console, "spare_what_is_loaded", lambda: None)
    thread = threading.Thread(target=serve.listen, args=(rack,))
    thread.start()
    try:
        until(lambda: servers and servers[0].started)
        trusting = ssl.create_default_context(cafile=str(made))
        response = httpx2.get(
            f"https://127.0.0.1:{port}/blacklab{JOBS}", verify=trusting, headers={"X-Forwarded-Proto": "http"}
        )
    finally:
        servers[0].should_exit = True
        thread.join()

    assert response.status_code == 401
    assert response.headers[STRICT] == "max-age=31536000"


@pytest.mark.parametrize("fault", ["missing", "not a certificate", "another key", "key alone"])
def test_a_certificate_that_cannot_be_used_is_told_before_anything_is_served(
    tmp_path: Path, rack: Rack, certificate: tuple[Path, Path], fault: str
):
    made, key = certificate
    if fault == "missing":
        made = tmp_path / "nowhere.pem"
    elif fault == "not a certificate":
        made.write_text("text")
    elif fault == "another key":
        (tmp_path / "other").mkdir()
        _, key = self_signed(tmp_path / "other", "localhost")
    changed = {"tls_certificate": None if fault == "key alone" else made, "tls_key": key}
    object.__setattr__(rack, "settings", rack.settings.model_copy(update=changed))

    with pytest.raises(NotConfigured, match="SOUNDRACK_TLS_") as refused:
        serve.listen(rack)
    assert str(refused.value).endswith(".")

"""Services by the host that a client calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.errors import Malformed, NotConfigured
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import hosts
from soundrack.services.address import Proxies
from soundrack.services.hosts import Hosts
from soundrack.settings import Settings

pytestmark = pytest.mark.one_database

LISTED = "api.blacklab.studio=blacklab, sandbox.api.blacklab.studio=blacklab-sandbox, [2001:DB8::1]=blacklab"
MOUNTS = ("/blacklab", "/blacklab-sandbox", "/leaks", "/storage")
SOMEWHERE = "/v1/mastering/jobs/job_abc123def456"


def read(listed: str, **settings: Any) -> Hosts:
    configured = Settings(data=Path("/nowhere"), hosts=listed, **settings)
    return Hosts.of(configured, MOUNTS, Proxies.of(configured))


def scope(*headers: tuple[bytes, bytes], peer: str = "203.0.113.9") -> dict[str, Any]:
    return {"type": "http", "headers": list(headers), "client": (peer, 4711)}


def named(host: bytes, listed: str = LISTED) -> str | None:
    return read(listed).mount(scope((b"host", host)))


@pytest.mark.parametrize(
    ("host", "mount"),
    [
        (b"api.blacklab.studio", "/blacklab"),
        (b"API.BlackLab.Studio", "/blacklab"),
        (b"api.blacklab.studio:443", "/blacklab"),
        (b"api.blacklab.studio:", "/blacklab"),
        (b"api.blacklab.studio.", "/blacklab"),
        (b"sandbox.api.blacklab.studio", "/blacklab-sandbox"),
        (b"[2001:db8::1]", "/blacklab"),
        (b"[2001:db8:0:0::1]:8600", "/blacklab"),
        (b"blacklab.studio", None),
        (b"x.api.blacklab.studio", None),
        (b"xapi.blacklab.studio", None),
        (b"api.blacklab.studio.example", None),
        (b"[2001:db8::2]", None),
        (b"127.0.0.1:8600", None),
        (b"my_host", None),
    ],
)
def test_a_listed_host_selects_its_mount_whatever_its_port_and_case(host: bytes, mount: str | None):
    assert named(host) == mount


@pytest.mark.parametrize(
    "host",
    [
        b"api.blacklab.studio:99999",
        b"api.blacklab.studio:80:80",
        b"api.blacklab.studio:x",
        b"api.blacklab.studio/blacklab",
        b"user@api.blacklab.studio",
        b"http://api.blacklab.studio",
        b"api.blacklab.studio, api.masterify.example",
        b"api blacklab studio",
        b" api.blacklab.studio",
        b"api..blacklab.studio",
        b".api.blacklab.studio",
        b"-api.blacklab.studio",
        b"[2001:db8::1",
        b"[2001:db8::1%25eth0]",
        b"[127.0.0.1]",
        b"[2001:db8::1]x",
        b"2001:db8::1",
        b"api.blacklab.studio\xc3\xa9",
        b"a" * 64,
        b"a." * 200,
        b"\xff\xfe",
    ],
)
def test_a_host_header_that_names_no_host_is_refused(host: bytes):
    with pytest.raises(Malformed):
        named(host)


@given(st.binary(max_size=300))
def test_whatever_is_sent_one_of_the_listed_is_selected_or_none(header: bytes):
    found = hosts.read(header)

    assert found is None or found == hosts.read(found.encode())


def test_two_host_headers_are_refused_and_none_at_all_selects_none():
    with pytest.raises(Malformed):
        read(LISTED).mount(scope((b"host", b"api.blacklab.studio"), (b"host", b"api.blacklab.studio")))
    assert read(LISTED).mount(scope()) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "mount"),
    [
        ("10.0.0.7", b"api.blacklab.studio", "/blacklab"),
        ("10.0.0.7", b"evil.example, sandbox.api.blacklab.studio", "/blacklab-sandbox"),
        ("10.0.0.7", b"rack.example.com", None),
        ("203.0.113.9", b"api.blacklab.studio", None),
    ],
)
def test_a_forwarded_host_is_believed_from_a_trusted_proxy_alone(peer: str, forwarded: bytes, mount: str | None):
    trusting = read(LISTED, trusted_proxies="10.0.0.0/8")

    found = trusting.mount(scope((b"host", b"rack.lan"), (b"x-forwarded-host", forwarded), peer=peer))

    assert found == mount


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("api.blacklab.studio", "is not host=service"),
        ("=blacklab", "is not host=service"),
        ("api.blacklab.studio:443=blacklab", "without scheme, port or path"),
        ("https://api.blacklab.studio=blacklab", "without scheme, port or path"),
        ("bücher.example=blacklab", "is not host=service"),
        ("*.blacklab.studio=blacklab", "is not host=service"),
        ("api.blacklab.studio=blacklib", "there is: blacklab, blacklab-sandbox, leaks, storage"),
        ("api.blacklab.studio=", "nothing is served under"),
        ("a.example=blacklab, A.example.=blacklab-sandbox", "is given to two services"),
        ("127.0.0.1=blacklab", "the host of the public URL"),
    ],
)
def test_a_setting_that_cannot_be_followed_says_why(listed: str, told: str):
    with pytest.raises(NotConfigured, match="SOUNDRACK_HOSTS: ") as refused:
        read(listed)
    assert told in str(refused.value)
    assert refused.value.field == "hosts"


def test_the_host_of_the_public_url_may_not_be_taken_away_in_ipv6_either():
    with pytest.raises(NotConfigured, match="public URL"):
        read("[::1]=blacklab", public_url="http://[0::1]:8600")


@pytest.mark.parametrize("listed", ["", " , ,", "a.example=blacklab,a.example=/blacklab/"])
def test_empty_parts_and_the_same_twice_do_no_harm(listed: str):
    assert bool(read(listed)) is ("=" in listed)


# on the wire


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        workers=1,
        hosts=LISTED,
        metrics_token="let me in",
    )


@pytest.fixture
def client(rack: Rack) -> Iterator[TestClient]:
    with TestClient(app.create(rack), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def headers(rack: Rack, account: Account) -> dict[str, str]:
    with rack.database.write() as connection:
        token = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "").token
    return {"Authorization": f"Bearer {token}"}


def test_a_client_of_the_documented_host_needs_no_prefix(client: TestClient, headers: dict[str, str]):
    api = "https://api.blacklab.studio/v1"
    asked = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 4}
    announced = client.post(f"{api}/assets/upload-url", json=asked, headers=headers).json()
    job = client.post(f"{api}/mastering/jobs", json={"input_url": "https://example.com/a.wav"}, headers=headers)
    seen = client.get(f"{api}/mastering/jobs/{job.json()['id']}", headers=headers)

    assert announced["upload_url"].startswith("http://127.0.0.1:8600/storage/")
    put = client.put(announced["upload_url"], content=b"RIFF", headers={"Content-Type": "audio/wav"})
    assert (put.status_code, job.status_code, seen.status_code) == (200, 201, 200)
    assert seen.json()["id"] == job.json()["id"]


def test_by_host_and_by_prefix_it_is_the_same_service(client: TestClient, headers: dict[str, str]):
    sent: dict[str, Any] = {
        "json": {"input_url": "https://example.com/a.wav"},
        "headers": headers | {"Idempotency-Key": "one"},
    }

    by_host = client.post("https://api.blacklab.studio/v1/mastering/jobs", **sent)
    by_prefix = client.post("http://127.0.0.1:8600/blacklab/v1/mastering/jobs", **sent)

    assert by_prefix.content == by_host.content
    assert by_prefix.headers["x-idempotent-replayed"] == "true"
    assert by_prefix.headers["x-ratelimit-remaining"] == "58"


@pytest.mark.parametrize("path", ["/", "/healthz", "/storage/x", "/docs/blacklab", "/blacklab/v1/account", "/sign-in"])
def test_what_a_listed_host_does_not_serve_is_its_service_s_own_404(
    client: TestClient, headers: dict[str, str], path: str
):
    response = client.get(f"https://api.blacklab.studio{path}", headers=headers)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
    assert f"GET {path} here" in response.json()["error"]["message"]


def test_a_host_that_is_not_listed_has_everything_under_its_prefix(client: TestClient, headers: dict[str, str]):
    assert client.get(f"http://localhost/blacklab{SOMEWHERE}", headers=headers).status_code == 404
    assert client.get(f"http://localhost{SOMEWHERE}", headers=headers).headers["content-type"].startswith("text/html")
    assert client.get("http://localhost/healthz").status_code == 200


@pytest.mark.parametrize("sent", [["api.blacklab.studio", "localhost"], ["api.blacklab.studio", "api.blacklab.studio"]])
def test_two_hosts_are_a_bad_request_and_reach_nothing(client: TestClient, headers: dict[str, str], sent: list[str]):
    lines = [("Host", host) for host in sent] + list(headers.items())

    response = client.get(f"http://localhost/blacklab{SOMEWHERE}", headers=lines)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "malformed"
    assert response.headers["x-request-id"]
    assert "x-ratelimit-limit" not in response.headers


def test_the_sandbox_has_its_own_host(client: TestClient, rack: Rack, account: Account):
    with rack.database.write() as connection:
        token = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "", sandbox=True).token
    headers = {"Authorization": f"Bearer {token}"}

    assert client.get("https://sandbox.api.blacklab.studio/v1/account", headers=headers).status_code == 200
    assert client.get("https://api.blacklab.studio/v1/account", headers=headers).status_code == 401


def test_requests_by_host_are_counted_as_their_service_s(client: TestClient, headers: dict[str, str]):
    client.get(f"https://api.blacklab.studio{SOMEWHERE}", headers=headers)

    metrics = client.get("http://localhost/metrics", headers={"Authorization": "Bearer let me in"}).text

    assert 'route="/v1/mastering/jobs/{id}",service="blacklab",status="4xx"' in metrics.replace('method="GET",', "")

"""The local store's door: links, uploads, downloads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from soundrack import app, clock
from soundrack.rack import Rack

KEY = "assets/asset_abc.wav"
HOUR = timedelta(hours=1)


@pytest.fixture
def client(rack: Rack) -> Iterator[TestClient]:
    with TestClient(app.create(rack), base_url=rack.settings.public_url) as opened:
        yield opened


@pytest.fixture
def upload(rack: Rack) -> str:
    return rack.links.upload(KEY, 5, "audio/wav", HOUR)[0]


@pytest.fixture
def download(rack: Rack) -> str:
    return rack.links.download(KEY, clock.now() + HOUR)


def stored_files(rack: Rack) -> list[str]:
    return [path.name for path in rack.settings.objects.rglob("*") if path.is_file()]


def put(client: TestClient, url: str, body: bytes = b"hello", content_type: str = "audio/wav") -> int:
    return client.put(url, content=body, headers={"Content-Type": content_type}).status_code


def test_what_is_put_can_be_got(client: TestClient, upload: str, download: str):
    assert put(client, upload) == 200

    response = client.get(download)
    assert (response.status_code, response.content) == (200, b"hello")
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["content-disposition"] == 'attachment; filename="asset_abc.wav"'
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("body", [b"", b"hell", b"hello!", b"x" * 5_000_000])
def test_an_upload_of_another_size_leaves_nothing(client: TestClient, rack: Rack, upload: str, body: bytes):
    assert put(client, upload, body) == (413 if len(body) > 5 else 400)
    assert stored_files(rack) == []


def test_a_stream_that_grows_beyond_its_size_is_cut_off(client: TestClient, rack: Rack, upload: str):
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * 1000

    response = client.put(upload, content=endless(), headers={"Content-Type": "audio/wav"})

    assert response.status_code == 413
    assert stored_files(rack) == []


def test_another_content_type_is_refused(client: TestClient, rack: Rack, upload: str):
    assert put(client, upload, content_type="audio/flac") == 415
    assert stored_files(rack) == []


def test_an_upload_link_works_once(client: TestClient, upload: str, download: str):
    assert put(client, upload, b"first") == 200
    assert put(client, upload, b"other") == 409
    assert client.get(download).content == b"first"


@pytest.mark.parametrize("field", ["expires", "size", "type", "signature"])
def test_an_upload_link_with_anything_changed_is_refused(client: TestClient, rack: Rack, upload: str, field: str):
    parts = urlsplit(upload)
    query = dict(parse_qsl(parts.query))
    query[field] = {"expires": str(int(query["expires"]) + 1), "size": "6", "type": "audio/flac"}.get(field, "0" * 64)

    assert put(client, f"{parts.path}?{urlencode(query)}", content_type=query["type"]) == 403
    assert stored_files(rack) == []


def test_a_link_for_one_object_opens_no_other(client: TestClient, rack: Rack, download: str):
    rack.store.put_file("assets/asset_xyz.wav", Path(__file__))

    assert client.get(download.replace("asset_abc", "asset_xyz")).status_code == 403


def test_a_link_for_one_method_allows_no_other(client: TestClient, upload: str, download: str):
    assert client.get(upload).status_code == 403
    assert put(client, download) == 403


def test_an_expired_link_is_refused(client: TestClient, rack: Rack):
    url = rack.links.download(KEY, clock.now() - timedelta(seconds=1))

    assert client.get(url).status_code == 403


@pytest.mark.parametrize("query", ["", "?expires=x&signature=y", "?expires=1&signature=é", "?signature=" + "a" * 9999])
def test_what_is_no_link_is_refused(client: TestClient, query: str):
    assert client.get(f"/storage/{KEY}{query}").status_code == 403


@pytest.mark.parametrize(
    ("header", "status", "body", "content_range"),
    [
        ("bytes=1-3", 206, b"ell", "bytes 1-3/5"),
        ("bytes=3-", 206, b"lo", "bytes 3-4/5"),
        ("bytes=-2", 206, b"lo", "bytes 3-4/5"),
        ("bytes=0-99", 206, b"hello", "bytes 0-4/5"),
        ("bytes=5-9", 416, b"", "bytes */5"),
        ("bytes=0-1,3-4", 200, b"hello", None),
    ],
)
def test_ranges_are_answered(client, upload, download, header, status, body, content_range):
    put(client, upload)

    response = client.get(download, headers={"Range": header})

    assert (response.status_code, response.content) == (status, body)
    assert response.headers.get("content-range") == content_range


def test_a_head_tells_the_size_and_sends_nothing(client: TestClient, upload: str, download: str):
    put(client, upload)

    response = client.head(download)

    assert (response.status_code, response.headers["content-length"], response.content) == (200, "5", b"")


def test_an_unchanged_object_is_not_sent_again(client: TestClient, upload: str, download: str):
    put(client, upload)
    etag = client.get(download).headers["etag"]

    assert client.get(download, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(download, headers={"Range": "bytes=1-1", "If-Range": '"another"'}).status_code == 200


def test_a_deleted_object_is_not_found(client: TestClient, rack: Rack, upload: str, download: str):
    put(client, upload)
    rack.store.delete(KEY)
    rack.store.delete(KEY)

    assert client.get(download).status_code == 404

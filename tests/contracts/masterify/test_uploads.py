"""Uploads that go wrong on a real wire: real clients see the refusal while they still send, and nothing is kept."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import requests
import uvicorn
from sqlalchemy import func, select
from starlette.testclient import TestClient

from soundrack import app
from soundrack.database.tables import assets, jobs
from soundrack.rack import Rack
from soundrack.services import arriving, multipart
from soundrack.settings import Settings
from tests.contracts.masterify.conftest import FLAC, MASTER, WAV, stored
from tests.live import until

pytestmark = pytest.mark.one_database

MIB = 2**20
B = "----boundary7MA4YWxk"
FORM = f"multipart/form-data; boundary={B}"


def part(name: str, content: bytes, filename: str | None = None, *headers: str) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    lines = [f"--{B}", f'Content-Disposition: form-data; name="{name}"{named}', *headers, "", ""]
    return "\r\n".join(lines).encode() + content + b"\r\n"


END = f"--{B}--\r\n".encode()
GOOD = part("file", WAV, "a.wav") + part("platforms", b"spotify") + END


def post(client: TestClient, content: bytes | Iterator[bytes]) -> int:
    return client.post(MASTER, content=content, headers={"Content-Type": FORM}).status_code


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def kept(rack: Rack) -> tuple[int, int, list[str]]:
    """Return how many uploads and jobs there are, and every file."""
    with rack.database.read() as connection:
        counts = [connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (assets, jobs)]
    return counts[0], counts[1], stored(rack)


NOTHING: tuple[int, int, list[str]] = (0, 0, [])


@pytest.mark.parametrize("size", [1, 7, 97, 65_536])
def test_however_a_body_is_cut_it_is_the_same_song(client: TestClient, rack: Rack, size: int):
    content = part("file", WAV[:6000], "a.wav") + part("platforms", b"spotify") + END

    assert post(client, pieces(content, size)) == 201  # without a Content-Length
    (name,) = stored(rack)
    assert (rack.settings.objects / "assets" / name).read_bytes() == WAV[:6000]


def test_what_stands_before_or_behind_the_form_says_nothing(client: TestClient):
    assert post(client, b"\r\n" + GOOD + b"epilogue" * 1000) == 201


def test_as_many_parts_as_are_taken_are_taken(client: TestClient):
    assert post(client, part("x", b"") * (multipart.MOST_PARTS - 2) + GOOD) == 201


HOSTILE = {
    "another boundary": GOOD.replace(B.encode(), b"----other"),
    "the last dashes are missing": GOOD.removesuffix(b"--\r\n"),
    "cut in a header": GOOD[:60],
    "two dispositions": part("a", b"", None, 'Content-Disposition: form-data; name="file"') + GOOD,
    "10,000 parts": part("x", b"") * 10_000 + GOOD,
    "a header of 100 kB": part("x", b"", "f" * 100_000) + GOOD,
    "100 headers": part("x", b"", None, *[f"X-{n}: 1" for n in range(100)]) + GOOD,
    "a header that never ends": part("x", b"", None, "X: " + "y" * 2 * MIB),
    "no line ends": GOOD.replace(b"\r\n", b"\n"),
    "a field of 1 MB": part("platforms", b"spotify," * 131_072) + GOOD,
    "every byte there is": bytes(range(256)) * 100,
    "a form in a form": part("file", GOOD.replace(B.encode(), b"inner"), "a", "Content-Type: multipart/form-data"),
    "what looks like a boundary": part("file", (b"\r\n--" + B.encode()[:-1]) * 20_000, "a.wav") + END,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_form_is_refused_and_keeps_nothing(client: TestClient, rack: Rack, kind: str):
    assert post(client, HOSTILE[kind]) == 400
    assert kept(rack) == NOTHING


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        ("../../etc/passwd.wav", "passwd"),
        ("C:\\Music\\Mix 1.wav", "Mix 1"),
        ("노래 (최종).wav", "노래 (최종)"),
        ('a \\"quoted\\" one.wav', "a _quoted_ one"),
        ("a\u202egnp.wav", "agnp"),
        (".wav", "wav"),
        ("no ending", "no ending"),
        ("x" * 2000 + ".wav", "x" * 100),
        ("", "song"),
    ],
)
def test_a_file_s_name_is_a_title_and_never_a_path(client: TestClient, rack: Rack, sent: str, title: str):
    assert post(client, part("file", WAV, sent) + part("platforms", b"spotify") + END) == 201
    with rack.database.read() as connection:
        (parameters,) = connection.execute(select(jobs.c.parameters)).scalars()

    assert parameters["title"] == title
    assert stored(rack)[0].startswith("asset_")


def test_both_files_are_held_to_the_limit_each(client: TestClient, rack: Rack):
    large = part("reference_file", FLAC + bytes(50 * MIB), "b.flac")
    content = part("file", WAV, "a.wav") + part("platforms", b"spotify") + large + END
    response = client.post(MASTER, content=content, headers={"Content-Type": FORM, "Accept-Language": "en"})

    assert response.json()["error"] == {
        "code": "FILE_TOO_LARGE",
        "message": "reference_file: the file exceeds 50 MB.",
    }
    assert kept(rack) == NOTHING


class TestOverTheWire:
    """Clients that are refused while they send."""

    @pytest.fixture
    def settings(self, tmp_path: Path, database_url: str) -> Settings:
        return Settings(data=tmp_path / "data", database_url=database_url, workers=1, upload_silence_s=0.5, upload_s=3)

    @pytest.fixture
    def address(self, rack: Rack) -> Iterator[tuple[str, int]]:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            config = uvicorn.Config(app.create(rack), http="httptools", loop="uvloop", log_config=None)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                until(lambda: server.started)
                yield listener.getsockname()
            finally:
                server.should_exit = True
                thread.join()

    @pytest.fixture
    def url(self, address: tuple[str, int]) -> str:
        return f"http://127.0.0.1:{address[1]}/masterify{MASTER}"

    @pytest.fixture
    def large(self, tmp_path: Path) -> Path:
        """60 MB: too much for a file, and not enough for the whole body to be refused by its length."""
        path = tmp_path / "large.wav"
        path.write_bytes(WAV + bytes(60 * MIB))
        return path

    @pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
    @pytest.mark.parametrize("more", [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]])
    def test_curl_sees_the_refusal(self, url: str, key: str, large: Path, rack: Rack, more: list[str]):
        ran = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "-H", f"Authorization: Bearer {key}", *more, "-F", f"file=@{large}", url],
            capture_output=True,
            timeout=60,
            check=True,
        )

        assert json.loads(ran.stdout)["error"]["code"] == "FILE_TOO_LARGE"
        assert kept(rack) == NOTHING

    def test_requests_and_httpx_see_the_refusal(self, url: str, key: str, large: Path, rack: Rack):
        headers = {"Authorization": f"Bearer {key}"}
        for send in (requests.post, httpx2.post):
            with large.open("rb") as file:
                response = send(url, headers=headers, files={"file": file}, data={"platforms": "spotify"}, timeout=60)
            assert (response.status_code, response.json()["error"]["code"]) == (400, "FILE_TOO_LARGE")
            assert response.headers["connection"] == "close"
        assert kept(rack) == NOTHING

    @pytest.mark.skipif(not shutil.which("node"), reason="there is no Node here")
    def test_node_sees_the_refusal(self, url: str, key: str, large: Path, rack: Rack):
        """What n8n's HTTP node sends with."""
        script = """
        const [url, key, path] = process.argv.slice(1);
        const fs = require("fs"), http = require("http");
        const head = '--b\\r\\nContent-Disposition: form-data; name="file"; filename="a.wav"\\r\\n\\r\\n';
        const request = http.request(url, {method: "POST", headers: {
            Authorization: "Bearer " + key, "Content-Type": "multipart/form-data; boundary=b"}}, (response) => {
            let body = ""; response.on("data", (some) => body += some); response.on("end", () => console.log(body)); });
        request.on("error", (error) => { console.error(error); process.exit(1); });
        request.write(head); fs.createReadStream(path).pipe(request);
        """
        ran = subprocess.run(["node", "-e", script, url, key, str(large)], capture_output=True, timeout=60, check=True)

        assert json.loads(ran.stdout)["error"]["code"] == "FILE_TOO_LARGE"
        assert kept(rack) == NOTHING

    def test_a_length_that_is_too_large_is_refused_before_anything_is_sent(
        self, address: tuple[str, int], key: str, rack: Rack
    ):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(head(key, f"Content-Length: {200 * MIB}", "Expect: 100-continue"))
            answer = connection.recv(65_536)

        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"FILE_TOO_LARGE" in answer
        assert kept(rack) == NOTHING

    def test_who_sends_on_after_the_answer_is_read_for_a_while_and_then_closed(
        self, address: tuple[str, int], key: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(arriving, "LINGERING_S", 0.6)
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(head(key, "Transfer-Encoding: chunked") + b"6\r\nbroken\r\n")
            answer = connection.recv(65_536)
            for _ in range(4):
                connection.sendall(b"6\r\nbroken\r\n")
                time.sleep(0.05)
            rest = connection.recv(65_536)

        assert answer.startswith(b"HTTP/1.1 400 ")
        assert rest == b""

    @pytest.mark.parametrize("every_s", [5.0, 0.2])
    def test_a_drip_is_cut_off(self, address: tuple[str, int], key: str, rack: Rack, every_s: float):
        """By its silence, or by the time that the whole may take."""
        begun = part("file", WAV, "a.wav")[:8000]
        with socket.create_connection(address, timeout=20) as connection:
            connection.sendall(head(key, f"Content-Length: {MIB}") + begun)
            connection.settimeout(every_s)
            answer = b""
            for _ in range(60):
                try:
                    answer = connection.recv(65_536)
                    break
                except TimeoutError:
                    connection.sendall(b"x")

        assert b"INVALID_REQUEST" in answer
        until(lambda: kept(rack) == NOTHING, 10)

    def test_who_goes_away_leaves_nothing(self, address: tuple[str, int], key: str, rack: Rack):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(head(key, f"Content-Length: {len(GOOD)}") + GOOD[:8000])
            until(lambda: kept(rack)[0] == 1, 10)

        until(lambda: kept(rack) == NOTHING, 10)


def head(key: str, *more: str) -> bytes:
    lines = [f"POST /masterify{MASTER} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}", f"Content-Type: {FORM}"]
    return "\r\n".join([*lines, *more, "", ""]).encode()

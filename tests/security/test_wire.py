"""What is sent byte by byte to a real server: smuggled headers, broken requests; and that no log tells a secret."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from soundrack import clock, ids
from soundrack.accounts import formats
from soundrack.service import Service
from tests.security.conftest import Wire

JOB = b"/blacklab/v1/mastering/jobs/job_1"
FOUND_NOTHING = 404


@pytest.fixture
def bearer(wire: Wire) -> bytes:
    return b"Authorization: Bearer " + wire.key.encode()


def requests(wire: Wire, bearer: bytes) -> dict[str, tuple[bytes, set[int]]]:
    """What is sent, and the statuses one of which answers it alone; none: the connection is closed without a word."""
    many = b"\r\n".join(b"X-%d: y" % number for number in range(20_000))
    chunked = b"Transfer-Encoding: chunked"
    smuggled = b"GET " + JOB + b" HTTP/1.1\r\nHost: x\r\n" + bearer + b"\r\n\r\n"
    return {
        "a right one": (wire.request(bearer), {FOUND_NOTHING}),
        "two Authorization headers": (wire.request(bearer, b"Authorization: Bearer x"), {401}),
        "the other order": (wire.request(b"Authorization: Bearer x", bearer), {401}),
        "the same one twice": (wire.request(bearer, bearer), {401}),
        "a folded header": (wire.request(b"Authorization:\r\n Bearer " + wire.key.encode()), {400, 401}),
        "a folded second half": (wire.request(b"Authorization: Bearer\r\n\t" + wire.key.encode()), {400, 401}),
        "a space before the colon": (wire.request(bearer.replace(b":", b" :", 1)), {400, 401}),
        "a NUL in the header": (wire.request(bearer + b"\x00"), {400, 401}),
        "a bare carriage return": (wire.request(bearer + b"\rX: y"), {400, 401}),
        "two lengths": (
            wire.request(bearer, b"Content-Length: 2", b"Content-Length: 40", body=b"{}" + smuggled),
            {400},
        ),
        "length and chunks": (
            wire.request(bearer, b"Content-Length: 4", chunked, body=b"0\r\n\r\n" + smuggled),
            {400},
        ),
        "chunks twice over": (
            wire.request(bearer, b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
            {400},
        ),
        "a negative length": (wire.request(bearer, b"Content-Length: -1", body=b"{}"), {400}),
        "a length that is no number": (wire.request(bearer, b"Content-Length: 0x10", body=b"{}"), {400}),
        "a chunk size that is no number": (wire.request(bearer, chunked, body=b"zz\r\n{}\r\n0\r\n\r\n"), {400}),
        "headers of megabytes": (wire.request(bearer, b"X: " + b"a" * 5_000_000), {400, 401, 404, 431}),
        "20,000 headers": (wire.request(bearer, many), {400, 404, 431}),
        "a path of megabytes": (wire.request(bearer, path=JOB + b"a" * 1_000_000), {400, 404, 414}),
        "a path that climbs": (wire.request(bearer, path=b"/blacklab/../metrics"), {400, 401, 404}),
        "a path of encoded dots": (wire.request(bearer, path=b"/storage/%2e%2e/%2e%2e/secret"), {400, 403, 404}),
        "a path with NUL": (wire.request(bearer, path=b"/blacklab/v1/mastering/jobs/%00"), {404}),
        "a path that is not UTF-8": (wire.request(bearer, path=b"/blacklab/v1/mastering/jobs/%ff%fe"), {404}),
        "another's host": (wire.request(bearer, b"X-Forwarded-Host: evil.example"), {404}),
        "a whole URL for a path": (wire.request(bearer, path=b"http://evil.example/nowhere"), {400, 404}),
        "no protocol at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {400}),
        "a method nobody knows": (wire.request(bearer).replace(b"GET", b"BREW", 1), {400, 404, 405}),
        "a form of another time": (b"GET " + JOB + b"\r\n\r\n", {400, 401}),
        "TRACE": (wire.request(bearer).replace(b"GET", b"TRACE", 1), {404, 405}),
    }


NAMES = [
    "a right one", "two Authorization headers", "the other order", "the same one twice", "a folded header",
    "a folded second half", "a space before the colon", "a NUL in the header", "a bare carriage return", "two lengths",
    "length and chunks", "chunks twice over", "a negative length", "a length that is no number",
    "a chunk size that is no number", "headers of megabytes", "20,000 headers", "a path of megabytes",
    "a path that climbs", "a path of encoded dots", "a path with NUL", "a path that is not UTF-8", "another's host",
    "a whole URL for a path", "no protocol at all", "a method nobody knows", "a form of another time", "TRACE",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_request_has_one_meaning_and_one_answer(wire: Wire, bearer: bytes, name: str):
    raw, expected = requests(wire, bearer)[name]

    answered = wire.statuses(raw)

    assert len(answered) <= 1, "a second request was read out of the first"
    assert set(answered) <= expected
    assert wire.statuses(wire.request(bearer)) == [FOUND_NOTHING], "the server goes on"


def test_every_request_above_has_its_name(wire: Wire, bearer: bytes):
    assert list(requests(wire, bearer)) == NAMES


def test_headers_say_nothing_of_the_server_and_forbid_guessing_at_types(wire: Wire, bearer: bytes):
    for path in (JOB, b"/healthz", b"/nowhere", b"/storage/x", b"/blacklab/openapi.json"):
        head = wire.send(wire.request(bearer, path=path)).partition(b"\r\n\r\n")[0].lower()

        assert b"\r\nserver:" not in head
        assert b"x-powered-by" not in head
        assert b"access-control-allow-origin" not in head
        assert b"\r\nx-request-id: " in head


def secrets_in_a_request() -> Iterator[tuple[str, bytes]]:
    """A secret, and a request that carries it where it does not belong."""
    for make in [form.mint for form in formats.ALL]:
        token = make()
        for place in (
            b"GET /blacklab/v1/mastering/jobs/job_1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n",
            b"GET /blacklab/v1/mastering/jobs/%s HTTP/1.1\r\nHost: x\r\n",
            b"GET /nowhere?api_key=%s HTTP/1.1\r\nHost: x\r\n",
            b"GET /sign-in HTTP/1.1\r\nHost: x\r\nCookie: soundrack=%s\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: %s\r\nIdempotency-Key: %s\r\n",
            b"BREW /%s HTTP/1.1\r\nAuthorization: Basic %s\r\n",
        ):
            raw = place.replace(b"%s", token.encode()) + b"Connection: close\r\n\r\n"
            yield token, raw
    signature = secrets.token_hex(32)
    yield signature, b"GET /storage/x?expires=1&signature=%s HTTP/1.1\r\nHost: x\r\n\r\n" % signature.encode()
    password = "hunter-two-hunter-two"
    form = f"email=a%40example.com&password={password}".encode()
    yield (
        password,
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(form), form),
    )


def test_no_log_line_tells_a_token_password_or_query_wherever_it_was_sent(wire: Wire):
    sent = list(secrets_in_a_request())
    for _, raw in sent:
        wire.send(raw)
    link = wire.rack.links.download("output/a/1/a.wav", clock.now().replace(year=2100))
    wire.send(wire.request(path=link.partition("://")[2].partition("/")[2].join(["/", ""]).encode()))

    told = wire.log.getvalue()
    assert "request refused" in told, "nothing was logged at all"
    for secret, raw in sent:
        assert secret not in told, raw[:60]
    assert link.rpartition("signature=")[2] not in told
    assert wire.key not in told
    assert not re.search(r"\?[a-z_]+=(?!…)", told)


def test_even_an_unexpected_error_tells_no_secret(wire: Wire, monkeypatch: pytest.MonkeyPatch):
    """A bug that puts everything it knows into its message."""
    token, session = formats.mint(Service.BLACKLAB), secrets.token_urlsafe(32)

    async def broken(_lookups: object, _secret: object, _service: object, given: str, *, sandbox: bool) -> None:
        carried = {
            "Authorization": f"Bearer {given}",
            "cookie": f"soundrack={session}",
            "signing": ids.signing_secret(),
        }
        raise RuntimeError(f"cannot look up {given!r} of {carried} at https://u:p4ssw0rd@db/x?sslkey={session}")

    monkeypatch.setattr("soundrack.accounts.credentials.authenticate", broken)

    answer = wire.send(wire.request(b"Authorization: Bearer " + token.encode()))

    assert answer.startswith(b"HTTP/1.1 500")
    assert token.encode() not in answer
    assert b"Traceback" not in answer
    told = wire.log.getvalue()
    assert "cannot look up" in told
    assert "Traceback" in told
    assert token not in told
    assert session not in told
    assert "p4ssw0rd" not in told
    assert not re.search("whsec_[A-Za-z0-9]", told)

"""Redirect URIs that are taken, and those that only look like one."""

from __future__ import annotations

import pytest

from soundrack.accounts.oauth import redirects
from soundrack.errors import Invalid

REGISTERED = "https://app.example/back"


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/back",
        "https://app.example",
        "https://app.example:8443/back?kind=a&b=%20c",
        "https://xn--mnchen-3ya.example/",
        "http://127.0.0.1/back",
        "http://127.0.0.1:5173/back",
        "http://[::1]:9999",
        "http://localhost:3000/",
        "https://192.0.2.1/back",
    ],
)
def test_a_uri_that_leads_to_one_place_can_be_registered(uri: str):
    assert redirects.require(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "back",
        "//app.example/back",
        "https:/app.example",
        "https://",
        "http://app.example/back",
        "http://10.0.0.1/back",
        "http://127.0.0.2/back",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "javascript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,hello",
        "com.example.app:/back",
        "ftp://app.example/",
        "https://app.example/back#",
        "https://app.example/back#fragment",
        "https://user@app.example/",
        "https://user:password@app.example/",
        "https://app.example\\@evil.example/",
        "https://app.example/ back",
        "https://app.example/back\n",
        "https://app.example/\x00",
        "https://*.example/back",
        "https://APP.example/back",
        "HTTPS://app.example/back",
        "https://münchen.example/",
        "https://app..example/",
        "https://app.example:/",
        "https://app.example:0/",
        "https://app.example:65536/",
        "https://app.example:port/",
        "https://[::1/",
        "https://[2001:db8::1%25eth0]/",
        'https://app.example/"onload="',
        "https://app.example/<b>",
        "https://app.example/" + "a" * 2000,
    ],
)
def test_anything_else_cannot(uri: str):
    with pytest.raises(Invalid, match="redirect URI"):
        redirects.require(uri)


@pytest.mark.parametrize(
    "asked",
    [
        "https://app.example/back/",
        "https://app.example/back/more",
        "https://app.example/backdoor",
        "https://app.example/back?more=1",
        "https://app.example/back?",
        "https://app.example/back#",
        "https://app.example/Back",
        "https://APP.example/back",
        "HTTPS://app.example/back",
        "https://app.example/%62ack",
        "https://app.example/./back",
        "https://app.example/x/../back",
        "https://app.example//back",
        "https://app.example:443/back",
        "https://app.example./back",
        "https://app.example.evil.example/back",
        "https://app.example@evil.example/back",
        "https://evil.example/?https://app.example/back",
        "https://evil.example\\.app.example/back",
        "http://app.example/back",
        "//app.example/back",
        "javascript:alert(1)//https://app.example/back",
        " https://app.example/back",
        "https://app.example/back ",
        "https://app.example/back\t",
        "",
    ],
)
def test_only_the_very_same_characters_match(asked: str):
    assert not redirects.match([REGISTERED], asked)
    assert redirects.match([REGISTERED], REGISTERED)


@pytest.mark.parametrize("port", ["", ":80", ":1", ":49152", ":65535"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_an_application_on_somebodys_machine_may_take_any_port(host: str, port: str):
    assert redirects.match([f"http://{host}/back?a=1"], f"http://{host}{port}/back?a=1")
    assert redirects.match([f"http://{host}:8000/back?a=1"], f"http://{host}{port}/back?a=1")


@pytest.mark.parametrize(
    "asked",
    [
        "http://127.0.0.1:0/back",
        "http://127.0.0.1:65536/back",
        "http://127.0.0.1:99999999/back",
        "http://127.0.0.1:/back",
        "http://127.0.0.1:80@evil.example/back",
        "http://127.0.0.1:8000.evil.example/back",
        "http://127.0.0.1.evil.example/back",
        "http://127.0.0.1:8000/back/",
        "http://[::1]:8000/back",
        "http://localhost:8000/back",
        "https://127.0.0.1:8000/back",
    ],
)
def test_nothing_but_the_port_may_differ(asked: str):
    assert not redirects.match(["http://127.0.0.1/back"], asked)


def test_the_port_of_a_name_or_of_https_may_not_differ():
    assert not redirects.match(["http://localhost:3000/back"], "http://localhost:3001/back")
    assert not redirects.match(["https://127.0.0.1:3000/back"], "https://127.0.0.1:3001/back")

"""Logs hold no secret, whatever is logged and whoever logs it."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from soundrack import ids, logs, scrub
from soundrack.accounts import formats

MINTED: list[Callable[[], str]] = [
    *(form.mint for form in formats.ALL),
    *(lambda prefix=prefix: ids.key(prefix) for prefix in ("sat_", "srt_", "sac_", "scs_")),
    ids.signing_secret,
    lambda: secrets.token_urlsafe(32),
]
TOKENS = st.sampled_from(MINTED).map(lambda mint: mint())
AROUND = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
SEPARATORS = st.sampled_from(["", " ", '"', "'", "=", "/", ":", "\n", ",", "%3D", "&", ";", ")", "<"])


@pytest.fixture(params=[False, True], ids=["console", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What is written to standard error, in each form."""
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    logs.configure(json=request.param)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:] = before


@given(token=st.sampled_from(MINTED[:-1]).map(lambda mint: mint()), before=AROUND, after=SEPARATORS)
def test_no_token_survives_in_any_text(token: str, before: str, after: str):
    cleaned = scrub.text(f"{before}{token}{after}tail")

    assert token not in cleaned
    assert token[-12:] not in cleaned


@given(before=SEPARATORS.filter(bool), after=SEPARATORS.filter(bool))
def test_no_session_ticket_or_invitation_survives_in_any_text(before: str, after: str):
    token = secrets.token_urlsafe(32)

    assert token not in scrub.text(f"x{before if before != '%3D' else '='}{token}{after}y")


@given(
    user=st.text(alphabet="abcXYZ019.~%", max_size=12),
    password=st.text(alphabet="abcXYZ019.~%!$", min_size=6, max_size=20),
    query=st.text(alphabet="abcXYZ019=&%.~_-", min_size=6, max_size=40),
)
def test_no_credentials_or_query_of_a_url_survive(user: str, password: str, query: str):
    cleaned = scrub.text(f"cannot fetch https://{user}:{password}@example.com:8443/a/b?{query}#{query}: timed out")

    assert cleaned == f"cannot fetch https://{scrub.GONE}@example.com:8443/a/b?{scrub.GONE} timed out"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("GET /storage/x?expires=1&signature=abcdef", "GET /storage/x?expires=1&signature=…"),
        ("(b'cookie', b'soundrack=abc; other=def')", "(b'cookie', b'…')"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: …"),
        ("refused Bearer abc.def.ghi of a stranger", "refused Bearer … of a stranger"),
        ("[SQL: SELECT 1]\n[parameters: ('hunter2',)]", "[SQL: SELECT 1]\n[parameters: …]"),
        ("postgresql+psycopg://soundrack:hunter2@db/x", "postgresql+psycopg://…@db/x"),
    ],
)
def test_known_places_of_secrets_are_emptied_and_the_rest_stays(said: str, left: str):
    assert scrub.text(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "job completed",
        "job_abc123def456 of acc_abc123def456 by key_abc123def456",
        "req_0123456789abcdef at 2026-11-23T12:00:00Z",
        "https://example.com/path is unreachable",
        "a1b2" * 16,
        'File "/usr/lib/python3/site-packages/soundrack/outbound/client.py", line 43, in _a_function_of_some_length',
    ],
)
def test_what_is_no_secret_stays(said: str):
    assert scrub.text(said) == said


@given(
    st.dictionaries(
        st.sampled_from(
            ["password", "token", "client_secret", "Authorization", "set-cookie", "signature", "totp_code"]
        ),
        st.one_of(st.just("hunter-two"), st.just(b"hunter-two"), st.just({"a": "hunter-two"}), st.just(["hunter-two"])),
    )
)
def test_a_value_under_a_secret_name_is_taken_out_however_deep(values: dict[str, object]):
    cleaned = scrub.event(None, "info", {"event": "x", "more": {"deeper": [values]}, **values})

    assert "hunter" not in str(cleaned)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.binary(), st.lists))
def test_whatever_is_logged_is_one_line_of_plain_values(value: object):
    cleaned = scrub.event(None, "info", {"event": "x", "value": value})

    assert len(json.dumps(cleaned, ensure_ascii=True).splitlines()) == 1
    flat = [cleaned["value"]]
    while flat:
        found = flat.pop()
        flat += found if isinstance(found, list) else []
        if isinstance(found, str):
            assert len(found.splitlines()) <= 1
            assert not set(map(unicodedata.category, found)) & {"Cc", "Zl", "Zp"}


@pytest.mark.parametrize("character", ["a", "://", "?signature=", "-", "bearer ", "cookie:", "&a_", "%41", "x_key=&"])
def test_a_long_text_of_a_stranger_takes_no_long_time(character: str):
    """Quadratic expressions would take hours for this, and the test run with them."""
    scrub.text(character * (2_000_000 // len(character)))


def test_a_long_value_is_cut(written: StringIO):
    structlog.get_logger().info("refused", path="/" + "a" * 100_000)

    assert len(written.getvalue()) < 2 * scrub.MOST_CHARACTERS


def test_tracebacks_tell_no_values_of_variables(written: StringIO):
    password = "hunter-" + "two"
    try:
        raise ValueError("no")
    except ValueError:
        structlog.get_logger().exception("broken")
        logging.getLogger("uvicorn.error").exception("broken too")

    assert written.getvalue().count("ValueError: no") == 2
    assert password not in written.getvalue()


def test_libraries_and_warnings_take_the_same_way(written: StringIO):
    key = formats.KEYS[next(iter(formats.KEYS))].mint()
    logging.getLogger("uvicorn.error").warning("token %s", key)
    logging.getLogger("some.library").info("chatter")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"key {key}", stacklevel=1)

    lines = written.getvalue().splitlines()
    assert len([line for line in lines if "sk_live_…" in line]) == 2
    assert key not in written.getvalue()
    assert "chatter" not in written.getvalue()


def test_a_line_break_begins_no_line(written: StringIO):
    structlog.get_logger().warning("refused", path="/x\n2026-11-23 [info] all is well\x1b[2J")

    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


def test_what_is_bound_to_a_request_is_in_its_lines(written: StringIO):
    with logs.about(request="req_1", account="acc_1"):
        structlog.get_logger().info("done")

    assert all(word in written.getvalue() for word in ("req_1", "acc_1", "done"))

"""The forms of keys."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack import ids
from soundrack.accounts import formats
from soundrack.accounts.formats import Format
from soundrack.service import Service

FORMS = st.sampled_from(formats.ALL)
WITH_CHECKSUM = st.sampled_from([form for form in formats.ALL if form.has_checksum])
PRINTABLE = [chr(code) for code in range(33, 127)]


@pytest.mark.parametrize(
    ("service", "decided"),
    [
        (Service.BLACKLAB, r"sk_live_[0-9A-Za-z]{32}"),
        (Service.MASTERIFY, r"aim_live_[0-9a-f]{32}"),
        (Service.SIGNALKEY, r"sk_live_[0-9A-Za-z_-]{32}"),
        (Service.AUDIOLIB, r"alp_[0-9A-Za-z]{32}"),
        (Service.SOUNDPIECE, r"spk_[0-9A-Za-z]{32}"),
    ],
)
def test_a_minted_key_has_the_decided_form(service: Service, decided: str):
    assert re.fullmatch(decided, formats.mint(service))


def test_the_sandbox_is_blacklabs_alone():
    assert re.fullmatch(r"sk_test_[0-9A-Za-z]{32}", formats.mint(Service.BLACKLAB, sandbox=True))
    for service in set(Service) - {Service.BLACKLAB}:
        with pytest.raises(ValueError, match="has no sandbox"):
            formats.mint(service, sandbox=True)


@given(FORMS)
def test_every_minted_key_is_plausible_and_matches_the_published_expression(form: Format):
    token = form.mint()

    assert form.plausible(token)
    assert re.fullmatch(form.regex, token)
    assert formats.identify(token) is form


@given(FORMS)
def test_no_key_is_plausible_in_another_form(form: Format):
    token = form.mint()

    assert [other.name for other in formats.ALL if other.plausible(token)] == [form.name]


def test_a_key_of_one_service_is_refused_by_the_form_of_the_other_with_the_same_prefix():
    assert not formats.plausible(Service.SIGNALKEY, formats.mint(Service.BLACKLAB))
    assert not formats.plausible(Service.BLACKLAB, formats.mint(Service.SIGNALKEY))
    assert not formats.plausible(Service.BLACKLAB, formats.mint(Service.BLACKLAB, sandbox=True))


@given(WITH_CHECKSUM, st.data())
def test_any_single_changed_character_is_caught_where_there_is_a_checksum(form: Format, data: st.DataObject):
    token = form.mint()
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(PRINTABLE).filter(lambda character: character != token[place]))

    assert not form.plausible(token[:place] + other + token[place + 1 :])


@given(WITH_CHECKSUM, st.data())
def test_two_swapped_neighbours_are_caught_where_there_is_a_checksum(form: Format, data: st.DataObject):
    token = form.mint()
    place = data.draw(st.integers(0, len(token) - 2).filter(lambda at: token[at] != token[at + 1]))

    assert not form.plausible(token[:place] + token[place + 1] + token[place] + token[place + 2 :])


@given(st.sampled_from(Service), st.text() | st.builds(lambda form, text: form.prefix + text, FORMS, st.text()))
def test_no_text_makes_the_check_raise_or_pass(service: Service, text: str):
    assert not formats.plausible(service, text) or service is Service.MASTERIFY
    assert formats.identify(text) in {None, formats.MASTERIFY}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _token: "",
        lambda _token: "\0",
        lambda token: token + "\n",
        lambda token: token + "\0",
        lambda token: " " + token,
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token.upper(),
        lambda token: token[:-32] + "é" * 32,
        lambda token: token[:-32] + "٣" * 32,
        lambda token: token[:-32] + "\ud800" * 32,
        lambda token: token * 100_000,
        lambda _token: "0" * 10_000_000,
    ],
)
@pytest.mark.parametrize("service", Service)
def test_what_is_no_key_is_not_plausible(service: Service, spoil):
    assert formats.plausible(service, spoil(formats.mint(service))) is False


def test_masterify_looks_at_any_32_digits_and_small_letters_as_its_document_prints():
    assert formats.plausible(Service.MASTERIFY, "aim_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6")
    assert not formats.plausible(Service.MASTERIFY, "aim_live_A1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6")


@given(FORMS)
def test_what_is_shown_of_a_key_leaves_28_of_its_characters_unsaid(form: Format):
    token = form.mint()

    assert token.startswith(form.shown(token))
    assert len(token) - len(form.shown(token)) == 28


def test_keys_are_not_made_twice():
    assert len({form.mint() for form in formats.ALL for _ in range(200)}) == 200 * len(formats.ALL)


def test_a_signing_secret_is_32_bytes_in_base_64_and_matches_its_expression():
    for _ in range(200):
        secret = ids.signing_secret()
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
        assert formats.SIGNING_SECRET.plausible(secret)
        assert len(secret) == formats.SIGNING_SECRET.characters


@given(st.binary(min_size=32, max_size=32))
def test_any_32_bytes_match_the_expression_of_signing_secrets(drawn: bytes):
    assert formats.SIGNING_SECRET.plausible("whsec_" + base64.b64encode(drawn).decode())

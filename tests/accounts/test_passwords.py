"""Passwords: which are taken, and how they are kept."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.accounts import passwords
from soundrack.accounts.passwords import Cost, Passwords
from soundrack.errors import Invalid, RateLimited
from tests.accounts.conftest import CHEAP, PASSWORD

EMAIL = "anna.smith@bluebird-music.example"


@pytest.mark.parametrize(
    "password",
    [
        "three grey herons",
        "correct horse staple",
        "Ärger im Tonstudio",
        "하늘과 바람과 별과 시 2026",
        "tr0ub4dor&3xyz",
        "8401-2293-7715",
        "a" * 100 + "bcdefghij klmn",
        "x7K!q2mZ9@rT",
    ],
)
def test_a_password_that_is_long_enough_is_taken_whatever_it_is_made_of(password: str):
    passwords.check(password, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "elevenchars",
        "x" * 129,
        "a fine phrase " * 10,
        "aaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "passwordpassword",
        "Password1234!",
        "iloveyou2026!!",
        "1234567890123",
        "qwertyuiop12",
        "asdfghjklasdf",
        "abcdefghijklm",
        "1q2w3e4r5t6y",
        "CorrectHorseBatteryStaple",
        "soundrack1234",
        "anna.smith2026",
        EMAIL,
        EMAIL.upper(),
    ],
)
def test_a_password_that_is_guessed_early_is_refused(password: str):
    with pytest.raises(Invalid) as refused:
        passwords.check(password, email=EMAIL)

    assert refused.value.field == "password"
    assert str(refused.value).endswith(".")


@given(st.text(max_size=300))
def test_any_text_is_taken_or_refused(text: str):
    try:
        passwords.check(text, email=EMAIL)
    except Invalid:
        return
    assert len(text) >= 1


def test_the_digest_says_argon2id_at_the_cost_that_is_stated():
    kept = Passwords()

    digest = asyncio.run(kept.digest(PASSWORD))
    kept.close()

    assert digest.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in digest


def test_a_password_is_known_again_however_its_characters_were_composed(passwords: Passwords):
    digest = asyncio.run(passwords.digest("Ärger im Tonstudio"))

    assert asyncio.run(passwords.verify("A\u0308rger im Tonstudio", digest)) == (True, None)
    assert asyncio.run(passwords.verify("Arger im Tonstudio", digest)) == (False, None)


def test_two_digests_of_one_password_differ(passwords: Passwords):
    assert asyncio.run(passwords.digest(PASSWORD)) != asyncio.run(passwords.digest(PASSWORD))


def test_a_digest_of_another_cost_still_counts_and_is_made_anew(passwords: Passwords):
    dearer = Passwords(Cost(memory_kib=128, passes=1, lanes=1))
    digest = asyncio.run(passwords.digest(PASSWORD))

    matches, renewed = asyncio.run(dearer.verify(PASSWORD, digest))

    assert matches
    assert renewed is not None
    assert "m=128," in renewed
    assert asyncio.run(dearer.verify(PASSWORD, renewed)) == (True, None)
    assert asyncio.run(dearer.verify("something else entirely", digest)) == (False, None)
    dearer.close()


@pytest.mark.parametrize("password", ["", PASSWORD, "x" * 10_000])
def test_without_a_digest_one_is_verified_all_the_same_at_the_same_cost(
    passwords: Passwords, password: str, monkeypatch: pytest.MonkeyPatch
):
    verified = watch_verify(passwords, monkeypatch)

    assert asyncio.run(passwords.verify(password, None)) == (False, None)

    assert len(verified) == 1
    assert verified[0].startswith(f"$argon2id$v=19$m={CHEAP.memory_kib},t={CHEAP.passes},p={CHEAP.lanes}$")


def test_no_more_digests_are_worked_on_at_once_than_was_said(monkeypatch: pytest.MonkeyPatch):
    kept, working, most, lock = Passwords(CHEAP, at_once=2, most_waiting=100), 0, 0, threading.Lock()
    three = threading.Barrier(3)

    def work(*_: Any) -> str:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        try:
            three.wait(0.02)  # a third one would open it
        except threading.BrokenBarrierError:
            three.reset()
        with lock:
            working -= 1
        return ""

    monkeypatch.setattr(kept._hash, "hash", work)

    async def sign_in_all() -> None:
        await asyncio.gather(*(kept.digest(PASSWORD) for _ in range(20)))

    asyncio.run(sign_in_all())
    kept.close()

    assert most == 2


def test_who_finds_too_many_waiting_is_sent_away_and_the_next_ones_are_served(monkeypatch: pytest.MonkeyPatch):
    kept, go_on = Passwords(CHEAP, at_once=1, most_waiting=1), threading.Event()
    monkeypatch.setattr(kept._hash, "hash", lambda _password: go_on.wait(30))

    async def crowd() -> list[Any]:
        tasks = [asyncio.create_task(kept.digest(PASSWORD)) for _ in range(3)]
        await asyncio.wait([tasks[2]])
        go_on.set()
        return await asyncio.gather(*tasks, kept.digest(PASSWORD), return_exceptions=True)

    first, second, third, later = asyncio.run(crowd())
    kept.close()

    assert (first, second) == (True, True)
    assert isinstance(third, RateLimited)
    assert third.retry_after_s >= 1
    assert later is True or isinstance(later, RateLimited)


def watch_verify(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every digest that a password is held against from now on."""
    verified: list[str] = []
    verify = passwords._hash.verify_and_update

    def note(password: str, digest: str) -> tuple[bool, str | None]:
        verified.append(digest)
        return verify(password, digest)

    monkeypatch.setattr(passwords._hash, "verify_and_update", note)
    return verified

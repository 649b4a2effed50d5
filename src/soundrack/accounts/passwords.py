"""Passwords: which are taken, and how they are kept.

Policy: NIST SP 800-63B-4, 3.1.1.2: length counts, no rules about kinds of characters, no expiry, Unicode is welcome and
normalised, and what an attacker tries first is refused. Kept: argon2id (RFC 9106) with 64 MiB, 3 passes and 4 lanes,
that document's second recommended choice and more than the least that OWASP's Password Storage Cheat Sheet asks for
(19 MiB, 2 passes, 1 lane).
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import string
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from soundrack.errors import Invalid, RateLimited

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 128
_LEAST_DISTINCT = 5
_MOST_WALKS = 3
_LEAST_BESIDE_CONTEXT = 8
_LEAST_CONTEXT = 4
_WAIT_S = 5
_ROWS = (string.ascii_lowercase, string.digits + "0", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm")
_TOO_EASY = "This password is among the first that an attacker tries. Take a longer one, or a few random words."

_T = TypeVar("_T")


@dataclass(frozen=True)
class Cost:
    """What one guess takes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


class Passwords:
    """Makes and verifies digests, a few at once and away from the event loop.

    Parameters
    ----------
    cost : Cost
        Of a new digest. One that was made at another cost is still verified, and made anew when its owner signs in.
    at_once : int
        Digests that are worked on at the same time: the memory is theirs times a digest's.
    most_waiting : int
        Callers that wait for their turn; more are sent away.
    """

    def __init__(self, cost: Cost | None = None, *, at_once: int = 2, most_waiting: int = 50) -> None:
        cost = cost or Cost()
        self._hash = PasswordHash([Argon2Hasher(cost.passes, cost.memory_kib, cost.lanes)])
        self._nobody = _digest_of_no_password(cost)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="passwords")
        self._places = threading.BoundedSemaphore(at_once + most_waiting)

    async def digest(self, password: str) -> str:
        """Return a salted digest of a password that `check` has taken.

        Raises
        ------
        RateLimited
            If too many are waiting.
        """
        return await self._away(lambda: self._hash.hash(_normalise(password)))

    async def verify(self, password: str, digest: str | None) -> tuple[bool, str | None]:
        """Return whether a password is the one of a digest and, if it is but the digest's cost is not ours, a new one.

        Without a digest the same work is done for nothing, so that the time says nothing about whether there is an
        account or a password.

        Raises
        ------
        RateLimited
            If too many are waiting.
        """
        if len(password) > MOST_CHARACTERS:
            password = ""  # nobody's; and no more work than for any other
        matches, renewed = await self._away(
            lambda: self._hash.verify_and_update(_normalise(password), digest or self._nobody)
        )
        return (matches, renewed) if digest else (False, None)

    def close(self) -> None:
        """Let go of the threads once they have done what they are at."""
        self._threads.shutdown(cancel_futures=True)

    async def _away(self, work: Callable[[], _T]) -> _T:
        if not self._places.acquire(blocking=False):
            raise RateLimited("Too many people are signing in at once. Try again in a moment.", retry_after_s=_WAIT_S)
        future = self._threads.submit(work)
        future.add_done_callback(lambda _done: self._places.release())
        return await asyncio.wrap_future(future)


def check(password: str, *, email: str) -> None:
    """Refuse a password that is too short, too long, or easily guessed.

    Raises
    ------
    Invalid
        With what is wrong.
    """
    text = _normalise(password)
    if len(text) < LEAST_CHARACTERS:
        raise Invalid(f"A password has at least {LEAST_CHARACTERS} characters.", field="password")
    if len(text) > MOST_CHARACTERS:
        raise Invalid(f"A password has at most {MOST_CHARACTERS} characters.", field="password")
    folded = text.casefold()
    if len(set(folded)) < _LEAST_DISTINCT or _repeats(folded) or _walks(folded) <= _MOST_WALKS or _is_common(folded):
        raise Invalid(_TOO_EASY, field="password")
    for word in ("soundrack", email.casefold(), *email.casefold().split("@")):
        if len(word) >= _LEAST_CONTEXT and len(folded.replace(word, "")) < _LEAST_BESIDE_CONTEXT and word in folded:
            raise Invalid("A password is not the mail address or the name of this service.", field="password")


def _normalise(password: str) -> str:
    """NFKC, as SP 800-63B asks for: the same password from every keyboard."""
    return unicodedata.normalize("NFKC", password)


def _repeats(text: str) -> bool:
    """Whether a text is a shorter one several times over."""
    return text in (text + text)[1:-1]


def _walks(text: str) -> int:
    """Return the number of walks along the alphabet or a row of keys that a text is made of."""
    steps = sum(any(a + b in row or b + a in row for row in _ROWS) for a, b in itertools.pairwise(text))
    return len(text) - steps


def _is_common(text: str) -> bool:
    core = text.strip(string.digits + string.punctuation + " ")
    return text in _common() or core in _common()


@cache
def _common() -> frozenset[str]:
    return frozenset((resources.files("soundrack.accounts") / "common_passwords.txt").read_text().split())


def _digest_of_no_password(cost: Cost) -> str:
    """A digest in argon2's form that no password has, at the same cost as a real one."""
    salt, tag = (base64.b64encode(bytes(length)).decode().rstrip("=") for length in (16, 32))
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${tag}"

"""Secrets that are read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.errors import Internal
from soundrack.secret import Secret
from soundrack.vault import Vault

VAULT = Vault(Secret(b"a" * 32))


@given(st.text(), st.text())
def test_what_was_sealed_opens_for_the_same_purpose(text: str, purpose: str):
    assert VAULT.open(VAULT.seal(text, purpose), purpose) == text


def test_a_sealed_text_shows_nothing_and_never_looks_the_same():
    first, second = VAULT.seal("whsec_abc", "p"), VAULT.seal("whsec_abc", "p")

    assert "whsec_abc" not in first
    assert first != second


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-4],
        lambda sealed: sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:],
        lambda sealed: "v2" + sealed[2:],
        lambda sealed: sealed[:0],
        lambda sealed: "v1.é" + sealed[:0],
    ],
)
def test_a_text_that_was_changed_does_not_open(spoil):
    with pytest.raises(Internal):
        VAULT.open(spoil(VAULT.seal("secret", "p")), "p")


def test_a_text_opens_neither_for_another_purpose_nor_under_another_secret():
    sealed = VAULT.seal("secret", "signing secret 1")

    with pytest.raises(Internal):
        VAULT.open(sealed, "signing secret 2")
    with pytest.raises(Internal):
        Vault(Secret(b"b" * 32)).open(sealed, "signing secret 1")

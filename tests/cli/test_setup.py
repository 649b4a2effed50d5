"""``soundrack setup`` and ``soundrack accounts invite``."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from soundrack.accounts import people, registration
from soundrack.cli import invite, setup
from soundrack.errors import Conflict, Invalid, NotAllowed
from soundrack.rack import open_rack
from soundrack.settings import Settings

EMAIL, PASSWORD = "anna@example.com", "three grey herons"


class Terminal(io.StringIO):
    """Standard input where somebody sits."""

    def isatty(self) -> bool:
        return True


Type = Callable[..., None]


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Have somebody at a terminal answer."""

    def answer(*passwords: str, email: str = EMAIL) -> None:
        asked: Iterator[str] = iter(passwords)
        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr("builtins.input", lambda _prompt: email)
        monkeypatch.setattr("getpass.getpass", lambda _prompt: next(asked))

    return answer


@pytest.fixture
def data(tmp_path: Path, migrated_sqlite: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "soundrack.db").write_bytes(migrated_sqlite.read_bytes())
    return folder


def set_up(data: Path, **options: Any) -> None:
    setup.run(**{"email": None, "name": "", "password_stdin": False, "as_json": False, "data": data} | options)


def first(data: Path) -> people.Account | None:
    with open_rack(Settings(data=data)) as rack, rack.database.read() as connection:
        return people.first(connection)


def test_the_password_comes_from_standard_input_without_being_shown(tmp_path: Path):
    command = [sys.executable, "-m", "soundrack", "setup", "--email", EMAIL, "--name", "Anna", "--password-stdin"]

    ran = subprocess.run(
        [*command, "--json", "--data", tmp_path / "data"],
        input=f"{PASSWORD}\nnot read\n", capture_output=True, text=True, check=True,
    )  # fmt: skip

    told = json.loads(ran.stdout)
    assert told.keys() == {"id", "email", "name", "sign_in_url"}
    assert (told["email"], told["name"]) == (EMAIL, "Anna")
    assert PASSWORD not in ran.stdout + ran.stderr
    account = first(tmp_path / "data")
    assert account is not None
    assert (account.is_admin, account.has_password) == (True, True)


def test_at_a_terminal_it_asks_until_the_password_can_be_taken(data: Path, type_in: Type, capsys: Any):
    type_in("short", PASSWORD, "a slip of the hand", PASSWORD, PASSWORD)

    set_up(data)

    said = "".join(capsys.readouterr())
    assert "at least 12 characters" in said
    assert "not the same" in said
    assert EMAIL in said
    assert PASSWORD not in said
    assert first(data) is not None


def test_an_installation_is_set_up_once(data: Path, type_in: Type):
    type_in(PASSWORD, PASSWORD)
    set_up(data)

    with pytest.raises(Conflict) as refused:
        set_up(data, email="ben@example.com")

    assert "soundrack accounts invite" in str(refused.value)


@pytest.mark.parametrize("options", [{}, {"email": EMAIL}])
def test_without_a_terminal_it_says_what_to_give(data: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    with pytest.raises(Invalid) as refused:
        set_up(data, **options)

    assert "--" in str(refused.value)
    assert first(data) is None


@pytest.mark.parametrize(("email", "line"), [("nobody", PASSWORD), (EMAIL, ""), (EMAIL, "short"), (EMAIL, EMAIL)])
def test_what_cannot_be_taken_sets_nothing_up(data: Path, monkeypatch: pytest.MonkeyPatch, email: str, line: str):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{line}\n"))

    with pytest.raises(Invalid):
        set_up(data, email=email, password_stdin=True)

    assert first(data) is None


def test_invite_prints_a_link_that_makes_an_account(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    with pytest.raises(NotAllowed):
        invite.run(None, as_json=True, data=data)
    monkeypatch.setenv("SOUNDRACK_SIGN_UP", "invite")

    invite.run("Ben@Example.com", as_json=True, data=data)

    told = json.loads(capsys.readouterr().out)
    assert told["email"] == "ben@example.com"
    assert told["url"].startswith("http://127.0.0.1:8600/invitation?ticket=")
    assert told["expires_at"].endswith("Z")


def test_keys_for_several_addresses_make_one_owner(data: Path):
    with open_rack(Settings(data=data)) as rack, rack.database.write() as connection:
        owner = registration.account_for(connection, rack.plans, None)
        other = registration.account_for(connection, rack.plans, "bot@example.com")

    assert (owner.is_admin, other.is_admin) == (True, False)

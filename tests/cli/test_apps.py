"""``soundrack apps``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soundrack.accounts import people
from soundrack.accounts.oauth import clients
from soundrack.cli import apps
from soundrack.errors import Invalid, NotFound
from soundrack.rack import open_rack
from soundrack.settings import Settings

REGISTERED: dict[str, Any] = {
    "action": "register",
    "name": "Mixdown",
    "service": "blacklab",
    "redirect_uris": ["https://app.example/back"],
    "scope": "mastering:read",
    "grant_types": [],
    "public": False,
    "email": None,
    "as_json": True,
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with open_rack(Settings(data=tmp_path / "data")) as rack, rack.database.write() as connection:
        people.create(connection, "first@example.com")
    return tmp_path / "data"


def told(capsys: pytest.CaptureFixture[str], **options: Any) -> Any:
    apps.run(**options)
    return json.loads(capsys.readouterr().out)


def test_an_application_is_registered_listed_given_a_new_secret_and_revoked(data: Path, capsys):
    made = told(capsys, data=data, **REGISTERED)
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    assert made["client_secret"].startswith("scs_")

    (listed,) = told(capsys, data=data, action="list", email="first@example.com", as_json=True)
    assert listed == {name: value for name, value in made.items() if name != "client_secret"}

    fresh = told(capsys, data=data, action="rotate", client_id=made["client_id"], as_json=True)["client_secret"]
    with open_rack(Settings(data=data)) as rack, rack.database.read() as connection:
        client = clients.get(connection, rack.secret, made["client_id"])
    assert client.check_client_secret(fresh)
    assert not client.check_client_secret(made["client_secret"])

    told(capsys, data=data, action="revoke", client_id=made["client_id"], as_json=True)
    (listed,) = told(capsys, data=data, action="list", email=None, as_json=True)
    assert listed["revoked_at"] is not None


def test_a_secret_is_printed_once_and_a_public_application_has_none(data: Path, capsys):
    apps.run(data=data, **REGISTERED | {"as_json": False})
    printed = capsys.readouterr()
    assert "scs_" in printed.out
    assert "shown once" in printed.err

    apps.run(data=data, **REGISTERED | {"as_json": False, "public": True})
    printed = capsys.readouterr()
    assert "scs_" not in printed.out
    assert "PKCE" in printed.err

    apps.run(data=data, action="list", email=None, as_json=False)
    assert "scs_" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"service": "nothing"}, Invalid),
        ({"service": "masterify"}, Invalid),
        ({"email": "nobody@example.com"}, NotFound),
        ({"scope": "everything"}, Invalid),
    ],
)
def test_what_cannot_be_registered_is_said(data: Path, options: dict[str, Any], error: type[Exception]):
    with pytest.raises(error):
        apps.run(data=data, **REGISTERED | options)

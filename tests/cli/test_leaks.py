"""``soundrack leaks``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from soundrack.accounts import formats, keys
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.cli import leaks
from soundrack.database.tables import api_keys
from soundrack.errors import Invalid, NotConfigured
from soundrack.rack import Rack
from soundrack.service import Service

DOCUMENT = Path(__file__).parents[2] / "docs" / "leaked-keys.md"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


def scan(capsys: pytest.CaptureFixture[str], *paths: Path, **rest: Any) -> tuple[int, str, str]:
    options = {"check": False, "most_mb": None, "as_json": False, "data": None} | rest
    code = leaks.run("scan", paths=list(paths), **options)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def found(capsys: pytest.CaptureFixture[str], *paths: Path, **rest: Any) -> tuple[int, list[dict[str, Any]]]:
    code, out, _ = scan(capsys, *paths, as_json=True, **rest)
    return code, json.loads(out)["findings"]


def made(rack: Rack, account: Account, service: Service) -> NewKey:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, service, "")


def test_keys_are_shown_by_place_and_beginning_and_the_exit_code_is_1(capsys: pytest.CaptureFixture[str], tree: Path):
    token, other = formats.mint(Service.BLACKLAB), formats.mint(Service.MASTERIFY)
    (tree / "a.py").write_text(f'KEY = "{token}"\n\n  {other}\n')
    code, out, err = scan(capsys, tree)

    assert code == 1
    rows = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [row[0] for row in rows] == [f"{tree}/a.py:1:8", f"{tree}/a.py:3:3"]
    assert re.split("  +", rows[0][1]) == ["blacklab key", f"{token[:12]}…", "checksum is right"]
    assert "looks like one" in rows[1][1]
    assert token not in out + err
    assert token[12:] not in out + err
    assert "2 found in 1 files" in err


def test_nothing_found_is_exit_code_0(capsys: pytest.CaptureFixture[str], tree: Path):
    (tree / "a.py").write_text('KEY = "sk_live_abcdefghijklmnopqrstuvwxyz012345"')
    code, out, err = scan(capsys, tree)

    assert (code, out) == (0, "")
    assert "0 found in 1 files" in err
    assert "1 more have the form of a key but not its checksum" in err


def test_json_holds_everything_but_the_key(capsys: pytest.CaptureFixture[str], tree: Path):
    token = formats.mint(Service.AUDIOLIB)
    (tree / "a").write_text(token)
    (tree / "b").write_bytes(b"PK\3\4")
    code, out, _ = scan(capsys, tree, as_json=True)

    assert code == 1
    assert json.loads(out) == {
        "findings": [
            {
                "path": str(tree / "a"),
                "line": 1,
                "column": 1,
                "type": "soundrack_audiolib_key",
                "shown": f"{token[:8]}…",
                "checksum": True,
                "state": None,
            }
        ],
        "files": 2,
        "bytes": 36,
        "look_alikes": 0,
        "unreadable": [str(tree / "b")],
        "cut_short": [],
    }


def test_names_of_files_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str], tree: Path):
    name = os.fsencode(tree) + b"/\x1b[31m\n\xff[bold]"
    Path(os.fsdecode(name)).write_text(formats.mint(Service.AUDIOLIB))
    _, out, _ = scan(capsys, tree)

    assert out.count("\n") == 1
    assert "\x1b" not in out
    assert "[bold]" in out
    out.encode()


def test_with_check_each_key_is_active_revoked_or_unknown(
    capsys: pytest.CaptureFixture[str], rack: Rack, account: Account, tree: Path
):
    live, gone = made(rack, account, Service.SOUNDPIECE), made(rack, account, Service.BLACKLAB)
    assert live.signing is not None
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, gone.id)
    stranger = formats.mint(Service.AUDIOLIB)
    (tree / "a").write_text("\n".join([live.token, gone.token, stranger, live.signing.secret]))

    code, findings = found(capsys, tree, check=True, data=rack.settings.data)
    assert [finding["state"] for finding in findings] == ["active", "revoked", "unknown", "active"]
    assert code == 1


def test_what_is_revoked_is_no_reason_to_fail_once_it_is_checked(
    capsys: pytest.CaptureFixture[str], rack: Rack, account: Account, tree: Path
):
    gone = made(rack, account, Service.BLACKLAB)
    (tree / "a").write_text(gone.token)
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, gone.id)

    assert found(capsys, tree)[0] == 1
    assert found(capsys, tree, check=True, data=rack.settings.data)[0] == 0


def test_checking_changes_nothing(capsys: pytest.CaptureFixture[str], rack: Rack, account: Account, tree: Path):
    key = made(rack, account, Service.BLACKLAB)
    (tree / "a").write_text(key.token)
    found(capsys, tree, check=True, data=rack.settings.data)

    with rack.database.read() as connection:
        assert connection.execute(select(api_keys.c.last_used_at, api_keys.c.revoked_at)).one() == (None, None)


def test_checking_needs_an_installation_and_makes_none(capsys: pytest.CaptureFixture[str], tree: Path, tmp_path: Path):
    nowhere = tmp_path / "nowhere"
    with pytest.raises(NotConfigured, match="There is no Soundrack"):
        scan(capsys, tree, check=True, data=nowhere)
    assert not nowhere.exists()

    nowhere.mkdir()
    (nowhere / "secret").write_text("x" * 64)
    with pytest.raises(NotConfigured, match="There is no Soundrack"):
        scan(capsys, tree, check=True, data=nowhere)
    assert [path.name for path in nowhere.iterdir()] == ["secret"]

    (nowhere / "soundrack.db").touch()
    with pytest.raises(NotConfigured, match="database"):
        scan(capsys, tree, check=True, data=nowhere)


def test_a_path_that_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str], tree: Path):
    with pytest.raises(Invalid, match="no file or folder"):
        scan(capsys, tree / "nothing")


def test_a_limit_of_size_is_kept_and_said(capsys: pytest.CaptureFixture[str], tree: Path):
    (tree / "a").write_text("0" * 2_000_000 + formats.mint(Service.BLACKLAB))
    code, _, err = scan(capsys, tree, most_mb=1)

    assert code == 0
    assert "1 files are larger than the limit" in err


def test_standard_input_is_searched_and_the_command_exits_with_1():
    token = formats.mint(Service.SIGNALKEY)
    ran = subprocess.run(
        [sys.executable, "-m", "soundrack", "leaks", "scan", "-"],
        input=f"+ {token}\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("standard input:1:3")


def test_the_page_and_the_command_publish_the_same_expressions(capsys: pytest.CaptureFixture[str]):
    leaks.run("patterns")
    printed = json.loads(capsys.readouterr().out)
    page = DOCUMENT.read_text()
    rows = [
        tuple(cell.strip(" `") for cell in line.strip("|").split(" | "))
        for line in page.splitlines()
        if line.startswith("| `soundrack_")
    ]

    assert rows == [
        (entry["type"], entry["service"] or "all", entry["regex"], "yes" if entry["checksum"] else "no")
        for entry in printed
    ]


def test_the_example_of_the_page_has_the_checksum_that_it_explains():
    (example,) = re.findall(r"`(spk_0+)` is `(\w+)`", DOCUMENT.read_text().replace("\n", " "))

    assert formats.plausible(Service.SOUNDPIECE, "".join(example))

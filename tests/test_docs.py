"""What the documents say is so."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.main import get_command

from soundrack import __version__, app
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.cli.command import app as command
from soundrack.rack import Rack
from soundrack.service import Service

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path):
    """Those that begin with a slash lead to pages of the server; `tests/dashboard/test_docs_pages.py` follows them."""
    links = re.findall(r"\]\((?!https?:|#|/)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path):
    named = re.findall(r"`((?:\w+/)+\w+\.(?:py|md|txt))`", page.read_text())

    assert [
        name
        for name in named
        if not any((base / name).exists() for base in (ROOT, ROOT / "src", ROOT / "src/soundrack"))
    ] == []


@pytest.mark.parametrize("line", re.findall(r"^soundrack [^#\n]+", README, re.MULTILINE))
def test_commands_in_the_readme_and_their_options_exist(line: str):
    found = get_command(command)
    words = line.split()[1:]
    while words and hasattr(found, "commands") and words[0] in found.commands:
        found = found.commands[words.pop(0)]

    options = {name for parameter in found.params for name in parameter.opts}
    assert not hasattr(found, "commands"), f"{line!r} names no command"
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make (\w+)", README))))
def test_make_targets_in_the_readme_are_listed_by_make(target: str):
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert re.search(rf"36m{target} ", listed)


def test_the_requests_in_the_readme_are_accepted(rack: Rack, account: Account):
    with rack.database.write() as connection:
        key = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "").token
    announced, created = (
        json.loads(body.replace('\\"', '"').replace("$ASSET_URL", "{asset}"))
        for body in re.findall(r"""-d ['"](\{.*\})['"]""", README)
    )
    headers = {"Authorization": f"Bearer {key}"}
    with TestClient(app.create(rack), base_url="http://127.0.0.1:8600/blacklab/v1", headers=headers) as client:
        answer = client.post("/assets/upload-url", json=announced | {"size_bytes": 12}).json()
        client.put(answer["upload_url"], content=b"RIFF\0\0\0\0WAVE", headers={"Content-Type": "audio/wav"})
        response = client.post("/mastering/jobs", json=created | {"input_url": answer["asset_url"]})

    assert response.status_code == 201, response.text


def test_the_changelog_speaks_of_this_version():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_locked_requirements_name_no_address():
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text()

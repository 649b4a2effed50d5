"""The files of the hub are what their source makes, and are named and laid out as the page expects."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from templates.source.__main__ import FOLDER
from templates.source.files import files
from templates.source.words import LANGUAGES

from soundrack.dashboard import hub

NAMES = ("drive-to-slack", "airtable-queue", "form-to-mail")
WRITTEN = files()


def test_every_flow_is_there_for_both_tools_in_both_languages():
    wanted = {f"n8n-{name}.{language}.json" for name in NAMES for language in LANGUAGES}
    wanted |= {
        f"make-{name}-{part}.{language}.json"
        for name in NAMES
        for part in ("1-submit", "2-deliver")
        for language in LANGUAGES
    }

    assert {path.name for path in FOLDER.iterdir()} == wanted == set(WRITTEN)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_file_is_what_the_source_makes(name: str):
    assert (FOLDER / name).read_text(encoding="utf-8") == WRITTEN[name]


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_file_is_plain_json_with_every_key_once(name: str):
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))
        return dict(pairs)

    content = (FOLDER / name).read_bytes()

    assert b"\r" not in content
    assert content.endswith(b"}\n")
    json.loads(content, object_pairs_hook=once, parse_constant=pytest.fail)


def test_the_source_makes_the_same_in_another_process():
    """Ids are derived and not drawn, so that a change of a flow shows as just that."""
    script = "import sys; from templates.source.files import files; sys.stdout.buffer.write(repr(files()).encode())"
    made = subprocess.run([sys.executable, "-c", script], cwd=FOLDER.parents[1], capture_output=True, check=True)

    assert made.stdout.decode() == repr(WRITTEN)


def test_the_hub_serves_this_folder():
    assert (hub.FOLDER).resolve() == FOLDER.resolve()

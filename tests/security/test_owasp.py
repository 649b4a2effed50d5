"""The page on security: ten items, and tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_the_table_has_the_ten_items_in_order():
    assert re.findall(r"^\| (API\d+:2023) ", PAGE, re.MULTILINE) == [f"API{number}:2023" for number in range(1, 11)]


@pytest.mark.parametrize("row", re.findall(r"^\| API.*", PAGE, re.MULTILINE), ids=lambda row: row[2:7].strip(":"))
def test_every_item_names_a_test(row: str):
    _, _, does, tests, _ = row.split("|")

    assert len(does.split()) > 10
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", tests)


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: part)
def test_every_test_that_is_named_exists(path: str, name: str):
    defined = {
        node.name
        for node in ast.parse((ROOT / path).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert name in defined


def test_every_test_of_this_folder_stands_for_an_item_or_is_one_of_the_page_s():
    """A file of security tests that no item names would be found by nobody."""
    files = {f"tests/security/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}

    assert files - {path for path, _ in NAMED} == {"tests/security/test_owasp.py"}

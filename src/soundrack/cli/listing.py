"""How administration shows records: a table for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.table import Table

from soundrack.cli import console
from soundrack.clock import iso_seconds

Record = Mapping[str, Any]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NOTHING = "-"
_EMPTY: tuple[object, ...] = (None, "", [], {})
_WHOLE = frozenset({"id", "at", "email", "service", "event", "status", "state", "plan", "name"})
"""What is to be copied, and so never broken over two lines."""


def show(records: Sequence[Record], *, as_json: bool, empty: str) -> None:
    """Show records of the same fields, one a row; a person is not shown columns in which nothing stands.

    Parameters
    ----------
    empty : str
        What to say to a person where there are none.
    """
    if as_json:
        _print_json([_plain(record) for record in records])
    elif not records:
        console.ERR.print(empty)
    else:
        names = [name for name in records[0] if any(record[name] not in _EMPTY for record in records)]
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in names:
            table.add_column(name.replace("_", " "), overflow="fold", no_wrap=name in _WHOLE)
        for record in records:
            table.add_row(*(_cell(record[name]) for name in names))
        console.OUT.print(table)


def show_one(record: Record, *, as_json: bool) -> None:
    """Show one record, one field a row."""
    if as_json:
        _print_json(_plain(record))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in record.items():
        table.add_row(name.replace("_", " "), _cell(value))
    console.OUT.print(table)


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return iso_seconds(value) if isinstance(value, datetime) else value


def _cell(value: Any) -> str:
    """What others wrote may neither colour the terminal nor move its cursor."""
    if value in _EMPTY:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}: {inner}" for name, inner in value.items())
    elif isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    plain = iso_seconds(value) if isinstance(value, datetime) else str(value)
    return escape(_CONTROL.sub(lambda found: repr(found[0])[1:-1], plain))

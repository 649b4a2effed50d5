"""``soundrack leaks``: keys that lie where they should not."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from soundrack import secret
from soundrack.accounts import formats, leaks, scanner
from soundrack.accounts.keys import State
from soundrack.accounts.scanner import Finding, Tally
from soundrack.cli import console
from soundrack.database import Database
from soundrack.errors import Invalid, NotConfigured

_STANDARD_INPUT = Path("-")
_MB = 1_000_000
_UNKNOWN = "unknown"
_FEW = 5
_DONE_WITH = {State.REVOKED, State.EXPIRED}


def run(command: str, **options: Any) -> int:
    """Do what ``soundrack leaks`` was asked to; the code says whether something was found."""
    return scan(**options) if command == "scan" else patterns()


def scan(paths: list[Path], check: bool, most_mb: int | None, as_json: bool, data: Path | None) -> int:
    """Search files for keys and show what was found; 1 if any of it is not known to be revoked or expired.

    Raises
    ------
    Invalid
        If a path does not exist.
    NotConfigured
        If the keys are to be checked and there is no installation to ask.
    """
    for path in paths:
        if path != _STANDARD_INPUT and not path.exists():
            raise Invalid(f"There is no file or folder {path}.", field="path")
    tally = Tally()
    with console.ERR.status("searching…"):
        findings = list(_findings(paths, tally, scanner.FILE_BYTES if most_mb is None else most_mb * _MB))
        states = _states({finding.token for finding in findings}, data) if check else {}
    if as_json:
        print(json.dumps(_report(findings, states, tally, check), indent=2))
    else:
        _show(findings, states, tally, check)
    return int(any(states.get(finding.token) not in _DONE_WITH for finding in findings))


def patterns() -> int:
    """Print the published regular expressions as JSON."""
    print(json.dumps(published(), indent=2))
    return 0


def published() -> list[dict[str, Any]]:
    """Return each form's name, service and regular expression, and whether it ends in a checksum."""
    return [
        {"type": form.name, "service": form.service, "regex": form.regex, "checksum": form.has_checksum}
        for form in formats.PUBLISHED
    ]


def _findings(paths: list[Path], tally: Tally, most_bytes: int) -> Iterator[Finding]:
    for path in paths:
        if path == _STANDARD_INPUT:
            yield from scanner.scan_stream(sys.stdin.buffer, "standard input", tally, most_bytes=most_bytes)
        else:
            yield from scanner.scan([path], tally, most_bytes=most_bytes)


def _states(tokens: Collection[str], data: Path | None) -> dict[str, State]:
    """Ask the installation's database. It is looked into as it is: nothing is made and nothing migrated."""
    settings = console.settings(data=data)
    file = make_url(settings.database_url).database if settings.database_url.startswith("sqlite") else None
    needed = [settings.data / "secret"] if settings.secret is None else []
    if not all(path.exists() for path in (*needed, *([Path(file)] if file else []))):
        raise NotConfigured(f"There is no Soundrack in {settings.data}: give its folder with --data.", field="data")
    database = Database(settings.database_url)
    try:
        with database.read() as connection:
            return leaks.states(connection, secret.load(settings), tokens)
    except DBAPIError:
        raise NotConfigured("The database cannot be asked: start this version of Soundrack on it once.") from None
    finally:
        database.close()


def _state(finding: Finding, states: dict[str, State], check: bool) -> str:
    if check:
        return states.get(finding.token, _UNKNOWN)
    return "checksum is right" if finding.is_proven else "looks like one"


def _report(findings: list[Finding], states: dict[str, State], tally: Tally, check: bool) -> dict[str, Any]:
    return {
        "findings": [
            {
                "path": finding.path,
                "line": finding.line,
                "column": finding.column,
                "type": finding.form,
                "shown": f"{finding.shown}…",
                "checksum": finding.is_proven,
                "state": states.get(finding.token, _UNKNOWN) if check else None,
            }
            for finding in findings
        ],
        "files": tally.files,
        "bytes": tally.size_bytes,
        "look_alikes": tally.look_alikes,
        "unreadable": tally.unreadable,
        "cut_short": tally.cut_short,
    }


def _show(findings: list[Finding], states: dict[str, State], tally: Tally, check: bool) -> None:
    rows = [
        (
            f"{_printable(finding.path)}:{finding.line}:{finding.column}",
            finding.form.removeprefix("soundrack_").replace("_", " "),
            f"{finding.shown}…",
            _state(finding, states, check),
        )
        for finding in findings
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    words = [f"{len(findings)} found in {tally.files} files, {tally.size_bytes / _MB:.1f} MB."]
    if tally.look_alikes:
        words.append(f"{tally.look_alikes} more have the form of a key but not its checksum.")
    if tally.cut_short:
        words.append(f"{len(tally.cut_short)} files are larger than the limit and were searched in part.")
    if tally.unreadable:
        words.append(f"{len(tally.unreadable)} could not be read: {_few(tally.unreadable)}.")
    console.ERR.print(" ".join(words), highlight=False, markup=False, soft_wrap=True)


def _few(paths: list[str]) -> str:
    more = f" and {len(paths) - _FEW} more" if len(paths) > _FEW else ""
    return _printable(", ".join(paths[:_FEW])) + more


def _printable(path: str) -> str:
    """A file's name can hold anything, codes for the terminal too."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in path)

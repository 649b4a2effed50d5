"""What a worker and its warm process say to each other."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from soundrack.jobs.sandbox import Allowance

MESSAGE_BYTES = 128 * 1024
"""Longest datagram between the two."""
INPUT = "input"
OUTPUT = "output"
"""Names of the two files in a job's folder."""


class Kind(StrEnum):
    """What a job does; `soundrack.jobs.kinds` says which engine does it."""

    MASTER = "master"


@dataclass(frozen=True)
class Task:
    """All that a child is told."""

    id: str
    kind: Kind
    folder: Path
    parameters: dict[str, Any]
    allowance: Allowance

    def to_json(self) -> bytes:
        """Return the task as a message."""
        fields = {"id": self.id, "kind": self.kind, "folder": str(self.folder), "parameters": self.parameters}
        return json.dumps(fields | {"allowance": asdict(self.allowance)}).encode()

    @classmethod
    def from_json(cls, message: bytes) -> Self:
        """Return the task that `to_json` wrote."""
        fields = json.loads(message)
        return cls(
            id=fields["id"],
            kind=Kind(fields["kind"]),
            folder=Path(fields["folder"]),
            parameters=fields["parameters"],
            allowance=Allowance(**fields["allowance"]),
        )

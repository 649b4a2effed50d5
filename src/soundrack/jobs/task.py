"""What a worker and its warm process say to each other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from soundrack.jobs.sandbox import Allowance

MESSAGE_BYTES = 128 * 1024
"""Longest datagram between the two."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
"""What an input or output may be called."""
INPUTS = "inputs"
OUTPUTS = "outputs"
"""The two folders in a job's folder: its inputs, each by its name, and what the engine makes of them."""


class Kind(StrEnum):
    """What a job does; `soundrack.jobs.kinds` says which engine does it."""

    MASTER = "master"
    RELEASE = "release"
    """Masters of one song for several platforms."""
    ANALYZE = "analyze"
    COMPOSE = "compose"
    """Songs from words or from a recording."""
    SAMPLE = "sample"
    EFFECT = "effect"
    REMIX = "remix"
    SEPARATE = "separate"
    """A recording's stems."""
    CUT = "cut"
    """A shorter version of a recording."""


_SHARES = {"reference": 0.2}
"""What a second of an input costs beside one of the song, where that is less (measured, `benchmarks/job.py`)."""


def work_s(plays_s: Mapping[str, float]) -> float:
    """Return the seconds of audio to work through, from how long each input of a job plays, by name.

    A reference is decoded and measured, and nothing is rendered of it.
    """
    return sum(_SHARES.get(name, 1.0) * seconds for name, seconds in plays_s.items())


@dataclass(frozen=True)
class Task:
    """All that a child is told."""

    id: str
    """The job's and, after a dot, its attempt's."""
    kind: Kind
    folder: Path
    parameters: dict[str, Any]
    allowance: Allowance

    @property
    def job_id(self) -> str:
        """The job's id, without its attempt."""
        return self.id.partition(".")[0]

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

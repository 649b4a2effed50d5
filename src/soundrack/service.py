"""The five services by name."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    """One of the five wires. A key, a plan, a webhook and a job each belong to one."""

    BLACKLAB = "blacklab"
    MASTERIFY = "masterify"
    SIGNALKEY = "signalkey"
    AUDIOLIB = "audiolib"
    SOUNDPIECE = "soundpiece"

"""The services that tell events to webhooks, and how each one does."""

from __future__ import annotations

from soundrack.outbound.webhooks.voice import Voices
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import events as blacklab
from soundrack.services.masterify import events as masterify
from soundrack.services.signalkey import events as signalkey
from soundrack.services.soundpiece import events as soundpiece


def of(rack: Rack) -> Voices:
    """Return every voice, on an open rack."""
    return {
        Service.BLACKLAB: blacklab.Voice(rack),
        Service.MASTERIFY: masterify.Voice(rack),
        Service.SIGNALKEY: signalkey.Voice(rack),
        Service.SOUNDPIECE: soundpiece.Voice(rack),
    }

"""SignalKey: analysis of a song, with progress as a stream and a signed webhook."""

from soundrack.services.signalkey.routes import create

__all__ = ["create"]

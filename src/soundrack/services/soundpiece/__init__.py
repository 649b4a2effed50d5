"""Soundpiece: songs, instrumentals, samples and effects from words, and what can be made of a recording."""

from soundrack.services.soundpiece.routes import create

__all__ = ["create"]

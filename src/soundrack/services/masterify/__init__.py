"""Masterify: mastering for streaming platforms."""

from soundrack.services.masterify.routes import create

__all__ = ["create"]

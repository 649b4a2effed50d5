"""Soundrack: a self-hosted rack of audio services."""

__version__ = "0.1.0"

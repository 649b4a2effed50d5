"""Remixes: a recording's voice or hook with a new band in another style."""

from soundrack.composition.remix.order import RemixOrder
from soundrack.composition.remix.remix import remix
from soundrack.composition.remix.remixed import Remixed

__all__ = ["RemixOrder", "Remixed", "remix"]

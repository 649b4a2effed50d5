"""Engines that whoever runs the server has switched off, so that a service accepts nothing new."""

from __future__ import annotations

from soundrack.errors import NotConfigured
from soundrack.service import Service
from soundrack.settings import Settings

CAN_BE_OFF = frozenset({Service.SIGNALKEY})
"""The services whose documents have an answer for it."""


def off(settings: Settings) -> frozenset[Service]:
    """Return the services whose engine is switched off.

    Raises
    ------
    NotConfigured
        If the setting names anything else.
    """
    names = {name.strip() for name in settings.engines_off.split(",")} - {""}
    unknown = sorted(names - CAN_BE_OFF)
    if unknown:
        known = ", ".join(sorted(CAN_BE_OFF))
        raise NotConfigured(
            f"SOUNDRACK_ENGINES_OFF: {unknown[0][:40]!r} cannot be switched off; there is: {known}.",
            field="engines_off",
        )
    return frozenset(Service(name) for name in names)

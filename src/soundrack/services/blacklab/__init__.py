"""BlackLab: mastering."""

from soundrack.services.blacklab.routes import create

__all__ = ["create"]

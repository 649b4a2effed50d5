"""Small trained networks: each with its card, loaded once and run on one thread."""

from soundrack.models.card import Card, Source, Tensor, cards
from soundrack.models.sessions import installed, session

__all__ = ["Card", "Source", "Tensor", "cards", "installed", "session"]

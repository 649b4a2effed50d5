"""The styles that can be composed in: one file of numbers each, read and checked."""

from soundrack.composition.styles.files import style, styles, table
from soundrack.composition.styles.style import Style

__all__ = ["Style", "style", "styles", "table"]

"""Genre: a published set of labels with the evidence for each, and styles that tempo and drums bear out."""

from soundrack.analysis.genre.genres import Genre, genres
from soundrack.analysis.genre.groups import group
from soundrack.analysis.genre.telling import GenreReport, Labelled, genre

__all__ = ["Genre", "GenreReport", "Labelled", "genre", "genres", "group"]

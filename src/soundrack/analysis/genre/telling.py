"""A song's genre and style: from tags to labels whose confidences mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.genre.genres import genres
from soundrack.analysis.genre.pattern import pattern
from soundrack.analysis.genre.styles import Rhythmical, Style, style
from soundrack.analysis.tags import Tags

if TYPE_CHECKING:
    from soundrack.analysis.rhythm import Rhythm

_LEAST = 0.5
"""Confidence from which the strongest genre is called the song's."""
_LISTED, _TAGGED = 0.10, 0.10
_MOST_LISTED, _MOST_TAGS = 5, 12


@dataclass(frozen=True)
class Labelled:
    """A label and how sure it is, 0 to 1."""

    label: str
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the report."""
        return {"label": self.label, "confidence": round(self.confidence, 2)}


@dataclass(frozen=True)
class GenreReport:
    """A song's genre.

    `primary` is None where none is borne out, `style` where tempo and drums bear none out. `top5` are the likeliest
    genres, `tags` what the networks say themselves, both with the surest first. A tag's confidence is the network's own
    likelihood, which is low even for what is right; it tells the order more than the chance.
    """

    primary: Labelled | None
    top5: list[Labelled]
    style: Style | None
    tags: list[Labelled]

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the report."""
        style = self.style
        return {
            "primary": None if self.primary is None else self.primary.as_dict(),
            "top5": [each.as_dict() for each in self.top5],
            "style": None
            if style is None
            else {"label": style.label, "confidence": round(style.confidence, 2), "reason": style.reason},
            "tags": [each.as_dict() for each in self.tags],
        }


def genre(tags: Tags, bands: Bands, rhythm: Rhythm) -> GenreReport:
    """Tell a song's genre and style.

    Parameters
    ----------
    tags : Tags
        What the networks hear.
    bands, rhythm : Bands, Rhythm
        By which a style is told.
    """
    if not tags:
        return GenreReport(None, [], None, [])
    evidence = {label: each.evidence(tags) for label, each in genres().items()}
    ordered = sorted(confidences(evidence).items(), key=lambda each: -each[1])
    top5 = [Labelled(label, sure) for label, sure in ordered[:_MOST_LISTED] if sure >= _LISTED]
    primary = top5[0] if top5 and told(top5[0].confidence) else None
    return GenreReport(primary, top5, _style(evidence, bands, rhythm), _tags(tags))


def confidences(evidence: dict[str, float]) -> dict[str, float]:
    """Return how sure each genre is, from what speaks for each (0 to 1)."""
    return {label: each.confidence(evidence[label]) for label, each in genres().items()}


def told(confidence: float) -> bool:
    """Return whether a genre is called the song's, where it is the strongest."""
    return confidence >= _LEAST


def _style(evidence: dict[str, float], bands: Bands, rhythm: Rhythm) -> Style | None:
    if rhythm.bpm is None:
        return None
    drums = pattern(bands, rhythm.beats_s, rhythm.positions)
    if drums is None:
        return None
    return style(Rhythmical(evidence, rhythm.bpm, rhythm.confidence, drums))


def _tags(tags: Tags) -> list[Labelled]:
    """Return what the networks hear most clearly, each name once."""
    heard: dict[str, float] = {}
    for each in (tags.msd, tags.mtt):
        for name, likelihood in each.items():
            plain = name.lower().replace("-", " ")
            heard[plain] = max(likelihood, heard.get(plain, 0.0))
    ordered = sorted(heard.items(), key=lambda each: -each[1])
    return [Labelled(name, likelihood) for name, likelihood in ordered[:_MOST_TAGS] if likelihood >= _TAGGED]

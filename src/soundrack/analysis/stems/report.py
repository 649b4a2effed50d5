"""The stems report: how well each stem stands by itself, how much of the song it plays, which instruments there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.stems.estimate import estimate
from soundrack.analysis.stems.separation import STEMS, Evidence
from soundrack.analysis.tags import Tags, Voice, instruments, voice

_WHOLE_MIX = {
    "vocals": "from how clearly a voice is heard and in how many of the patches that were looked at",
    "drums": "from how much of the mix is struck rather than sustained",
    "bass": "from how much of the mix is sustained below 150 to 300 Hz",
    "other": "from what drums and bass leave of the mix",
}
_SEPARATED = {
    "vocals": "what the network hears as voice",
    "drums": "what is struck rather than sustained in the accompaniment",
    "bass": "what is sustained below 150 to 300 Hz in the accompaniment",
    "other": "what voice, drums and bass leave of the mix",
}
_INSTALL = "Nothing was separated: soundrack models install separator."
_BELIEVED = {"vocals": 0.86}
"""What the masks believe is more than what comes out where that was measured: docs/models.md."""
_TRACE = 0.01
"""Part of the mix's power below which a stem is no more than what others leave in it."""

_VOICE_POWER, _VOICE_PRESENT, _VOICE_CERTAINTY = 0.08, 0.30, 0.60
_SEPARATED_ALONE = 0.6


@dataclass(frozen=True)
class Stem:
    """What is told of one stem; numbers are in percent, None where there is none to tell."""

    id: str
    quality_pct: int | None
    estimated: bool
    presence_pct: int | None
    explanation: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the report."""
        return dict(vars(self))


@dataclass(frozen=True)
class StemsReport:
    """What is told of a song's stems, instruments and voice."""

    separated: bool
    stems: list[Stem]
    instruments: Mapping[str, float]
    voice: Voice

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the report."""
        return {
            "separated": self.separated,
            "stems": [stem.as_dict() for stem in self.stems],
            "instruments": [
                {"label": label, "confidence": round(confidence, 2)} for label, confidence in self.instruments.items()
            ],
            "voice": self.voice.as_dict(),
        }


def stems_report(tags: Tags, bands: Bands, separated: Mapping[str, Evidence] | None = None) -> StemsReport:
    """Report on a song's stems.

    Parameters
    ----------
    tags, bands : Tags, Bands
        What the mix tells.
    separated : mapping, optional
        What :func:`soundrack.analysis.stems.separate` found; everything is estimated from the mix if not given.
    """
    if separated is None:
        guessed = estimate(tags, bands)
        stems = [_estimated(name, guessed[name]) for name in STEMS]
    else:
        stems = [_measured(name, separated[name]) for name in STEMS]
    return StemsReport(separated is not None, stems, instruments(tags), _voice(tags, separated))


def _voice(tags: Tags, separated: Mapping[str, Evidence] | None) -> Voice:
    """Tell whether there is a voice, by the tags and by what was separated.

    Where a voice was separated that has no tag, it is told with less sureness: that was so in growled songs, and once
    in one of a piano. Where there is a tag and nothing was separated, nothing is told, but of choirs: the separator was
    not trained on those.
    """
    told = voice(tags)
    if separated is None:
        return told
    vocals = separated["vocals"]
    found = vocals.power >= _VOICE_POWER and vocals.present >= _VOICE_PRESENT and vocals.certainty >= _VOICE_CERTAINTY
    if not told.present:
        return Voice(True, None, _SEPARATED_ALONE) if found else told
    return Voice(None, None, 0.0) if vocals.power < _TRACE and told.kind != "choir" else told


def _measured(name: str, evidence: Evidence) -> Stem:
    source = _SEPARATED[name]
    if evidence.power < _TRACE:
        words = f"Less than 1 % of the mix is {source}: no stem to speak of."
        return Stem(name, None, False, _percent(evidence.present), words)
    certainty = evidence.certainty * _BELIEVED.get(name, 1.0)
    words = (
        f"Made of {source}. About {_percent(certainty)} % of its power is its own, by how sure the masks are; it is "
        f"{_percent(evidence.power)} % of the mix."
    )
    return Stem(name, _percent(certainty), False, _percent(evidence.present), words)


def _estimated(name: str, evidence: Evidence | None) -> Stem:
    if evidence is None:
        return Stem(name, None, True, None, f"The mix does not tell. {_INSTALL}")
    if evidence.present == 0.0:
        return Stem(name, None, True, 0, f"Probably not in the mix. {_INSTALL}")
    words = f"Estimated {_WHOLE_MIX[name]}. {_INSTALL}"
    return Stem(name, _percent(evidence.certainty), True, _percent(evidence.present), words)


def _percent(part: float) -> int:
    return round(100.0 * part)

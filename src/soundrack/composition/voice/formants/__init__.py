"""A singer without weights: a glottal source through formants."""

from soundrack.composition.voice.formants.singer import solo

__all__ = ["solo"]

"""Tags: style, instruments, voice and mood as two networks hear them in patches of a song."""

from soundrack.analysis.tags.instruments import instruments
from soundrack.analysis.tags.tagging import Tags, tags
from soundrack.analysis.tags.voice import Voice, voice

__all__ = ["Tags", "Voice", "instruments", "tags", "voice"]

"""Rhythm: tempo, beats, downbeats, metre, swing and feel.

The path reads: `activation` (what the network hears) and `onsets` → `salience` → `pulse` (beats of some level) →
`hypotheses` (which level is the beat) → `metre` and `bars` → `timing`, `subdivision`, `feel`, `certainty` → `result`.
"""

from soundrack.analysis.rhythm.result import Alternative, Rhythm, TempoPoint
from soundrack.analysis.rhythm.rhythm import rhythm

__all__ = ["Alternative", "Rhythm", "TempoPoint", "rhythm"]

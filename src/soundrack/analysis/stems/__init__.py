"""Stems: a song taken apart into voice, drums, bass and all else, and what can be told of them."""

from soundrack.analysis.stems.files import write_stems
from soundrack.analysis.stems.report import Stem, StemsReport, stems_report
from soundrack.analysis.stems.separation import STEMS, Evidence, can_separate, separate

__all__ = ["STEMS", "Evidence", "Stem", "StemsReport", "can_separate", "separate", "stems_report", "write_stems"]

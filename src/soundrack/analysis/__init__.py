"""Analysis: what a song is, from its tempo and key to how it is mixed.

The path reads: `engine` hears the song (`features`), asks one estimator after the other (`rhythm`, `tonality`,
`structure`, `tags`, `genre`, `mood`, `loudness`, `mix`, `create`, `stems`, `release`), and tells all in a `report`.
What one finds and another needs goes over the `patchbay`.
"""

from soundrack.analysis.enclosures import Enclosures
from soundrack.analysis.engine import analyze
from soundrack.analysis.report import VERSION, Report, schema
from soundrack.analysis.stems import STEMS, can_separate
from soundrack.analysis.warming import warm

__all__ = ["STEMS", "VERSION", "Enclosures", "Report", "analyze", "can_separate", "schema", "warm"]

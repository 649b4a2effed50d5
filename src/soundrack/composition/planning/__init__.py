"""Planning: wishes and lyrics made into all that is decided before a note is written."""

from soundrack.composition.planning.documents import as_dict, as_json, from_dict
from soundrack.composition.planning.planner import plan

__all__ = ["as_dict", "as_json", "from_dict", "plan"]

"""The composition engine: songs, loops and sound effects written, played, sung and mixed in code, by seed.

Every step is a value that can be looked at: wishes, plan, score, performance, stems, mix.
"""

from soundrack.composition.engine import compose
from soundrack.composition.orders import Order
from soundrack.composition.outputs import Composition, Outputs
from soundrack.composition.planning import as_dict as plan_as_dict
from soundrack.composition.planning import from_dict as plan_from_dict
from soundrack.composition.warming import warm

__all__ = ["Composition", "Order", "Outputs", "compose", "plan_as_dict", "plan_from_dict", "warm"]

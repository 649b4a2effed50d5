"""BlackLab's sandbox. Document, "Base URL": "The sandbox environment mirrors production with synthetic responses".

It is production's table of routes (`routes`) with the functions exchanged that would make a job or look at one. What is
checked, counted, kept and answered on the way there is the same code. `magic` says which inputs make what happen.
"""

from soundrack.services.blacklab.sandbox.routes import MOUNT, create

__all__ = ["MOUNT", "create"]

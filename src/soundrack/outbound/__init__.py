"""Everything that Soundrack sends to a URL that a user gave: inputs and references fetched, webhooks posted.

One client, `Outbound`, goes through one `guard`, which judges each address where the socket to it is made. Nothing else
in the house may open a connection to a user's URL. The reasons stand in ``docs/decisions/0007-outbound.md``.
"""

from soundrack.outbound.client import Answer, Fetched, Outbound
from soundrack.outbound.lines import Lines
from soundrack.outbound.rules import Rules

__all__ = ["Answer", "Fetched", "Lines", "Outbound", "Rules"]

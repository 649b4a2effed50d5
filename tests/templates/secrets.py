"""What nobody may find in a flow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.templates.text import strings

_SECRETS = (
    r"aim_(?:live|test)_\w",  # Masterify's keys
    r"(?:blk|sk|pk|rk)_(?:live|test)_\w",
    r"xox[abeprs]-",  # Slack's tokens
    r"\bpat\w{14}\.",  # Airtable's
    r"\bya29\.|\b1//\w",  # Google's
    r"\bBearer [A-Za-z0-9._-]{8,}",
    r"://[^/\s]*:[^/\s]*@",  # a password in a URL
    r"-----BEGIN",
)


def problems(flow: object) -> Iterator[str]:
    """Give a sentence for each text that looks like a secret."""
    for text in strings(flow):
        for pattern in _SECRETS:
            if re.search(pattern, text):
                yield f"There is a secret: it looks like {pattern}."

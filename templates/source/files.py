"""All flows as the files that they become."""

from __future__ import annotations

import json

from templates.source import make, n8n
from templates.source.words import LANGUAGES, Words


def files() -> dict[str, str]:
    """Return each file's text by its name, ``<tool>-<flow>.<language>.json``."""
    return {
        f"{tool}-{name}.{language}.json": json.dumps(flow, indent=2, ensure_ascii=False) + "\n"
        for language in LANGUAGES
        for tool, flows in (("n8n", n8n.flows), ("make", make.flows))
        for name, flow in flows(Words(language)).items()
    }

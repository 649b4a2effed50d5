"""The documentation as pages: the guides of the project's folder ``docs``, and a reference for each service.

A guide is Markdown, in `pages`. A reference is made of the service's own OpenAPI description and of nothing else.
"""

from soundrack.dashboard.docs.routes import create

__all__ = ["create"]

"""Where the pages are: ``/docs``, ``/docs/{name}``, and decisions below ``/docs/decisions``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response

from soundrack.dashboard.docs import guides, reference
from soundrack.dashboard.docs.reference import Reference
from soundrack.dashboard.pages import page
from soundrack.service import Service

Descriptions = Mapping[Service, Callable[[], dict[str, Any]]]
"""What gives a service's OpenAPI description."""


def create(descriptions: Descriptions) -> APIRouter:
    """Return the pages, with a reference for each service that has a description."""
    router = APIRouter(prefix=guides.ROOT)

    @cache
    def reference_of(name: str) -> Reference | None:
        describe = next((give for service, give in descriptions.items() if service == name), None)
        return reference.read(describe()) if describe else None

    @router.get("")
    def index(request: Request) -> Response:
        """List every page."""
        return page(request, "docs/index.html", groups=guides.groups())

    @router.get("/{name:path}")
    def guide(request: Request, name: str) -> Response:
        """Show a guide, and below it the reference of its service."""
        text = guides.read(name)
        return page(
            request,
            "docs/guide.html",
            name=name,
            language=guides.language(name),
            text=text,
            groups=guides.groups(),
            reference=reference_of(name),
        )

    return router

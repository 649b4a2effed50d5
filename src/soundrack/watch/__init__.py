"""What the house is doing, for those who run it: `/metrics` in the form that Prometheus reads.

`requests` counts what this process answers, `house` reads off the database what all processes share, `routes` is the
way in. `docs/operations.md` lists every metric; a test holds the list against the registry.
"""

from __future__ import annotations

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, ProcessCollector

from soundrack.rack import Rack
from soundrack.watch import routes
from soundrack.watch.house import House
from soundrack.watch.requests import Meter, Requests

__all__ = ["install"]


def install(app: FastAPI, rack: Rack) -> CollectorRegistry:
    """Count the requests of an application, have it answer `/metrics`, and return what is answered there.

    Whatever is to be seen in the log beside a refusal (the request's id) is bound by a middleware that is added later.
    """
    registry, requests = CollectorRegistry(), Requests()
    ProcessCollector(registry=registry)
    registry.register(requests)
    registry.register(House(rack))
    routes.add(app, rack.settings, registry)
    app.add_middleware(Meter, requests=requests)
    return registry

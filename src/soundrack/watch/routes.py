"""The way in to `/metrics`."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from pydantic import SecretStr

from soundrack.settings import Settings

_FORWARDING = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via")


def add(app: FastAPI, settings: Settings, registry: CollectorRegistry) -> None:
    """Have an application answer the one route."""

    @app.get("/metrics")
    def metrics(request: Request) -> Response:
        """Answer with every metric, in the text format of Prometheus 0.0.4.

        With `metrics_token` set, a wrong one or none is 403. Without it, everybody who is not connected from this
        very machine gets 404, and so does whatever came through a proxy: a proxy on this machine would make the whole
        world look as if it called from here.
        """
        if not settings.metrics_token.get_secret_value():
            if not _from_this_machine(request):
                return PlainTextResponse("Not found.\n", 404)
        elif not _carries(request, settings.metrics_token):
            return PlainTextResponse("The metrics need their bearer token.\n", 403)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _from_this_machine(request: Request) -> bool:
    peer = request.client
    if peer is None or any(name in _FORWARDING for name, _ in request.scope["headers"]):
        return False
    try:
        address = ip_address(peer.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _carries(request: Request, token: SecretStr) -> bool:
    given = request.headers.get("authorization", "")
    scheme, _, value = given.partition(" ")
    right = hmac.compare_digest(value.strip().encode(), token.get_secret_value().encode())
    return right and scheme.lower() == "bearer"

"""Requests, counted and timed as they are answered.

A request is known by its route (``/v1/mastering/jobs/{id}``) and never by its path, so that no caller can make up new
series, and no id or token becomes a label.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import structlog
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundrack import __version__
from soundrack.watch.spread import Spread

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ROOT = "root"
_UNROUTED = "none"
_REPLAYED = b"x-idempotent-replayed"
_REFUSALS = {401: "unauthenticated", 402: "no_credits", 403: "forbidden", 413: "too_large", 429: "rate_limited"}
_LOGGED_IN_A_SECOND = 5
_log = structlog.get_logger()


class Key(NamedTuple):
    """What requests are counted by, as it is found on them."""

    mount: str
    route: str
    method: str
    status: int


class Requests(Collector):
    """The numbers of one process. Only its event loop counts, so that nothing is locked."""

    def __init__(self) -> None:
        self.open = 0
        """Requests that are being answered."""
        self._seen: dict[Key, Spread] = {}
        self._series: dict[tuple[str, str, str, str], Spread] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._replayed: Counter[str] = Counter()
        self._refusals = _Sampled()

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer that has begun.

        Parameters
        ----------
        status : int
            The HTTP status; 500 if the application broke down.
        seconds : float
            Since the request's headers were read.
        """
        key = Key(_mount(scope), getattr(scope.get("route"), "path", _UNROUTED), scope["method"], status)
        spread = self._seen.get(key)
        if spread is None:
            spread = self._of(key)
        spread.add(seconds)
        if status >= 400:
            self._note(key)

    def replayed(self, scope: Scope) -> None:
        """Count an answer that was given a second time."""
        self._replayed[_service(_mount(scope))] += 1

    def describe(self) -> list[Metric]:
        """Name nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the numbers as they are."""
        yield GaugeMetricFamily(
            "soundrack_http_requests_open", "Requests being answered, streams included.", value=self.open
        )
        seconds = HistogramMetricFamily(
            "soundrack_http_request_seconds",
            "Time until an answer begins, by service, route, method and class of status.",
            labels=("service", "route", "method", "status"),
        )
        for labels, spread in list(self._series.items()):
            seconds.add_metric(labels, spread.buckets(), sum_value=spread.sum)
        yield seconds
        refused = CounterMetricFamily(
            "soundrack_http_refused", "Requests that were refused.", labels=("service", "reason")
        )
        for whom, count in list(self._refused.items()):
            refused.add_metric(whom, count)
        yield refused
        replayed = CounterMetricFamily(
            "soundrack_http_replayed",
            "Requests answered from what was kept under their idempotency key.",
            labels=("service",),
        )
        for service, count in list(self._replayed.items()):
            replayed.add_metric((service,), count)
        yield replayed
        yield InfoMetricFamily("soundrack_build", "The running version.", {"version": __version__})

    def _of(self, key: Key) -> Spread:
        """Several keys may be one series; only known methods are remembered, or strangers could fill the memory."""
        method = key.method if key.method in _METHODS else "OTHER"
        labels = (_service(key.mount), key.route, method, f"{key.status // 100}xx")
        spread = self._series.setdefault(labels, Spread(_BUCKETS_S))
        if key.method in _METHODS:
            self._seen[key] = spread
        return spread

    def _note(self, key: Key) -> None:
        """Refusals are logged, but a flood of them does not become a flood of lines."""
        reason = _REFUSALS.get(key.status)
        if reason is not None:
            self._refused[_service(key.mount), reason] += 1
        elif key.status < 500 or key.status == 503:  # 503 is said on purpose, and asked for every few seconds
            return
        left_out = self._refusals.admit()
        if left_out is None:
            return
        _log.warning(
            "request refused" if reason else "request answered with an error",
            service=_service(key.mount),
            route=key.route,
            method=key.method if key.method in _METHODS else "OTHER",
            status=key.status,
            **({"left_out": left_out} if left_out else {}),
        )


class Meter:
    """Middleware: tells `Requests` of every request."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        requests, began, answered = self._requests, time.perf_counter(), False

        async def send_and_count(message: Message) -> None:
            nonlocal answered
            if not answered:
                answered = True
                requests.answered(scope, message["status"], time.perf_counter() - began)
                if scope["method"] == "POST" and any(name == _REPLAYED for name, _ in message.get("headers", ())):
                    requests.replayed(scope)
            await send(message)

        requests.open += 1
        try:
            await self._app(scope, receive, send_and_count)
        except BaseException:
            if not answered:
                requests.answered(scope, 500, time.perf_counter() - began)
            raise
        finally:
            requests.open -= 1


class _Sampled:
    """Lets a few a second through, and counts the others."""

    def __init__(self) -> None:
        self._second = 0
        self._admitted = 0
        self._left_out = 0

    def admit(self) -> int | None:
        """Return how many were left out since the last that was let through; None if this one is left out."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._admitted = second, 0
        if self._admitted >= _LOGGED_IN_A_SECOND:
            self._left_out += 1
            return None
        self._admitted += 1
        left_out, self._left_out = self._left_out, 0
        return left_out


def _mount(scope: Scope) -> str:
    """A service that is called by its own host is mounted at no path of the URL, and is the same service."""
    mount: str = scope.get("mount") or scope.get("root_path", "")
    return mount


def _service(mount: str) -> str:
    return mount.strip("/") or _ROOT

"""What stands in front of each service: who is calling, from where, how often, and what they may do.

`Door` wraps a service's whole application, so that whatever answers (a route, an error of the framework, an error of
ours) answers with the rate headers, and nothing of a request's body is read for a caller who is not let in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import structlog
from fastapi import APIRouter, FastAPI, Request, Response, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from starlette.types import Message, Receive, Scope, Send

from soundrack import clock, logs
from soundrack.accounts import credentials, networks
from soundrack.accounts.credentials import Principal
from soundrack.billing import quotas, subscriptions
from soundrack.billing.plans import Plan
from soundrack.billing.quotas import Quota
from soundrack.billing.windows import Rate, Standing
from soundrack.errors import Internal, NotAllowed, NotAuthenticated, RateLimited, SoundrackError, Why
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import address
from soundrack.services.address import Proxies

_LONGEST_AUTHORIZATION = 8192
_BEARER = re.compile(rb"bearer +([A-Za-z0-9\-._~+/]+=*)[ \t]*", re.IGNORECASE)
_log = structlog.get_logger()

Headers = Iterable[tuple[bytes, bytes]]
RateHeaders = Callable[[Standing], Headers]
"""From how a caller stands to the headers that say so, names in lower case."""


def no_headers(_standing: Standing) -> Headers:
    """Say nothing of the rate: for a service that documents no such headers."""
    return ()


def by_key(principal: Principal) -> str:
    """Count each key, and each OAuth client for each account, on its own."""
    return principal.subject


def by_account(principal: Principal) -> str:
    """Count all that an account sends to a service together."""
    return f"{principal.service} {principal.account_id}"


@dataclass(frozen=True)
class Month:
    """What a service that counts the month as well says of both windows, to callers who are known.

    Parameters
    ----------
    counted : callable
        Whose month it is.
    headers : callable
        From how they stand in the minute and in the month to the headers that say so, names in lower case.
    """

    counted: Callable[[Principal], str]
    headers: Callable[[Standing, Quota], Headers]


@dataclass(frozen=True)
class Front:
    """What differs from service to service.

    Parameters
    ----------
    service : Service
        Whose keys are taken.
    answer : callable
        The service's words for an error.
    credentials_hint : str
        A sentence that tells a caller how to send credentials.
    headers : callable
        What every response says of the rate.
    counted : callable
        Whose requests are counted together.
    month : Month, optional
        For a service whose responses tell of the month.
    public : frozenset of str
        Paths, below the service's own, that need no credentials. They are counted by address.
    sandbox : bool
        Whether the keys are those of the service's sandbox.
    """

    service: Service
    answer: Callable[[Request, SoundrackError], Response]
    credentials_hint: str
    headers: RateHeaders = no_headers
    counted: Callable[[Principal], str] = by_key
    month: Month | None = None
    public: frozenset[str] = frozenset({"/openapi.json"})
    sandbox: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A GET that is asked so often that it goes straight from the door to its function.

    The framework's way (routing, dependencies, its stacks) costs several times what the function does. The route
    stays what is declared and documented: its path, scope and function are taken from it.
    """

    route: APIRoute
    needs: Needs
    principal_name: str
    endpoint: Callable[..., Awaitable[Response]]
    language: Callable[[Request], Any] | None = None
    """By what a function that takes a `language` gets it."""

    @classmethod
    def of(cls, router: APIRouter, endpoint: Callable[..., Awaitable[Response]]) -> Self:
        """Return the shortcut to a function of a router.

        Raises
        ------
        ValueError
            If it takes anything but text from its path, `rack`, `language`, and its caller.
        """
        route = next(route for route in router.routes if isinstance(route, APIRoute) and route.endpoint is endpoint)
        taken = route.dependant
        callers = [one for one in taken.dependencies if isinstance(one.call, Needs)]
        others = {one.name for one in taken.dependencies if one not in callers} - {"rack", "language"}
        asked = [*taken.query_params, *taken.header_params, *taken.cookie_params, *taken.body_params]
        typed = [one for one in taken.path_params if one.field_info.annotation is not str]
        if route.methods != {"GET"} or len(callers) != 1 or others or asked or typed or taken.request_param_name:
            raise ValueError(f"no shortcut leads to {route.path}")
        caller = callers[0]
        assert isinstance(caller.call, Needs) and caller.name  # noqa: S101, PT018  for the types alone
        named = {one.name: one.call for one in taken.dependencies}
        return cls(route, caller.call, caller.name, endpoint, named.get("language"))

    async def go(self, match: re.Match[str], scope: Scope, rack: Rack, principal: Principal) -> Response:
        """Call the function."""
        given = {self.principal_name: self.needs.check(principal), "rack": rack, **match.groupdict()}
        if self.language is not None:
            given["language"] = self.language(Request(scope))
        return await self.endpoint(**given)


class Door:
    """Lets a request through to a service, or answers it.

    A request that is let through carries, in its state, `principal` (not on public paths), `plan`, `standing`, `quota`
    (where the front tells of the month; whoever spends of it puts the new one there) and `address` (empty if it came by
    no network).

    Callers without valid credentials are counted too, by address and at the lowest plan's rate, so that nobody may
    guess at will. A valid key is never refused for what its neighbours send.
    """

    def __init__(self, app: FastAPI, rack: Rack, front: Front, shortcuts: Iterable[Shortcut] = ()) -> None:
        self.app = app
        self.front = front
        self._rack = rack
        self._proxies = Proxies.of(rack.settings)
        self._shortcuts = tuple(shortcuts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        response: Response | None = None
        try:
            await self._admit(scope, state, path)
            response = await self._by_shortcut(scope, state, path)
        except SoundrackError as error:
            response = self._answer(scope, error)
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets the service's own body
            _log.error("request failed", path=scope["path"], exc_info=error)
            response = self._answer(scope, Internal("An unexpected error happened. It has been logged."))
        if response is None:
            await self.app(scope, receive, _with(lambda: self._headers(state), send))
        else:
            response.raw_headers.extend(self._headers(state))
            await response(scope, receive, send)

    def _headers(self, state: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
        front = self.front
        if "standing" in state:
            yield from front.headers(state["standing"])
            if front.month is not None and "quota" in state:
                yield from front.month.headers(state["standing"], state["quota"])

    def _answer(self, scope: Scope, error: SoundrackError) -> Response:
        # the service's application has not been entered, and its words may need what it holds
        return self.front.answer(Request({**scope, "app": self.app}), error)

    async def _by_shortcut(self, scope: Scope, state: dict[str, Any], path: str) -> Response | None:
        if scope["method"] == "GET":
            for shortcut in self._shortcuts:
                match = shortcut.route.path_regex.match(path)
                if match:
                    scope["route"] = shortcut.route  # by which what watches the traffic knows it
                    return await shortcut.go(match, scope, self._rack, state["principal"])
        return None

    async def _quota(self, subject: str, plan: Plan) -> Quota:
        now, lookups = clock.now(), self._rack.lookups
        row = await lookups.first(lookups.prepare(quotas.USED), subject=subject, month=quotas.month(now))
        return quotas.quota(plan, 0 if row is None else row.used, now)

    async def _admit(self, scope: Scope, state: dict[str, Any], path: str) -> None:
        """Judge a request and note in its state what was found, or raise what is to be answered."""
        rack, front = self._rack, self.front
        where = self._proxies.client(scope)
        state["address"] = str(where or "")
        refused: SoundrackError | None = None
        principal: Principal | None = None
        if path not in front.public:
            try:
                principal = await credentials.authenticate(
                    rack.lookups,
                    rack.secret,
                    front.service,
                    _token(scope, front.credentials_hint),
                    sandbox=front.sandbox,
                )
                if principal.networks and not networks.admits(principal.networks, state["address"]):
                    raise NotAuthenticated("This account may not be used from your address.")
            except NotAuthenticated as error:
                principal, refused = None, error
        if principal is None:
            plan = rack.plans.default(front.service)
            subject = f"{front.service} {address.household(where)}"
        else:
            plan = subscriptions.named(rack.plans, front.service, principal.plan)
            subject = front.counted(principal)
            state["principal"], state["plan"] = principal, plan
            logs.also_about(account=principal.account_id, caller=principal.subject)
            if principal.key_id is not None:
                rack.last_use.note(principal.key_id)
        hit = rack.windows.hit(subject, _rate(plan))
        if principal is None or front.month is None:
            standing = await hit
        else:
            standing, state["quota"] = await asyncio.gather(hit, self._quota(front.month.counted(principal), plan))
        state["standing"] = standing
        if not standing.allowed:
            raise _too_many(plan, standing)
        if principal is not None and not plan.api_access:
            raise NotAllowed(f"The plan {plan.title} does not include the API.")
        if refused is not None:
            raise refused


def _with(headers: Callable[[], Headers], send: Send) -> Send:
    """Return a `send` that adds headers to a response, as they are when it begins."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers()]
        await send(message)

    return send_with_headers


def _token(scope: Scope, hint: str) -> str:
    """Return the one bearer token of a request (RFC 6750, 2.1).

    Two headers are refused and not chosen from: what is in front of us may have judged the other one.
    """
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    if not found:
        raise NotAuthenticated(hint, why=Why.MISSING)
    if len(found) > 1:
        raise NotAuthenticated("Send one Authorization header, not several.", why=Why.MISSING)
    if len(found[0]) > _LONGEST_AUTHORIZATION:
        raise NotAuthenticated(
            f"The Authorization header is longer than {_LONGEST_AUTHORIZATION} bytes.", why=Why.MISSING
        )
    match = _BEARER.fullmatch(found[0])
    if match is None:
        raise NotAuthenticated(hint, why=Why.MISSING)
    return match[1].decode("ascii")


def _rate(plan: Plan) -> Rate:
    return Rate(plan.requests_per_minute, plan.burst)


def _too_many(plan: Plan, standing: Standing) -> RateLimited:
    burst = f" and {plan.burst} in one second" if plan.burst else ""
    return RateLimited(
        f"Too many requests: at most {plan.requests_per_minute} a minute{burst}. "
        f"Try again in {standing.retry_after_s} s.",
        retry_after_s=standing.retry_after_s,
    )


class Needs(SecurityBase):
    """Stands on a route: lets those through whose credentials carry a scope. A key carries all."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.scheme_name = "API key or access token"
        self.model = HTTPBearer()

    async def __call__(self, request: Request) -> Principal:
        principal: Principal = request.state.principal
        return self.check(principal)

    def check(self, principal: Principal) -> Principal:
        """Return who is calling.

        Raises
        ------
        NotAllowed
            If their access token does not carry the scope.
        """
        if principal.scopes is not None and self.scope not in principal.scopes:
            raise NotAllowed(f"The access token does not carry the scope {self.scope}.")
        return principal


def needs(scope: str) -> Any:
    """Return the dependency by which a route declares its scope; it gives the route its `Principal`."""
    return Security(Needs(scope), scopes=[scope])

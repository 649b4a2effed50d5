"""What the door and the application have ready for a route."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from soundrack.billing.plans import Plan
from soundrack.rack import Rack


async def _rack(request: Request) -> Rack:
    rack: Rack = request.app.state.rack
    return rack


RackIn = Annotated[Rack, Depends(_rack)]


def plan_of(request: Request) -> Plan:
    """Return the plan that the door has found."""
    plan: Plan = request.state.plan
    return plan

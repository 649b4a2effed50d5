"""Soundpiece's documented paths: for each action one PUT, which submits, and one GET, which polls."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import BaseModel, create_model
from pydantic_core import to_json
from sqlalchemy import Connection

from soundrack import __version__, ids
from soundrack.accounts import credentials
from soundrack.accounts.credentials import Principal
from soundrack.billing import idempotency
from soundrack.errors import Invalid, NotFound
from soundrack.jobs import estimate, record, submission
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Job
from soundrack.outbound.webhooks import endpoints
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.bodies import BoundedRoute
from soundrack.services.door import Door, Front, by_account, needs
from soundrack.services.given import RackIn, plan_of
from soundrack.services.long_poll import LongPoll
from soundrack.services.soundpiece import description, errors, views
from soundrack.services.soundpiece.actions import ACTIONS, SEEDED, Action, Asked
from soundrack.services.soundpiece.schemas import CONTAINERS, ID_PATTERN, MAX_SOURCE_BYTES
from soundrack.services.soundpiece.schemas import Request as Submission

LONGEST_WAIT_S = 20.0
KEY = "idempotency_key"
_CALLBACK = "callback_url"
_JSON = "application/json"
_AT_ONCE = timedelta(seconds=60)
"""A claim and its work are one transaction, so nobody ever sees a claim that waits for its work."""
_SEEDS = 2**31

MayRead = Annotated[Principal, needs("operations:read")]
MayWrite = Annotated[Principal, needs("operations:write")]
# what is malformed is told as what is unknown, so the pattern is for the description alone
OperationId = Annotated[
    str, Query(description="The operation's id, as its submission gave it.", json_schema_extra={"pattern": ID_PATTERN})
]
Wait = Annotated[
    bool,
    Query(description="Wait for the end of the operation, for 20 seconds at most, and answer as soon as it has come."),
]


def _submits(action: Action) -> Callable[..., Response]:
    def submit(request: Request, body: Submission, rack: RackIn, principal: MayWrite) -> Response:
        return Response(_submit(action, request, body, rack, principal), media_type=_JSON)

    submit.__annotations__ = {
        "request": Request,
        "body": action.takes,
        "rack": RackIn,
        "principal": MayWrite,
        "return": Response,
    }
    return submit


def _polls(action: Action) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def poll(request: Request, rack: RackIn, principal: MayRead, id: OperationId, wait: Wait = False) -> Response:
        job = await _job(action, id, rack, principal)
        if not wait or job.ended_at is not None:
            return _told(job, rack)

        async def answer() -> Response:
            return _told(await _job(action, id, rack, await credentials.again(rack.lookups, principal)), rack)

        return LongPoll(
            rack.following, job.id, answer, lambda error: errors.answer(request, error), most_s=LONGEST_WAIT_S
        )

    return poll


def _told(job: Job, rack: Rack) -> Response:
    return Response(to_json(views.wrapped(job, rack)), media_type=_JSON)


async def _job(action: Action, job_id: str, rack: Rack, principal: Principal) -> Job:
    job = await record.look_up(rack.lookups, job_id, account_id=principal.account_id, service=Service.SOUNDPIECE)
    if views.action_of(job) is not action:
        raise NotFound("No such operation.")
    return job


def _submit(action: Action, request: Request, body: Submission, rack: Rack, principal: Principal) -> bytes:
    """Accept an operation and return what is answered; of the same request once more, what was answered before.

    The claim on the key, the charge, the job and the answer are one transaction: of two that come at the same moment,
    one waits for the other's end and then finds its answer.
    """
    asked = body.model_dump(mode="json", exclude={_CALLBACK})
    inputs = _inputs(action, asked, rack)
    if body.callback_url is not None:
        _check_callback(rack, body.callback_url)
    content = json.dumps([asked, body.callback_url], sort_keys=True).encode()
    sent = idempotency.request(
        principal.account_id, f"{Service.SOUNDPIECE} {action.route}", asked[KEY], content, field=KEY
    )
    with rack.database.write() as connection:
        claim = idempotency.claim(connection, sent, secrets.token_hex(16), lease=_AT_ONCE, life=None, field=KEY)
        if isinstance(claim, idempotency.Response):
            return claim.body
        job = submission.submit(
            connection,
            rack.queue,
            submission.Order(
                service=Service.SOUNDPIECE,
                account_id=principal.account_id,
                kind=action.kind,
                parameters=_parameters(action, asked),
                inputs=inputs,
                work_s=_work_s(connection, action, asked, inputs),
                credits=action.credits,
                request_id=request.state.request_id,
                key_id=principal.key_id,
                webhook_url=body.callback_url,
                jobs_at_once=plan_of(request).jobs_at_once,
                followed=True,
            ),
            job_id=ids.ulid("op_"),
            lease_s=rack.settings.job_lease_s,
        )
        answer: bytes = to_json(views.wrapped(job, rack))
        idempotency.settle(connection, claim, idempotency.Response(200, (), answer))
        return answer


def _parameters(action: Action, asked: Asked) -> dict[str, Any]:
    """Return what the engine is told, with what the views tell again.

    The seed is drawn once, so that another attempt at the job makes the same.
    """
    seed = {"seed": secrets.randbelow(_SEEDS)} if action.kind in SEEDED else {}
    return action.parameters(asked) | seed | {"action": action.route, "asked": asked}


def _inputs(action: Action, asked: Asked, rack: Rack) -> dict[str, Foreign]:
    """Return what the worker has to fetch, once its URL has been judged by what can be read off it."""
    recording = asked.get(action.recording)
    if recording is None:
        return {}
    field = f"{action.recording}.url"
    rack.outbound.check(recording["url"], field=field)
    return {action.recording: Foreign(recording["url"], MAX_SOURCE_BYTES, CONTAINERS, field)}


def _check_callback(rack: Rack, url: str) -> None:
    """Document, "Webhooks": public HTTPS. Plain HTTP is for what the operator has allowed by name or address."""
    endpoints.check_url(rack.outbound, url, field=_CALLBACK)
    if not url.lower().startswith("https:") and not rack.outbound.trusts(url):
        raise Invalid("a callback_url is an https URL", field=_CALLBACK)


def _work_s(connection: Connection, action: Action, asked: Asked, inputs: dict[str, Foreign]) -> float:
    """Return how many seconds of audio are likely to be worked through."""
    if "duration" in asked:
        return float(asked["duration"])
    if action.recording == "source":
        return estimate.expected_work_s(connection, action.kind, inputs)
    return estimate.usual_work_s(connection, action.kind)


def _answer_of(action: Action) -> type[BaseModel]:
    """Return the model of an answer: the operation in its wrapper."""
    fields: dict[str, Any] = {action.wrapper: (action.answers, ...)}
    doc = f"{action.answers.__name__} in its wrapper."
    return create_model(f"{action.answers.__name__}Answer", __doc__=doc, **fields)


def _router() -> APIRouter:
    router = APIRouter(prefix="/v1", route_class=BoundedRoute)
    for action in ACTIONS:
        path, tag, model = f"/{action.route}", action.route.partition(".")[0].capitalize(), _answer_of(action)
        router.add_api_route(
            path,
            _submits(action),
            methods=["PUT"],
            name=f"submit_{action.name}",
            response_model=model,
            responses=errors.responses(400, 402, 409, 413, 422),
            tags=[tag],
            summary=f"Submit {action.title}",
            description=f"{action.text} It costs {action.credits} credit{'s' if action.credits > 1 else ''}.",
            response_description="The operation, which is accepted and paid for.",
        )
        router.add_api_route(
            path,
            _polls(action),
            methods=["GET"],
            name=f"poll_{action.name}",
            response_model=model,
            responses=errors.responses(422),
            tags=[tag],
            summary=f"Poll {action.title}",
            description="Tell how an operation is, with new links to what was made.",
            response_description="The operation.",
        )
    return router


router = _router()

FRONT = Front(
    service=Service.SOUNDPIECE,
    answer=errors.answer,
    credentials_hint=errors.NO_KEY,
    counted=by_account,
)


def create(rack: Rack) -> Door:
    """Return Soundpiece as an application of its own, behind its door."""
    app = FastAPI(
        title="Soundpiece",
        version=__version__,
        responses=errors.responses(401, 403, 429, 500),
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,
    )
    app.state.rack = rack
    app.include_router(router)
    errors.install(app)
    description.install(app, rack)
    return Door(app, rack, FRONT)

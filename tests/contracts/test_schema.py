"""Every mounted service against its own OpenAPI description, by schemathesis: all its phases, and all its checks.

A real server on loopback is asked with the examples of the description, with values at and beyond each bound, with
random values, and along sequences of calls that follow from each other. `make schema` does the same at length.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.audit import Origin
from soundrack.accounts.oauth import clients
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.billing.plans import Plans
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.door import Door
from soundrack.services.idempotent import HEADER
from soundrack.services.masterify.schemas import PLATFORMS
from soundrack.services.soundpiece.actions import ACTIONS
from soundrack.settings import Settings
from tests.contracts.masterify.conftest import MASTER, WAV, finish
from tests.contracts.signalkey.conftest import ANALYZE
from tests.contracts.signalkey.conftest import finish as finish_analysis
from tests.contracts.soundpiece.conftest import body as operation
from tests.contracts.soundpiece.conftest import finish as finish_operation
from tests.live import until
from tests.security.conftest import mounts

pytestmark = pytest.mark.one_database

EXAMPLES = int(os.environ.get("SOUNDRACK_TEST_SCHEMA_EXAMPLES", "15"))
LEFT_OUT = {
    "unsupported_method": "the document's table of statuses has no 405: what is not served is 404, with `Allow`; "
    "test_wrong_methods_are_not_found_and_the_right_ones_named holds that",
    "use_after_free": "DELETE cancels a job and does not remove it: it is there to be read, as `cancelled`",
    "object_level_authorization": "it needs two accounts in one run; tests/security/test_objects.py has them",
}
"""Checks that do not hold, and why."""
OF_FORMS = {
    "negative_data_rejection": "a form knows no types, and a field that is left blank counts as left out: what is "
    "bad as JSON can be good as a form; tests/contracts/masterify/test_create.py and "
    "tests/contracts/signalkey/test_submit.py have what is refused",
}
"""Checks that do not hold where the one body is a form."""
REFUSED = [400, 401, 403, 404, 409, 413, 415, 422]
"""What bad data may be answered with: 413 is the document's word for a size that is too large."""
MOUNTS = ["blacklab", "blacklab-sandbox", "masterify", "signalkey", "soundpiece"]
FORMS = {Service.MASTERIFY, Service.SIGNALKEY}
"""Services whose bodies are forms."""
URL = "https://storage.example.com/song.wav"
URLS = {"input_url", "reference_url", "webhook_url", "callback_url", "url"}
RECORDINGS = ("source", "reference")
SONGS = {"file", "reference_file"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The documented plans, without their limits: schemathesis asks as fast as it can."""
    limits = r"(requests_per_minute|requests_per_month|burst|jobs_at_once) = \d+"
    plans = re.sub(limits, r"\1 = 1000000", Plans.documented().to_toml())
    (tmp_path / "plans.toml").write_text(plans)
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, plans=tmp_path / "plans.toml")


@pytest.fixture
def whole(rack: Rack) -> FastAPI:
    return app.create(rack)


@pytest.fixture
def base_url(whole: FastAPI) -> Iterator[str]:
    """Where the server listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(whole, log_config=None, access_log=False, server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(params=MOUNTS)
def mount(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def token(mount: str, rack: Rack, account: Account) -> str:
    with rack.database.write() as connection:
        subscriptions.subscribe_highest(connection, rack.plans, account.id)
        credits.grant(connection, account.id, 1_000_000, "for examples")
        service = Service(mount.removesuffix("-sandbox"))
        return keys.create(connection, rack.secret, account.id, service, "", sandbox=mount.endswith("-sandbox")).token


@dataclass
class Run:
    """What came of it all."""

    failures: list[str]
    checked: set[str]
    """Names of the checks that were made."""
    statuses: dict[str, Counter[int]]
    """How often each status came back, by operation."""


def left_out(mount: str) -> set[str]:
    return {*LEFT_OUT, *(OF_FORMS if mount in FORMS else ())}


def configuration(token: str, mount: str) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {"apiKey": {"bearer": token}, "oauth2": {"bearer": token}}},
            "generation": {"max-examples": EXAMPLES, "database": "none", "allow-x00": False},
            "checks": {
                "negative_data_rejection": {"expected-statuses": REFUSED},
                **{name: {"enabled": False} for name in left_out(mount)},
            },
            "phases": {"stateful": {"max-steps": 3}},
        }
    )


@pytest.fixture
def client_id(rack: Rack, account: Account) -> str:
    """An application that needs no secret."""
    with rack.database.write() as connection:
        return clients.register(
            connection,
            rack.secret,
            Origin("tests"),
            account.id,
            service=Service.BLACKLAB,
            name="Fuzz",
            scope="mastering:read",
            redirect_uris=["http://127.0.0.1/back"],
            confidential=False,
        ).client.id


@pytest.fixture
def good_data(base_url: str, mount: str, token: str, client_id: str, rack: Rack, tmp_path: Path) -> Iterator[None]:
    """What no description can say of good data: which ids there are, what a URL leads to, and what is a song."""
    sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}}
    operations: dict[str, str] = {}
    if mount == Service.MASTERIFY:
        form: dict[str, Any] = {"files": {"file": ("song.wav", WAV)}, "data": {"platforms": ",".join(PLATFORMS)}}
        made = httpx2.post(f"{base_url}/{mount}{MASTER}", **form, **sent).raise_for_status().json()
        job_id = made["job_id"]
        finish(rack, job_id, dict.fromkeys(PLATFORMS, WAV), tmp_path)
    elif mount == Service.SIGNALKEY:
        made = httpx2.post(f"{base_url}/{mount}{ANALYZE}", files={"file": ("song.wav", WAV)}, **sent)
        job_id = made.raise_for_status().json()["job_id"]
        finish_analysis(rack, job_id, tmp_path)
    elif mount == Service.SOUNDPIECE:
        job_id = ""
        for action in ACTIONS:
            made = httpx2.put(f"{base_url}/{mount}/v1/{action.route}", json=operation(action), **sent)
            ((_, accepted),) = made.raise_for_status().json().items()
            operations[f"/v1/{action.route}"] = accepted["id"]
            finish_operation(rack, accepted["id"], tmp_path)
    else:
        # the first job of the sandbox loads what makes its sound
        made = httpx2.post(f"{base_url}/{mount}/v1/mastering/jobs", json={"input_url": URL}, timeout=60, **sent)
        job_id = made.raise_for_status().json()["id"]
    hosts = st.from_regex(r"[a-z]{1,12}\.(com|net|studio)", fullmatch=True)
    schemathesis.openapi.format("uri", st.builds("https://{}/{}.wav".format, hosts, st.integers(0, 99)))

    def before_call(_context: Any, case: Case[Any], _kwargs: dict[str, Any]) -> None:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            if HEADER in case.headers:
                case.headers[HEADER] = str(uuid.uuid4())  # the same with another body is no good data
            if "starting_after" in case.query:
                case.query["starting_after"] = job_id
            if case.path.endswith(("/download", "/stream")):  # a stream of another job would not end
                case.path_parameters["job_id"] = job_id
            if case.path in operations and "id" in case.query:
                case.query["id"] = operations[case.path]
            body: Any = case.body
            if isinstance(body, dict) and "idempotency_key" in body:
                body["idempotency_key"] = str(uuid.uuid4())
            if isinstance(body, dict):
                body.update((name, WAV) for name in SONGS & set(body))
            if isinstance(body, dict) and case.path.endswith("/oauth/revoke"):
                body.pop("client_secret", None)
                body["client_id"] = client_id
            recordings = [body.get(name) for name in RECORDINGS] if isinstance(body, dict) else []
            for holder in [body, *recordings]:
                for name in URLS & set(holder if isinstance(holder, dict) else ()):
                    if "/storage/" in str(holder[name]):  # an upload that has not arrived, or what was made before
                        holder[name] = URL

    schemathesis.hook(before_call)
    yield
    schemathesis.hooks.unregister(before_call)


def urls(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a URL."""
    if isinstance(schema, dict):
        if schema.get("format") == "uri":
            yield schema
        for inner in schema.values():
            yield from urls(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from urls(inner)


def described(base_url: str, mount: str, token: str) -> BaseSchema:
    document = httpx2.get(f"{base_url}/{mount}/openapi.json").raise_for_status().json()
    for url in urls(document["components"]["schemas"]):
        url.pop("minLength", None)  # to think of a URL of just so many characters takes schemathesis most of a minute
        url.pop("maxLength", None)
    schema = schemathesis.openapi.from_dict(document, config=configuration(token, mount))
    schema.config.update(base_url=f"{base_url}/{mount}")
    return schema


def carried_out(schema: BaseSchema) -> Run:
    run = Run([], set(), {})
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            run.failures.append(repr(event))
        elif isinstance(event, events.ScenarioFinished):
            for case_id, made in event.recorder.checks.items():
                case = event.recorder.cases[case_id].value
                run.checked.update(one.name for one in made)
                told = (one for one in made if one.failure_info is not None)
                run.failures += [
                    f"{event.phase.value}: {one.name}: {one.failure_info.failure.message}\n{case.as_curl_command()}"
                    for one in told
                    if one.failure_info is not None
                ]
            for case_id, sent in event.recorder.interactions.items():
                if sent.response is not None and case_id in event.recorder.cases:
                    label = event.recorder.cases[case_id].value.operation.label
                    run.statuses.setdefault(label, Counter())[sent.response.status_code] += 1
    return run


def check_names() -> set[str]:
    load_all_checks()
    return set(CHECKS.get_all_names())


def test_every_mounted_service_is_tried_here(whole: FastAPI):
    assert [path.strip("/") for path, found in mounts(whole).items() if isinstance(found, Door)] == MOUNTS


@pytest.mark.usefixtures("good_data")
def test_whatever_is_sent_the_answer_is_a_documented_one(base_url: str, mount: str, token: str):
    schema = described(base_url, mount, token)

    run = carried_out(schema)

    assert not run.failures, "\n\n".join(run.failures[:10])
    assert check_names() - run.checked == left_out(mount), "a check was not made, or is made and need not be left out"
    assert len(run.statuses) == schema.statistic.operations.total
    for label, statuses in run.statuses.items():
        assert "oauth/token" in label or min(statuses) < 300, f"{label} accepted nothing: {statuses}"

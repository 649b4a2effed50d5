"""Every mounted service against its own OpenAPI description, by schemathesis.

Of each answer it is checked that it is no 500 and that its status, content type and body are documented; that bad data
is refused; and that nothing is answered without credentials. `make schema` runs many more examples.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as run_with
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from sqlalchemy import insert
from starlette.testclient import TestClient

from soundrack import app, clock, ids
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.billing.plans import Plans
from soundrack.database.tables import jobs
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.idempotent import HEADER
from soundrack.settings import Settings
from tests.security.conftest import services
from tests.security.test_fields import GOOD

pytestmark = pytest.mark.one_database

EXAMPLES = int(os.environ.get("SOUNDRACK_TEST_SCHEMA_EXAMPLES", "30"))
LEFT_OUT = {
    "positive_data_acceptance": "a URL that leads nowhere and the id of nothing are well formed, and refused",
    "unsupported_method": "the documents know no 405: what is not documented is 404",
}
"""Checks that do not hold, and why."""
Operation = APIOperation[Any, Any, Any, Any]
MOUNTED = [Service.BLACKLAB]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The documented plans, without their rates: schemathesis also asks without a key, as fast as it can."""
    plans = re.sub(r"(requests_per_minute|burst) = \d+", r"\1 = 1000000", Plans.documented().to_toml())
    (tmp_path / "plans.toml").write_text(plans)
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, plans=tmp_path / "plans.toml")


@pytest.fixture
def whole(rack: Rack) -> FastAPI:
    return app.create(rack)


@pytest.fixture
def client(whole: FastAPI) -> Iterator[TestClient]:
    with TestClient(whole) as client:
        yield client


@pytest.fixture
def headers(rack: Rack, account: Account) -> dict[Service, dict[str, str]]:
    with rack.database.write() as connection:
        subscriptions.subscribe_highest(connection, rack.plans, account.id)
        credits.grant(connection, account.id, 1_000_000, "for examples")
        made = {service: keys.create(connection, rack.secret, account.id, service, "").token for service in MOUNTED}
    return {service: {"Authorization": f"Bearer {token}"} for service, token in made.items()}


@pytest.fixture
def job_id(rack: Rack, account: Account) -> str:
    """A job that is there to be asked for."""
    job_id = ids.short("job_")
    with rack.database.write() as connection:
        connection.execute(
            insert(jobs).values(
                id=job_id,
                account_id=account.id,
                service=Service.BLACKLAB,
                kind="master",
                status=Status.QUEUED,
                parameters={"preset": "warm", "format": "wav", "rate_hz": None},
                work_s=10.0,
                credits_charged=0,
                request_id="req_1",
                created_at=clock.now(),
            )
        )
    return job_id


def described(whole: FastAPI, service: Service) -> BaseSchema:
    return schemathesis.openapi.from_asgi(f"/{service}/openapi.json", whole)


def operations(schema: BaseSchema) -> list[Operation]:
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def check_names() -> set[str]:
    load_all_checks()
    return set(CHECKS.get_all_names())


def test_every_mounted_service_is_tried_here(whole: FastAPI):
    assert list(services(whole)) == MOUNTED


def test_checks_that_are_left_out_exist():
    assert LEFT_OUT.keys() <= check_names()


def statuses(
    service: Service,
    operation: Operation,
    mode: GenerationMode,
    client: TestClient,
    headers: dict[str, str],
    job_id: str,
) -> set[int]:
    """Send an operation's examples, check the answers, and return the statuses that came back."""
    seen: set[int] = set()
    left_out: list[Any] = [CHECKS.get_one(name) for name in LEFT_OUT]
    in_process: dict[str, Any] = {"session": client}
    public = "/oauth/" in operation.path

    @run_with(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def try_out(case: Case[Any], known: bool) -> None:
        if known and mode is GenerationMode.POSITIVE:
            if "id" in case.path_parameters:
                case.path_parameters["id"] = job_id
            good = GOOD.get((service, operation.path.removeprefix(f"/{service}")))
            if good is not None:
                case.body = good
                case.headers.pop(HEADER, None)
        answer = case.call_and_validate(headers=None if public else headers, excluded_checks=left_out, **in_process)
        seen.add(answer.status_code)

    try_out()
    return seen


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("service", MOUNTED)
def test_whatever_is_sent_the_answer_is_a_documented_one(
    whole: FastAPI,
    client: TestClient,
    headers: dict[Service, dict[str, str]],
    job_id: str,
    service: Service,
    mode: GenerationMode,
):
    seen = {
        operation.label: statuses(service, operation, mode, client, headers[service], job_id)
        for operation in operations(described(whole, service))
    }

    if mode is GenerationMode.POSITIVE:
        accepted = {label for label, answers in seen.items() if min(answers) < 300 and "oauth" not in label}
        assert accepted == {label for label in seen if "oauth" not in label}, "some operation accepted nothing"

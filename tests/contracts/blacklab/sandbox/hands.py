"""What tests of the sandbox do with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from starlette.testclient import TestClient

from soundrack.rack import Rack
from soundrack.services.blacklab.sandbox.magic import HOST
from tests.contracts.blacklab.test_errors import JOBS


def file(word: str) -> str:
    return f"https://{HOST}/{word}.wav"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def submit(client: TestClient, word: str = "song", **fields: Any) -> dict[str, Any]:
    response = client.post(JOBS, json={"input_url": file(word)} | fields)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


def look(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"{JOBS}/{job['id']}").json()
    return body


def count(rack: Rack, table: Any) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return found

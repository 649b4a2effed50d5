"""A server that is asked for its numbers, from the machine itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from soundrack import app
from soundrack.rack import Rack

HERE = ("127.0.0.1", 50_000)


@pytest.fixture
def client(rack: Rack) -> Iterator[TestClient]:
    with TestClient(app.create(rack), client=HERE, raise_server_exceptions=False) as client:
        yield client


def read(client: TestClient, name: str, **labels: str) -> float:
    """The value of one sample; 0 if there is none."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [one for family in families for one in family.samples if one.name == name]
    return sum(one.value for one in samples if labels.items() <= one.labels.items())

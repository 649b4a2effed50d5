"""No test of this folder sends a packet anywhere but to loopback, or asks a name server: it fails if it tries."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "socket.connect":
        where = str(arguments[1][0])
    elif event == "socket.getaddrinfo":
        where = str(arguments[0])
    else:
        return
    if not _is_loopback(where):
        raise AssertionError(f"{event} to {where}: a test left the machine")


def _is_loopback(where: str) -> bool:
    try:
        return ip_address(where).is_loopback
    except ValueError:
        return False


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _nothing_leaves_the_machine() -> Iterator[None]:
    global _watching  # noqa: PLW0603  an audit hook cannot be taken out again, only put to sleep
    _watching = True
    yield
    _watching = False


@pytest.fixture(autouse=True, scope="module")
def _no_connection_is_left_open() -> Iterator[None]:
    yield
    gc.collect()  # one that was left open warns when it is collected, and warnings are errors


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """What is logged."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[capture], cache_logger_on_first_use=False)
    yield capture.entries
    structlog.configure(**before)

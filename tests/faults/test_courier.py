"""``kill -9`` of a courier in mid delivery: everything is delivered at least once, each under its one id."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from soundrack.accounts import people
from soundrack.outbound.webhooks import endpoints, events
from soundrack.outbound.webhooks.events import Event
from soundrack.rack import open_rack
from soundrack.service import Service
from tests.live import SOUNDRACK, Live, until

pytestmark = pytest.mark.faults

COUNT = 40


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks, a tenth of a second each, and counts them by id."""

    daemon_threads = True

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805
                handler.rfile.read(int(handler.headers["Content-Length"]))
                time.sleep(0.1)
                self.received[handler.headers["X-BlackLab-Delivery"]] += 1
                handler.send_response(204)
                handler.end_headers()

            def log_message(handler, *_: object) -> None:  # noqa: N805
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    installation = Live(tmp_path / "data", outbound_allow="127.0.0.1", outbound_webhook_s=3.0)
    yield installation
    installation.kill_everything()


def send(live: Live, receiver: Receiver, count: int = COUNT) -> None:
    """Have so many events told to the receiver."""
    with open_rack(live.settings) as rack, rack.database.write() as connection:
        account = people.create(connection, "someone@example.com")
        endpoints.add(connection, rack.outbound, account.id, Service.BLACKLAB, receiver.url, documented=["credits.low"])
        for _ in range(count):
            data = {"balance": 3, "threshold": 5}
            events.record(connection, Event.CREDITS_LOW, account.id, Service.BLACKLAB, data=data)


def delivered(live: Live, count: int = COUNT) -> set[str]:
    """Wait until everything is delivered and nothing is held, and return the ids."""
    sql = "SELECT status, claimed_by, count(*) FROM webhook_deliveries GROUP BY status, claimed_by"
    until(lambda: live.query(sql) == [("delivered", None, count)], 120)
    return {delivery_id for (delivery_id,) in live.query("SELECT id FROM webhook_deliveries")}


def test_a_courier_killed_in_mid_delivery_loses_nothing(live: Live, receiver: Receiver):
    send(live, receiver)
    first = live.start("courier")
    until(lambda: len(receiver.received) >= 4)

    first.kill()
    first.wait()
    live.start("courier")

    assert delivered(live) == set(receiver.received)
    assert max(receiver.received.values()) <= 2


def test_of_two_couriers_one_killed_the_other_does_the_rest(live: Live, receiver: Receiver):
    send(live, receiver)
    first = live.start("courier")
    live.start("courier")
    until(lambda: len(receiver.received) >= 4)

    first.kill()
    first.wait()

    assert delivered(live) == set(receiver.received)


def test_an_orderly_stop_gives_everything_back_at_once(live: Live, receiver: Receiver):
    send(live, receiver)
    courier = live.start("courier")
    until(lambda: len(receiver.received) >= 4)

    courier.send_signal(signal.SIGTERM)

    assert courier.wait(30) == 0
    assert live.query("SELECT count(*) FROM webhook_deliveries WHERE claimed_by IS NOT NULL") == [(0,)]
    live.start("courier")
    assert delivered(live) == set(receiver.received)
    assert max(receiver.received.values()) <= 2  # what was under way when it was broken off


def test_a_courier_ends_with_its_supervisor(live: Live):
    with live.log.open("ab") as log:
        courier = subprocess.Popen(
            [*SOUNDRACK, "courier", "--supervised"],
            env=os.environ | live.settings.environment(),
            stdin=subprocess.PIPE,
            stderr=log,
        )
    until(lambda: "courier ready" in live.log.read_text())
    assert courier.stdin is not None

    courier.stdin.close()

    assert courier.wait(30) == 0


def test_the_server_starts_a_courier_and_another_when_it_is_killed(live: Live, receiver: Receiver):
    live.serve()
    until(lambda: live.log.read_text().count("courier ready") == 1)
    (courier,) = (child for child in psutil.Process(live.processes[0].pid).children() if "courier" in child.cmdline())
    courier.kill()

    send(live, receiver, 3)
    assert delivered(live, 3) == set(receiver.received)
    live.stop()
    assert live.log.read_text().count("courier stopped") == 1

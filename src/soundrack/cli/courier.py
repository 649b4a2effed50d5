"""``soundrack courier``."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
import threading
from pathlib import Path

import structlog
import uvloop

from soundrack import logs
from soundrack.accounts import webhooks
from soundrack.cli import console
from soundrack.outbound.mail.postman import Postman
from soundrack.outbound.webhooks.courier import Courier
from soundrack.rack import Rack, open_rack
from soundrack.services import voices

_COLLECT_AFTER = 20_000
_MAIL_EVERY_S = 1.0
_LONGEST_TROUBLE_S = 60.0
_log = structlog.get_logger()


def run(data: Path | None, supervised: bool) -> int:
    """Deliver webhooks and mail until told to stop, or until the supervisor is gone."""
    settings = console.settings(data=data)
    logs.configure(json=settings.log_json)
    _allow_sockets()
    with open_rack(settings) as rack:
        _spare_the_collector()
        uvloop.run(_work(rack, supervised))
    return 0


async def _work(rack: Rack, supervised: bool) -> None:
    loop = asyncio.get_running_loop()
    courier = Courier(
        rack.settings,
        rack.database,
        rack.vault,
        rack.outbound,
        voices.of(rack),
        webhooks.switched_off(rack.settings),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, courier.stop)
    if supervised:
        threading.Thread(target=_stop_at_end_of_input, args=(loop, courier), daemon=True).start()
    stopping = threading.Event()
    mail = threading.Thread(target=_send_mail, args=(rack, stopping), name="postman", daemon=True)
    mail.start()
    try:
        await courier.run()
    finally:
        stopping.set()


def _send_mail(rack: Rack, stopping: threading.Event) -> None:
    """In a thread of its own, so that a mail server that is slow holds up no webhook; it ends with the process."""
    postman, pause_s = Postman(rack.settings, rack.database), _MAIL_EVERY_S
    while not stopping.wait(pause_s):
        try:
            postman.round()
            pause_s = _MAIL_EVERY_S
        except Exception:  # noqa: BLE001
            pause_s = min(2 * pause_s, _LONGEST_TROUBLE_S)
            _log.exception("mail could not be sent")


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, courier: Courier) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    loop.call_soon_threadsafe(courier.stop)


def _allow_sockets() -> None:
    """Hundreds of deliveries at once are hundreds of sockets; the usual soft limit is from the days of select(2)."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _spare_the_collector() -> None:
    """What is loaded stays: to look through it again and again takes a quarter of the time under load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)

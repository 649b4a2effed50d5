"""``soundrack serve``."""

from __future__ import annotations

import resource
import signal
import socket
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from soundrack import logs
from soundrack.cli import console
from soundrack.errors import NotConfigured
from soundrack.jobs import sandbox
from soundrack.jobs.supervisor import Supervisor
from soundrack.settings import SandboxMode, Settings

if TYPE_CHECKING:
    from soundrack.rack import Rack

_KEEP_ALIVE_S = 30
_NOT_STARTED = 3
_COURIER_AFTER_S = 3.0  # until then the processor belongs to what makes the server ready


def run(host: str | None, port: int | None, workers: int | None, data: Path | None) -> None:
    """Serve until told to stop."""
    console.load_undisturbed()
    settings = console.settings(host=host, port=port, workers=workers, data=data)
    logs.configure(json=settings.log_json)
    if settings.sandbox is SandboxMode.STRICT:
        sandbox.require_strict()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))  # to which uvicorn returns it when it is done
    worker = Supervisor(settings, "worker")
    courier = Supervisor(settings, "courier", after_s=_COURIER_AFTER_S)
    worker.start()  # loads while this process loads the rest
    courier.start()
    try:
        from soundrack.rack import open_rack  # noqa: PLC0415

        with open_rack(settings) as rack:
            _say_how_to_set_up(rack)
            listen(rack)
    finally:
        for supervisor in (courier, worker):
            supervisor.tell_to_stop()
        for supervisor in (courier, worker):
            supervisor.stop()


def listen(rack: Rack) -> None:
    """Answer HTTP on an open rack until told to stop."""
    import uvicorn  # noqa: PLC0415

    from soundrack import app  # noqa: PLC0415

    class Server(uvicorn.Server):
        """It waits at its end until every response is complete, so streams, which would go on, are ended first."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await rack.following.close()
            await super().shutdown(sockets)

    settings = rack.settings
    _check_certificate(settings)
    _open_as_many_as_may_be()
    application = app.create(rack)
    console.spare_what_is_loaded()
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whose word counts is said by the setting `trusted_proxies`
        timeout_keep_alive=_KEEP_ALIVE_S,
        server_header=False,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):  # the signal that ended it, given back when all was done
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def _open_as_many_as_may_be() -> None:
    """A connection is a descriptor, of which a process has 1,024 on most systems unless it asks for more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _check_certificate(settings: Settings) -> None:
    """Say in words what the server would say in a traceback.

    Raises
    ------
    NotConfigured
        If the certificate and its key cannot be read, or do not belong together.
    """
    if settings.tls_certificate is None:
        if settings.tls_key is not None:
            raise NotConfigured("SOUNDRACK_TLS_KEY needs SOUNDRACK_TLS_CERTIFICATE.", field="tls_key")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:  # of which errors of TLS are a kind
        reason = getattr(error, "reason", None) or error.strerror
        raise NotConfigured(
            f"SOUNDRACK_TLS_CERTIFICATE and SOUNDRACK_TLS_KEY cannot be used: {reason}.", field="tls_certificate"
        ) from None


def _say_how_to_set_up(rack: Rack) -> None:
    """The link is a secret until somebody has used it, so it is said and not logged."""
    from soundrack.accounts import registration  # noqa: PLC0415

    with rack.database.read() as connection:
        if not registration.is_set_up(connection):
            link = registration.setup_link(rack.settings, rack.secret)
            console.ERR.print("Nobody can sign in yet. Run `soundrack setup`, or open:")
            console.ERR.print(link, highlight=False, soft_wrap=True)

"""A running n8n with our flows in it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2

from tests.live import free_port, until
from tests.templates.n8n import installation

_START_WITHIN_S = 180.0
_QUIET = (
    "N8N_DIAGNOSTICS_ENABLED",
    "N8N_VERSION_NOTIFICATIONS_ENABLED",
    "N8N_TEMPLATES_ENABLED",
    "N8N_PERSONALIZATION_ENABLED",
    "N8N_HIRING_BANNER_ENABLED",
    "N8N_COMMUNITY_PACKAGES_ENABLED",
)


class N8n:
    """One n8n on loopback, which reaches other hosts by a proxy alone."""

    def __init__(self, folder: Path, proxy_url: str, certificate: Path, *, called_back: bool = True) -> None:
        """`called_back` false: it tells an address at which nobody is, as one whose own address was not set does."""
        self._folder = folder
        self.log = folder / "n8n.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **os.environ,
            "PATH": installation.path(),
            "N8N_USER_FOLDER": str(folder),
            "DB_TYPE": "sqlite",
            "N8N_ENCRYPTION_KEY": "for this run alone",
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_HOST": "127.0.0.1",
            "N8N_PORT": str(self.port),
            "N8N_PROTOCOL": "http",
            "WEBHOOK_URL": f"{self.url if called_back else f'http://127.0.0.1:{free_port()}'}/",
            "N8N_SECURE_COOKIE": "false",
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
            **dict.fromkeys(_QUIET, "false"),
            # it asks the vendor at each start
            "N8N_DISABLED_MODULES": "mcp-registry",
            "N8N_INSTANCE_OWNER_MANAGED_BY_ENV": "true",
            "N8N_INSTANCE_OWNER_EMAIL": "owner@example.com",
            "N8N_INSTANCE_OWNER_FIRST_NAME": "Ann",
            "N8N_INSTANCE_OWNER_LAST_NAME": "Owner",
            "N8N_INSTANCE_OWNER_PASSWORD_HASH": installation.digest("three grey herons"),
            "HTTPS_PROXY": proxy_url,
            "HTTP_PROXY": proxy_url,
            "NO_PROXY": "127.0.0.1,localhost",
            "NODE_EXTRA_CA_CERTS": str(certificate),
        }

    def take(self, flows: Mapping[str, Mapping[str, Any]], credentials: Sequence[Mapping[str, Any]]) -> None:
        """Import flows, by the names of their files, and credentials."""
        folder = self._folder / "flows"
        folder.mkdir()
        for name, flow in flows.items():
            (folder / name).write_text(json.dumps(flow), encoding="utf-8")
        (self._folder / "credentials.json").write_text(json.dumps(list(credentials)), encoding="utf-8")
        self._run("import:credentials", f"--input={self._folder / 'credentials.json'}")
        self._run("import:workflow", "--separate", f"--input={folder}")

    def flows(self) -> dict[str, str]:
        """Return the ids of the flows that it has, by their names."""
        return {name: flow_id for flow_id, name in self._query("SELECT id, name FROM workflow_entity")}

    def publish(self, names: Sequence[str]) -> None:
        """Have flows run, once it is started."""
        ids = self.flows()
        for name in names:
            self._run("publish:workflow", f"--id={ids[name]}")

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = process = subprocess.Popen(
                [installation.PROGRAM, "start"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def ready() -> bool:
            assert process.poll() is None, self.log.read_text()[-3000:]
            try:
                return httpx2.get(f"{self.url}/healthz/readiness").status_code == 200
            except httpx2.TransportError:
                return False

        until(ready, _START_WITHIN_S)

    def stop(self) -> None:
        """Stop it and all that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def executions(self, flow: str) -> list[tuple[int, str]]:
        """Return the executions of a flow, by its name: number and status."""
        return [
            (number, status)
            for number, status in self._query(
                "SELECT e.id, e.status FROM execution_entity e JOIN workflow_entity w ON w.id = e.workflowId "
                "WHERE w.name = ? ORDER BY e.id",
                flow,
            )
        ]

    def told(self, execution: int) -> str:
        """Return all that an execution kept, for the eyes of whoever reads a failed test."""
        return str(self._query("SELECT data FROM execution_data WHERE executionId = ?", execution)[0][0])

    def _query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._folder / ".n8n" / "database.sqlite", timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [installation.PROGRAM, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)

"""What an operator can set, each by an environment variable ``SOUNDRACK_<NAME>`` or an option of the command."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_data() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "soundrack"


class SandboxMode(StrEnum):
    """How a job's process is confined."""

    STRICT = "strict"
    """Limits, no network, no new programs, no file outside its own folder. Needs Linux 5.13 or newer with Landlock."""
    LIMITS = "limits"
    """Memory, CPU, file-size and wall-clock limits only: for machines without Landlock whose users are all trusted."""


class SignUp(StrEnum):
    """Who may make an account."""

    CLOSED = "closed"
    """Nobody but an administrator, on the command line."""
    INVITE = "invite"
    """Whoever holds an invitation."""
    OPEN = "open"
    """Anybody with a mail address."""


class SmtpSecurity(StrEnum):
    """How mail is handed over."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class StemsMode(StrEnum):
    """Whether SignalKey separates stems, which takes much longer than all else that it finds."""

    AUTO = "auto"
    """Where the separator is installed."""
    NEVER = "never"


class Settings(BaseSettings):
    """One running Soundrack. The field descriptions are printed in ``docs/operations.md``."""

    model_config = SettingsConfigDict(env_prefix="SOUNDRACK_", extra="forbid", frozen=True)

    data: Path = Field(default_factory=_default_data, description="Folder of the database, objects and secret.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8600, ge=1, le=65535, description="Port to listen on.")
    public_url: str = Field(
        default="", description="URL by which clients reach the server; `http://host:port`, or `https`, if empty."
    )
    database_url: str = Field(default="", description="SQLAlchemy URL; a SQLite file in the data folder if empty.")
    secret: SecretStr | None = Field(
        default=None, description="Root secret of links and keys; kept in `data/secret` if not given."
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=256, description="Jobs that run at once in one worker."
    )

    sandbox: SandboxMode = Field(default=SandboxMode.STRICT, description="`strict` or `limits`.")
    job_memory_mb: int = Field(default=2048, ge=256, description="Memory that a job may take, in MiB.")
    job_cpu_s: int = Field(default=600, ge=5, description="Processor seconds that a job may take.")
    job_wall_s: int = Field(default=900, ge=5, description="Seconds that a job may take by the clock.")
    job_file_mb: int = Field(default=2048, ge=16, description="Size of a file that a job may write, in MiB.")
    job_lease_s: float = Field(
        default=15.0, ge=1.0, description="A job whose worker is silent this long is given away."
    )
    job_max_losses: int = Field(default=3, ge=1, description="Workers that a job may take down before it is failed.")

    upload_link_s: int = Field(default=1800, ge=60, description="Life of an upload link, in seconds.")
    output_link_s: int = Field(default=86400, ge=60, description="Life of a download link, in seconds.")
    upload_s: float = Field(
        default=600.0,
        gt=0,
        description="Longest time that a file sent with its request may take to arrive, in seconds.",
    )
    upload_silence_s: float = Field(
        default=30.0, gt=0, description="Longest time in which nothing more of such a request arrives, in seconds."
    )
    input_retention_h: int = Field(default=24, ge=1, description="Hours until an upload that no job used is deleted.")
    output_retention_days: int = Field(default=30, ge=1, description="Days until a result is deleted.")

    outbound_allow: str = Field(
        default="",
        description="Hosts and networks that callers' URLs may reach although they are not public, "
        "each with a port or with all: `minio.lan, 127.0.0.1:5678, fd00::/8`.",
    )
    outbound_forbid: str = Field(
        default="", description="Networks that callers' URLs may not reach although they are public."
    )
    outbound_ports: str = Field(
        default="80,443,1024-65535",
        description="Ports that callers' URLs may name; those of other protocols that browsers refuse are refused too.",
    )
    outbound_https_only: bool = Field(default=False, description="Refuse callers' URLs that are not `https`.")
    egress_proxy: SecretStr = Field(
        default=SecretStr(""), description="URL of a forward proxy for all requests to callers' URLs."
    )
    outbound_connect_s: float = Field(
        default=5.0, gt=0, description="Longest time to resolve and connect to a caller's URL, in seconds."
    )
    outbound_first_byte_s: float = Field(
        default=20.0, gt=0, description="Longest silence of a caller's server, in seconds."
    )
    outbound_fetch_s: float = Field(
        default=300.0, gt=0, description="Longest time to fetch a caller's URL, redirects included, in seconds."
    )
    outbound_webhook_s: float = Field(
        default=10.0, gt=0, description="Longest time for one attempt to deliver a webhook, in seconds."
    )

    plans: Path | None = Field(
        default=None, description="File of plans and their limits; the documented ones if not given."
    )
    redis_url: SecretStr = Field(
        default=SecretStr(""), description="Redis or Valkey that counts requests; the database if empty."
    )
    trusted_proxies: str = Field(
        default="",
        description="Networks of reverse proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` "
        "are believed: `127.0.0.1, 10.0.0.0/8`.",
    )
    hosts: str = Field(
        default="",
        description="Hosts that each are one service, with no prefix: "
        "`api.blacklab.studio=blacklab, sandbox.api.blacklab.studio=blacklab-sandbox`.",
    )
    require_https: bool = Field(default=False, description="Refuse requests by plain HTTP.")
    tls_certificate: Path | None = Field(
        default=None, description="File of the certificate, with its chain, to serve HTTPS without a proxy."
    )
    tls_key: Path | None = Field(
        default=None, description="File of the certificate's key, if it is not in the same file."
    )
    sign_up: SignUp = Field(default=SignUp.CLOSED, description="Who may make an account: `closed`, `invite` or `open`.")
    sign_in_days: int = Field(default=14, ge=1, description="Days until a browser must sign in again.")
    idempotency_h: int = Field(default=24, ge=1, description="Hours for which an idempotency key is remembered.")

    smtp_host: str = Field(default="", description="Mail server; without one, mail goes to `data/mail`.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: SmtpSecurity = Field(
        default=SmtpSecurity.STARTTLS, description="`starttls`, `tls` or `none` to the mail server."
    )
    smtp_user: str = Field(default="", description="Name to give to the mail server, if it asks for one.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password to give to the mail server.")
    mail_from: str = Field(default="Soundrack <soundrack@localhost>", description="Sender of mail.")

    engines_off: str = Field(
        default="",
        description="Services whose engine is switched off, so that nothing new is accepted: `signalkey`.",
    )
    signalkey_stems: StemsMode = Field(
        default=StemsMode.AUTO,
        description="`auto` separates and links a song's stems where the separator is installed; `never` does not.",
    )

    webhook_disable_h: int = Field(
        default=120, ge=1, description="Hours of failure without a success after which a webhook is switched off."
    )
    webhook_retention_days: int = Field(default=30, ge=1, description="Days for which webhook deliveries are kept.")
    leak_alert_keys: Path | None = Field(
        default=None,
        description="File of the public keys that sign alerts of leaked keys, as partners publish them; "
        "without it alerts are not taken.",
    )
    leak_revokes: bool = Field(default=False, description="Revoke a key as soon as a signed alert says it has leaked.")
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token that `/metrics` asks for; without one it answers callers on loopback only.",
    )

    log_json: bool = Field(default=False, description="Write logs as JSON lines.")

    @model_validator(mode="after")
    def _derive(self) -> Self:
        fill = {
            "data": self.data.expanduser().absolute(),
            "public_url": (self.public_url or f"{self.scheme}://{_host_in_url(self.host)}:{self.port}").rstrip("/"),
            "database_url": self.database_url or f"sqlite:///{self.data.expanduser().absolute() / 'soundrack.db'}",
        }
        for name, value in fill.items():
            object.__setattr__(self, name, value)  # frozen to everybody else
        return self

    def environment(self) -> dict[str, str]:
        """Return the variables by which another process of ours gets the same settings."""
        given = self.model_dump(mode="json", exclude_none=True)
        for name, value in self:
            if isinstance(value, SecretStr):
                given[name] = value.get_secret_value()
        return {f"SOUNDRACK_{name.upper()}": str(value) for name, value in given.items()}

    @property
    def scheme(self) -> str:
        """What the HTTP server itself speaks."""
        return "https" if self.tls_certificate else "http"

    @property
    def objects(self) -> Path:
        """Folder of the local object store."""
        return self.data / "objects"

    @property
    def mail(self) -> Path:
        """Folder of mail that no server takes."""
        return self.data / "mail"

    @property
    def scratch(self) -> Path:
        """Folder in which running jobs keep their files."""
        return self.data / "scratch"


def _host_in_url(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104  every address is not an address that a client can call
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host

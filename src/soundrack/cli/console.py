"""What commands show: one console, one way to draw progress."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from soundrack import progress as progress_
from soundrack.errors import Invalid
from soundrack.settings import Settings

_COLLECT_AFTER = 20_000
OUT = Console()
ERR = Console(stderr=True)


def settings(**options: Any) -> Settings:
    """Return the settings of the environment with the options that were given.

    Raises
    ------
    Invalid
        If a value cannot be accepted.
    """
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(str(part) for part in fault["loc"])
        raise Invalid(f"Setting {name}: {fault['msg']}.", field=name) from None


def load_undisturbed() -> None:
    """Collect no garbage while a long-running process loads: there is none, and looking for it takes a fifth."""
    gc.disable()


def spare_what_is_loaded() -> None:
    """What is loaded stays: to look through it again and again takes time from the work, and pauses it."""
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    gc.enable()


def bars() -> Progress:
    """Return a progress display on standard error; it stays silent where nobody watches."""
    return Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=ERR,
        disable=not ERR.is_terminal,
    )


@contextmanager
def engine_progress(path: Path) -> Generator[progress_.Progress]:
    """Draw an engine's progress on a file as one bar that names the stage at work."""
    with bars() as shown:
        name = escape(path.name)
        task = shown.add_task(name, total=1.0)
        yield lambda stage, fraction: shown.update(task, description=f"{name}: {stage}", completed=fraction)

"""What a forked child does: go behind the walls, run one engine, tell how it went, and end."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from dataclasses import asdict
from typing import Any

from soundrack.errors import Internal, ResourcesExhausted, SoundrackError
from soundrack.jobs import kinds, sandbox
from soundrack.jobs.task import INPUTS, OUTPUTS, Task


def live(task: Task, events: int) -> None:
    """Do a task and write its events, a JSON object a line, to a file descriptor. Never raises.

    Events are ``{"stage", "progress"}`` as the work goes on, and last either ``{"outputs", "result", "report",
    "work_s", "cpu_s", "engine_s", "memory_mb"}`` or ``{"error": {"kind", "message"}}``.
    """
    try:
        sandbox.enter(task.folder, task.allowance)
        _tell(events, _run(task, events))
    except SoundrackError as error:
        _tell_error(events, error)
    except MemoryError:
        _tell_error(events, ResourcesExhausted("The work needs more memory than a job may have."))
    except OSError as error:
        _tell_error(events, _of_system(error))
    except BaseException:  # noqa: BLE001  whatever it was, the job must hear of it
        _complain()
        _tell_error(events, Internal("The work stopped on an unexpected error."))


def _run(task: Task, events: int) -> dict[str, Any]:
    work = kinds.Work(
        job_id=task.job_id,
        inputs={path.name: path for path in (task.folder / INPUTS).iterdir()},
        outputs=task.folder / OUTPUTS,
        parameters=task.parameters,
        memory_bytes=task.allowance.memory_bytes,
    )
    began = time.perf_counter()
    product = kinds.RUNS[task.kind](
        work, lambda stage, progress: _tell(events, {"stage": stage, "progress": round(progress, 4)})
    )
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "outputs": {name: asdict(made) for name, made in product.outputs.items()},
        "result": product.result,
        "report": product.report,
        "work_s": product.work_s,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "engine_s": time.perf_counter() - began,
        "memory_mb": round(usage.ru_maxrss / 1024),
    }


def _of_system(error: OSError) -> SoundrackError:
    if error.errno in _EXHAUSTED:
        return ResourcesExhausted(f"The work ran into a limit: {_EXHAUSTED[error.errno]}.")
    _complain()
    return Internal("The work stopped on an error of the operating system.")


_EXHAUSTED = {
    12: "memory",
    24: "open files",
    27: "the size of a file",
    28: "the space on the disk",
}
"""ENOMEM, EMFILE, EFBIG, ENOSPC."""


def _tell(events: int, event: dict[str, Any]) -> None:
    message = json.dumps(event, allow_nan=False).encode() + b"\n"
    while message:
        message = message[os.write(events, message) :]


def _tell_error(events: int, error: SoundrackError) -> None:
    _tell(events, {"error": {"kind": error.kind, "message": str(error)}})


def _complain() -> None:
    traceback.print_exc(file=sys.stderr)

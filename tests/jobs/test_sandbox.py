"""The walls around a job, tried from inside by ``confined.py`` in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from soundrack.jobs import sandbox, syscalls

pytestmark = pytest.mark.skipif(
    bool(sandbox.shortcomings()), reason="this kernel cannot confine: see `soundrack doctor`"
)
CONFINED = Path(__file__).with_name("confined.py")


def attempt(folder: Path, experiment: str) -> tuple[str, int]:
    box = folder / "box"
    box.mkdir()
    (folder / "neighbour").write_text("a neighbour's file")
    ran = subprocess.run(
        [sys.executable, str(CONFINED), str(box), experiment], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip(), ran.returncode


@pytest.mark.parametrize(
    ("experiment", "said"), [("write_own_file", "done xxx"), ("use_memory_within_limit", "done 64")]
)
def test_what_work_needs_is_possible(tmp_path: Path, experiment: str, said: str):
    assert attempt(tmp_path, experiment) == (said, 0)


@pytest.mark.parametrize(
    "experiment",
    [
        "open_socket",
        "open_unix_socket",
        "resolve_name",
        "run_program",
        "exec_program",
        "fork",
        "start_thread",
        "read_neighbour",
        "read_passwords",
        "read_parent_environment",
        "list_root",
        "write_beside",
        "link_out",
        "kill_parent",
        "signal_parent_thread",
        "take_too_much_memory",
        "write_too_much",
        "raise_limit",
        "become_another_user",
    ],
)
def test_what_work_does_not_need_is_refused(tmp_path: Path, experiment: str):
    said, code = attempt(tmp_path, experiment)

    assert said.startswith("refused")
    assert code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box", "neighbour"]


def test_a_loop_without_end_is_ended_by_the_kernel(tmp_path: Path):
    said, code = attempt(tmp_path, "loop_for_ever")

    assert said == ""
    assert -code in {signal.SIGXCPU, signal.SIGKILL}


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_the_filter_names_every_denied_call_that_an_architecture_has(machine: str):
    architecture = syscalls.ARCHITECTURES[machine]
    program = sandbox.seccomp_program(architecture, pid=1)
    compared = {
        int.from_bytes(program[at + 4 : at + 8], "little")
        for at in range(0, len(program), 8)
        if program[at : at + 2] == b"\x15\x00"
    }

    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096
    assert {architecture.numbers[name] for name in syscalls.DENIED if name in architecture.numbers} <= compared


def test_the_two_architectures_differ_only_in_calls_that_one_of_them_lacks():
    lacking = {name for name in syscalls.DENIED if name not in syscalls.ARCHITECTURES["aarch64"].numbers}

    assert lacking == {"fork", "vfork", "inotify_init", "mknod", "iopl", "ioperm"}
    assert set(syscalls.DENIED) <= set(syscalls.ARCHITECTURES["x86_64"].numbers)

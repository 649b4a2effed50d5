"""``python confined.py FOLDER EXPERIMENT`` runs one experiment behind the walls of a job and prints what came of it."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from soundrack.jobs.sandbox import Allowance, enter

MIB = 2**20
ALLOWANCE = Allowance(memory_bytes=256 * MIB, cpu_s=5, file_bytes=4 * MIB, strict=True)


def write_own_file() -> str:
    Path("sub").mkdir()
    Path("sub/output").write_bytes(b"x" * MIB)
    Path("sub/output").rename("sub/renamed")
    return Path("sub/renamed").read_bytes()[:3].decode()


def use_memory_within_limit() -> str:
    return str(len(bytearray(64 * MIB)) // MIB)


def open_socket() -> None:
    socket.socket()


def open_unix_socket() -> None:
    socket.socket(socket.AF_UNIX)


def resolve_name() -> None:
    socket.getaddrinfo("localhost", 80)


def run_program() -> None:
    subprocess.run(["/bin/true"], check=True)


def exec_program() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606


def fork() -> None:
    os.fork()


def start_thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def read_neighbour() -> str:
    return Path("../neighbour").read_text()


def read_passwords() -> str:
    return Path("/etc/passwd").read_text()


def read_parent_environment() -> bytes:
    return Path(f"/proc/{os.getppid()}/environ").read_bytes()


def list_root() -> list[Path]:
    return list(Path("/").iterdir())


def write_beside() -> None:
    Path("../planted").write_text("x")


def link_out() -> str:
    Path("link").symlink_to("/etc/passwd")
    return Path("link").read_text()


def kill_parent() -> None:
    os.kill(os.getppid(), 0)


def signal_parent_thread() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(234 if os.uname().machine == "x86_64" else 131, os.getppid(), os.getppid(), 0) != 0:
        raise OSError(ctypes.get_errno(), "tgkill")


def take_too_much_memory() -> None:
    mmap.mmap(-1, 512 * MIB)


def write_too_much() -> None:
    Path("large").write_bytes(b"x" * (8 * MIB))


def raise_limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**30, 2**30))


def become_another_user() -> None:
    os.setuid(65534)
    os.setuid(0)


def loop_for_ever() -> None:
    while True:
        pass


EXPERIMENTS: dict[str, Callable[[], object]] = {
    name: thing
    for name, thing in list(globals().items())
    if callable(thing) and getattr(thing, "__module__", "") == "__main__"
}

if __name__ == "__main__":
    enter(Path(sys.argv[1]), ALLOWANCE)
    try:
        print("done", EXPERIMENTS[sys.argv[2]]())
    except (OSError, RuntimeError, MemoryError, ValueError) as error:
        print("refused", type(error).__name__)

"""The walls around a job: what a process that reads strangers' files may not do.

`enter` is called once, by the child, after everything that it needs is loaded. It cannot be undone. In order:

1. it dies with its parent, gains no privileges, gives up its capabilities and dumps no core;
2. limits on memory, processor time, file size and open files (``setrlimit``);
3. files: its own folder to write, the Python installation to read, nothing else (Landlock);
4. no network, no new program, no new process or thread, no kernel interface that a job has no use for (seccomp).

Nobody maintains permissively licensed bindings to Landlock and seccomp, and both are a page of constants:
``docs/decisions/0004-own-sandbox.md``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundrack.errors import NotConfigured
from soundrack.jobs import syscalls

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


@dataclass(frozen=True)
class Allowance:
    """What one job may use."""

    memory_bytes: int
    """On top of what the warm parent holds already."""
    cpu_s: int
    file_bytes: int
    strict: bool
    """Whether files, network and system calls are confined, or only the amounts above."""
    open_files: int = 64


def require_strict() -> None:
    """Check that this machine can confine a job strictly.

    Raises
    ------
    NotConfigured
        If it cannot, naming what is missing.
    """
    missing = shortcomings()
    if missing:
        raise NotConfigured(
            f"This machine cannot confine a job: {'; '.join(missing)}. "
            "Where every user is trusted, SOUNDRACK_SANDBOX=limits does without.",
            field="sandbox",
        )


def shortcomings() -> list[str]:
    """Return what this machine lacks for strict confinement, in words; empty if nothing."""
    if sys.platform != "linux":
        return [f"{sys.platform} has neither Landlock nor seccomp"]
    missing = []
    if platform.machine() not in syscalls.ARCHITECTURES:
        missing.append(f"no system call table for {platform.machine()}")
    elif _landlock_abi() < 1:
        missing.append("the kernel has no Landlock (Linux 5.13 or newer with it enabled)")
    return missing


def enter(folder: Path, allowance: Allowance) -> None:
    """Confine the calling process for the rest of its life.

    Parameters
    ----------
    folder : Path
        The one folder in which it may write.
    allowance : Allowance
        Its limits; unless strict, steps 3 and 4 are left out.

    Raises
    ------
    OSError
        If the kernel refuses a step.
    """
    end_with_parent()
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _limit(allowance)
    os.chdir(folder)
    if allowance.strict:
        _restrict_files(writable=folder, readable=_python_folders())
        _drop_capabilities()
        _restrict_system_calls()


def end_with_parent() -> None:
    """Have the calling process killed when the one that forked it ends, where the system can."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: Any, third: Any = 0) -> None:
    if _libc.prctl(option, value, third, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} refused")


def _limit(allowance: Allowance) -> None:
    held = _address_space_bytes()
    for limit, most in (
        (resource.RLIMIT_AS, held + allowance.memory_bytes),
        (resource.RLIMIT_CPU, _cpu_s_used() + allowance.cpu_s),
        (resource.RLIMIT_FSIZE, allowance.file_bytes),
        (resource.RLIMIT_NOFILE, allowance.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _address_space_bytes() -> int:
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _cpu_s_used() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return int(usage.ru_utime + usage.ru_stime) + 1


def _python_folders() -> list[Path]:
    """Return where Python reads a module or a shared library from, should an engine still need one."""
    package = Path(__file__).resolve().parents[1]
    found = [
        Path(sys.prefix),
        Path(sys.base_prefix),
        package,
        Path("/usr/lib"),
        Path("/lib"),
        Path("/usr/share/zoneinfo"),
    ]
    return [path for path in found if path.exists()]


# --- files: Landlock (linux/landlock.h) ---------------------------------------------------------------------------

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIR
_WRITE_BY_ABI = {
    1: (1 << 1) | sum(1 << bit for bit in range(4, 13)),  # write, remove and make entries of every kind
    2: 1 << 13,  # refer
    3: 1 << 14,  # truncate
    5: 1 << 15,  # device ioctl
}
_EXECUTE = 1 << 0
_FOLDER_RIGHTS = _READ | (1 << 1) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8) | (1 << 14)
"""Read, write, truncate; make and remove regular files and folders."""
_NET_TCP = 0b11
_SCOPE_ALL = 0b11


def _landlock_abi() -> int:
    return max(0, int(_libc.syscall(syscalls.LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def _restrict_files(*, writable: Path, readable: Iterable[Path]) -> None:
    abi = _landlock_abi()
    handled = _EXECUTE | _READ
    for since, rights in _WRITE_BY_ABI.items():
        handled |= rights if abi >= since else 0
    fields = [handled, _NET_TCP if abi >= 4 else 0, _SCOPE_ALL if abi >= 6 else 0]
    attributes = struct.pack("=3Q", *fields)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _call(syscalls.LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    for path in readable:
        _allow_beneath(ruleset, path, _READ & handled)
    _allow_beneath(ruleset, writable, _FOLDER_RIGHTS & handled)
    _call(syscalls.LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow_beneath(ruleset: int, path: Path, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        _call(syscalls.LANDLOCK_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, folder), 0)
    finally:
        os.close(folder)


def _call(number: int, *arguments: Any) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} refused")
    return result


# --- privileges: capabilities (linux/capability.h) ----------------------------------------------------------------

_CAPABILITY_VERSION_3 = 0x20080522


def _drop_capabilities() -> None:
    if _libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset refused")


# --- system calls: seccomp (linux/seccomp.h, linux/filter.h) ------------------------------------------------------

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERRNO = 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _restrict_system_calls() -> None:
    code = seccomp_program(syscalls.ARCHITECTURES[platform.machine()], os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))


def seccomp_program(architecture: syscalls.Architecture, pid: int) -> bytes:
    """Return the filter as BPF instructions of 8 bytes each.

    Another architecture's calls kill the process; `syscalls.DENIED` answer EPERM and ``clone3`` ENOSYS (so that libc
    falls back to ``clone``, which is denied); ``tgkill`` reaches the process itself alone; all else is allowed.
    """
    out = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_JUMP_EQUAL, architecture.audit, when_true=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    if architecture.foreign_from is not None:
        out += [_instruction(_JUMP_AT_LEAST, architecture.foreign_from, when_false=1), _instruction(_RETURN, _KILL)]
    for name in syscalls.DENIED:
        if (number := architecture.numbers.get(name)) is not None:
            out += [_instruction(_JUMP_EQUAL, number, when_false=1), _instruction(_RETURN, _ERRNO | _EPERM)]
    out += [
        _instruction(_JUMP_EQUAL, architecture.numbers["clone3"], when_false=1),
        _instruction(_RETURN, _ERRNO | _ENOSYS),
        _instruction(_JUMP_EQUAL, architecture.numbers["tgkill"], when_false=3),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_JUMP_EQUAL, pid, when_true=1),
        _instruction(_RETURN, _ERRNO | _EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(out)


def _instruction(code: int, value: int, *, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)

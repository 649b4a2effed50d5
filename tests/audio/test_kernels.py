from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from soundrack.audio import kernels

SOURCES = [path for path in sorted(kernels._PACKAGE.rglob("*.py")) if kernels._MARK in path.read_bytes()]
USE_ONE = """
import numpy as np
from soundrack.audio import gain, kernels
print(kernels.kernels_compiled())
gain.under_gain(np.ones((1, 1), dtype=np.float32), 0, np.ones(2, dtype=np.float32))
print(kernels.kernels_compiled())
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | environment
    )


def test_the_engines_start_without_the_slow_parts_of_scipy() -> None:
    slow = run(
        "import sys, soundrack.jobs.kinds\n"
        "print([name for name in ('scipy.signal', 'scipy.ndimage', 'scipy.stats') if name in sys.modules])"
    )
    assert slow.stdout.strip() == "[]"


def test_the_first_use_says_that_it_compiles_and_the_second_is_silent(tmp_path: Path) -> None:
    first = run(USE_ONE, NUMBA_CACHE_DIR=str(tmp_path))
    assert first.stdout.split() == ["False", "True"]
    assert first.stderr.count("Compiling") == 1
    second = run(USE_ONE, NUMBA_CACHE_DIR=str(tmp_path))
    assert second.stdout.split() == ["True", "True"]
    assert not second.stderr


def test_kernels_of_another_text_are_removed_when_nobody_has_used_them_for_a_month(tmp_path: Path) -> None:
    folder = tmp_path / "soundrack" / "kernels"
    stale, recent = folder / "0123456789abcdef", folder / "fedcba9876543210"
    for other in (stale, recent):
        other.mkdir(parents=True)
        (other / "gain._apply-1.py311.nbi").write_bytes(b"")
    month_ago = time.time() - 31 * 86400.0
    os.utime(stale, (month_ago, month_ago))
    run("import soundrack.audio.gain", NUMBA_CACHE_DIR=str(tmp_path))
    assert {path.name for path in folder.iterdir()} == {recent.name, kernels._text_hash("audio")}


def test_where_nothing_can_be_kept_kernels_work_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "soundrack").write_text("a file where the folder should be")
    done = run(USE_ONE, NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["False", "False"]
    assert "cannot be kept" in done.stderr


def test_the_hash_follows_each_file_with_kernels_up_to_its_floor_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("audio/a.py", "mastering/b.py", "analysis/c.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(kernels._MARK)
    (tmp_path / "audio" / "plain.py").write_bytes(b"pass")
    monkeypatch.setattr(kernels, "_PACKAGE", tmp_path)

    def changed_by(name: str) -> set[str]:
        before = {floor: kernels._text_hash(floor) for floor in kernels._FLOORS}
        with (tmp_path / name).open("ab") as file:
            file.write(b"# changed")
        return {floor for floor in kernels._FLOORS if kernels._text_hash(floor) != before[floor]}

    assert len({kernels._text_hash(floor) for floor in kernels._FLOORS}) == len(kernels._FLOORS)
    assert changed_by("audio/plain.py") == set()
    assert changed_by("audio/a.py") == {"audio", "mastering", "analysis", "composition"}
    assert changed_by("mastering/b.py") == {"mastering", "analysis", "composition"}
    assert changed_by("analysis/c.py") == {"analysis", "composition"}


def test_every_kernel_of_the_house_stands_on_a_known_floor() -> None:
    assert {path.relative_to(kernels._PACKAGE).parts[0] for path in SOURCES} <= set(kernels._FLOORS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_kernels_take_their_constants_from_files_that_the_hash_covers(path: Path) -> None:
    """A constant is compiled in: where it comes from a file without kernels, a change there would go unnoticed."""
    tree = ast.parse(path.read_text())
    used_in_kernels = {
        node.id
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and any(ast.unparse(d) == "kernel" for d in function.decorator_list)
        for node in ast.walk(ast.Module(function.body, []))
        if isinstance(node, ast.Name)
    }
    covered = {
        ".".join(("soundrack", *source.relative_to(kernels._PACKAGE).with_suffix("").parts)) for source in SOURCES
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("soundrack."):
            borrowed = used_in_kernels & {alias.name for alias in node.names}
            assert not borrowed or node.module in covered, f"{borrowed} from {node.module}"


def test_numbas_own_settings_are_left_alone(tmp_path: Path) -> None:
    told = run("from soundrack.audio import gain\nfrom numba.core import config\nprint(config.CACHE_DIR)")
    assert told.stdout.strip() == os.environ.get("NUMBA_CACHE_DIR", "")

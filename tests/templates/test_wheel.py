"""What is installed has the flows."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from templates.source.files import files

ROOT = Path(__file__).parents[2]


def test_a_wheel_has_every_flow_as_a_file(tmp_path: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (made,) = tmp_path.glob("*.whl")

    with zipfile.ZipFile(made) as wheel:
        held = {
            Path(name).name: wheel.read(name).decode()
            for name in wheel.namelist()
            if name.startswith("soundrack/dashboard/flows/")
        }

    assert held == files()

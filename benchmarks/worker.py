"""``python -m benchmarks.worker SOURCE DESTINATION LUFS DBTP TIER [REFERENCE]``: a master as a warm worker makes it.

Everything is compiled and run once before; what the call alone then takes is printed as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from soundrack.mastering import Format, Order, Tier, master, warm


def main(
    source: str, destination: str, target_lufs: str, ceiling_db: str, tier: str, reference: str | None = None
) -> None:
    warm()
    form = Format(Path(destination).suffix.removeprefix("."))
    order = Order(target_lufs=float(target_lufs), ceiling_db=float(ceiling_db), format=form, tier=Tier(tier))
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    report = master(Path(source), Path(destination), order, reference=None if reference is None else Path(reference))
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    print(json.dumps({"wall_s": wall_s, "cpu_s": cpu_s, "reason": report.reason}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""``python -m benchmarks.peers``: which peers can run here; ``install`` gives each Python peer its environment."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.peers import PEERS, environments, install, installed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("action", nargs="?", choices=("list", "install"), default="list")
    failed = [] if parser.parse_args().action == "list" else _install_all()
    for peer in PEERS:
        print(f"{peer.name:12}{peer.missing() or 'ready':60}{peer.in_words}")
    return 1 if failed else 0


def _install_all() -> list[str]:
    failed = []
    for name in environments():
        if not installed(name):
            print(f"installing {name} ...", flush=True)
            try:
                install(name)
            except subprocess.CalledProcessError as error:
                print(f"{name} could not be installed: {error}", file=sys.stderr)
                failed.append(name)
    return failed


if __name__ == "__main__":
    sys.exit(main())

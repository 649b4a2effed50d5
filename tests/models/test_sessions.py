"""Networks are what their cards say, are loaded once, and run on one thread in every forked process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from soundrack import models
from soundrack.errors import NotConfigured
from soundrack.models import Card, cards, shelf

SHIPPED = [card for card in cards().values() if card.shipped]


@pytest.mark.parametrize("card", SHIPPED, ids=lambda card: card.name)
def test_a_network_that_comes_along_is_the_one_on_its_card(card: Card):
    path = shelf.find(card)
    session = models.session(card.name)

    assert path is not None
    assert path.stat().st_size == card.size_bytes
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card.sha256
    for told, given in ((card.inputs, session.get_inputs()), (card.outputs, session.get_outputs())):
        named = {tensor.name: (tuple(tensor.shape), tensor.type) for tensor in given}
        optional = {tensor.name: (tensor.shape, "tensor(float)") for tensor in told if tensor.name not in named}
        assert {tensor.name: (tensor.shape, "tensor(float)") for tensor in told} == named | optional
        assert set(optional) <= {"hidden", "cell"}  # those with a default are listed apart


@pytest.mark.parametrize("card", cards().values(), ids=lambda card: card.name)
def test_every_card_is_complete_and_its_attribution_is_in_the_notice(card: Card):
    notice = " ".join((Path(__file__).parents[2] / "NOTICE").read_text().split())

    assert card.licence in {"Apache-2.0", "ISC", "MIT", "CC-BY-4.0"}
    assert card.source.package in notice
    assert len(card.sha256) == len(card.source.sha256) == 64
    assert card.source.version in card.source.file
    assert "largest difference" in card.parity


def test_a_network_is_loaded_once():
    assert models.session("beats") is models.session("beats")


def test_a_network_that_does_not_exist_is_told_with_those_that_do():
    with pytest.raises(NotConfigured, match="only beats, separator, singer, tags_msd, tags_mtt"):
        models.session("drums")


def test_a_network_that_is_not_installed_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shelf, "folders", lambda: (tmp_path,))

    assert not models.installed("separator")
    with pytest.raises(NotConfigured, match="soundrack models install separator"):
        shelf.read(cards()["separator"])


def test_a_file_that_was_changed_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    card = replace(cards()["beats"], shipped=False)
    (tmp_path / card.filename).write_bytes((shelf.find(cards()["beats"]) or tmp_path).read_bytes() + b"\0")
    monkeypatch.setattr(shelf, "folders", lambda: (tmp_path,))

    with pytest.raises(NotConfigured, match="changed since it was made"):
        shelf.read(card)


def test_a_forked_process_runs_the_networks_of_its_parent_and_no_other_thread():
    code = """
import json, os
import numpy as np
from soundrack import models

network = models.session("beats")
features = np.ones((50, 272), dtype=np.float32)
here = network.run(["probabilities"], {"features": features})[0]
ours, theirs = os.pipe()
if os.fork() == 0:
    there = network.run(["probabilities"], {"features": features})[0]
    threads = len(os.listdir("/proc/self/task"))
    os.write(theirs, json.dumps([bool(np.array_equal(here, there)), threads]).encode())
    os._exit(0)
os.wait()
print(os.read(ours, 1000).decode())
"""
    one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | one
    )

    assert json.loads(done.stdout) == [True, 1]
    assert done.stderr == ""


def test_probabilities_do_not_depend_on_what_was_run_before():
    network = models.session("beats")
    features = np.random.default_rng(1).random((40, 272), dtype=np.float32)
    first = network.run(["probabilities"], {"features": features})[0]
    network.run(["probabilities"], {"features": np.zeros((70, 272), dtype=np.float32)})

    assert np.array_equal(network.run(["probabilities"], {"features": features})[0], first)


def test_running_a_network_leaves_no_file_and_opens_no_connection(tmp_path: Path):
    """Newer versions of the library report to its maker, and queue their reports in the user's cache."""
    script = (
        "import os, psutil, numpy as np\n"
        "from soundrack import models\n"
        "models.session('beats').run(None, {'features': np.zeros((50, 272), np.float32)})\n"
        "me = psutil.Process()\n"
        "print(os.environ['ORT_DISABLE_TELEMETRY'], len(me.net_connections('all')), me.num_threads())\n"
    )
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "XDG_DATA_HOME": str(tmp_path / "data")}
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={name: value for name, value in os.environ.items() if not name.startswith("XDG_")} | home,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.split()[:2] == ["1", "0"]
    assert list(tmp_path.rglob("*")) == []

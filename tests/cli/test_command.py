"""The ``soundrack`` command."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundrack.accounts import credentials
from soundrack.billing import credits
from soundrack.rack import open_rack
from soundrack.service import Service
from soundrack.settings import Settings


def soundrack(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "soundrack", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal((96_000, 2)), 48_000)
    return path


def test_master_writes_the_file_and_the_report_that_were_asked_for(song: Path, tmp_path: Path):
    destination, report = tmp_path / "master.flac", tmp_path / "report.json"

    ran = soundrack(
        "master", song, destination, "--preset", "warm", "--lufs", "-16", "--ceiling", "-2", "--report", report
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(report.read_text())
    assert told["after"]["integrated_lufs"] == pytest.approx(-16.0, abs=0.02)
    assert told["after"]["true_peak_db"] <= -2.0
    assert told["order"]["preset"] == "warm"
    assert soundfile.info(destination).format == "FLAC"
    assert "-16.00 LUFS" in ran.stdout


def balance_of(data: Path, key: str) -> int:
    """Return what the account of a key has left."""
    with open_rack(Settings(data=data)) as rack:
        holder = asyncio.run(credentials.authenticate(rack.lookups, rack.secret, Service.BLACKLAB, key))
        with rack.database.read() as connection:
            return credits.balance(connection, holder.account_id)


def test_keys_create_makes_the_first_account_with_its_grant_and_a_key_that_works(tmp_path: Path):
    data = tmp_path / "data"

    ran = soundrack("keys", "create", "blacklab", "--label", "laptop", "--json", "--data", data)

    made = json.loads(ran.stdout)
    assert made.keys() == {"id", "service", "label", "key"}
    assert (made["service"], made["label"]) == ("blacklab", "laptop")
    assert balance_of(data, made["key"]) == credits.FIRST_GRANT


def test_a_second_account_gets_no_grant(tmp_path: Path):
    data = tmp_path / "data"
    soundrack("keys", "create", "blacklab", "--data", data)

    made = json.loads(
        soundrack("keys", "create", "blacklab", "--account", "b@example.com", "--json", "--data", data).stdout
    )

    assert balance_of(data, made["key"]) == 0


def test_keys_create_for_an_unknown_service_says_which_there_are(tmp_path: Path):
    ran = soundrack("keys", "create", "greylab", "--data", tmp_path / "data")

    assert ran.returncode == 1
    assert "blacklab" in ran.stderr


def test_doctor_finds_this_machine_fit(tmp_path: Path):
    ran = soundrack("doctor", "--json", "--data", tmp_path / "data")

    findings = json.loads(ran.stdout)
    assert [finding for finding in findings if not finding["ok"]] == []
    assert ran.returncode == 0
    assert {finding["check"] for finding in findings} >= {"Python", "sandbox", "data folder", "codecs", "kernels"}


def test_doctor_tells_of_a_folder_that_cannot_be_written():
    ran = soundrack("doctor", "--json", "--data", "/proc/soundrack")

    assert ran.returncode == 1
    assert [finding["check"] for finding in json.loads(ran.stdout) if not finding["ok"]] == ["data folder"]


def test_no_command_at_all_shows_the_commands():
    ran = soundrack()

    assert all(name in ran.stdout for name in ("serve", "worker", "master", "measure", "keys", "doctor", "demo"))

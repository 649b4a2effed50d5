"""The root secret."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from soundrack import secret
from soundrack.errors import NotConfigured
from soundrack.settings import Settings


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path):
    settings = Settings(data=tmp_path)

    first, second = secret.load(settings), secret.load(settings)

    assert first.key("links") == second.key("links")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path):
    settings = Settings(data=tmp_path)
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(secret.load(settings).key("x"))) for _ in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 16
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_purposes_have_different_keys(tmp_path: Path):
    loaded = secret.load(Settings(data=tmp_path))

    assert loaded.key("links") != loaded.key("api keys")


def test_a_short_configured_secret_is_refused(tmp_path: Path):
    with pytest.raises(NotConfigured, match="32"):
        secret.load(Settings(data=tmp_path, secret="too short"))


def test_the_secret_never_shows_in_a_representation(tmp_path: Path):
    given = "0123456789abcdef0123456789abcdef"
    settings = Settings(data=tmp_path, secret=given)

    assert given not in repr(settings) + str(settings) + repr(secret.load(settings))

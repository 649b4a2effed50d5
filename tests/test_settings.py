"""Settings and their documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundrack.settings import Settings

OPERATIONS = Path(__file__).parents[1] / "docs" / "operations.md"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_is_documented_with_its_own_words(name: str):
    page = OPERATIONS.read_text()

    assert f"`SOUNDRACK_{name.upper()}`" in page
    assert str(Settings.model_fields[name].description) in page


def test_another_process_gets_the_same_settings_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = Settings(data=tmp_path, port=9123, host="::1", secret="s" * 40, job_lease_s=2.5)

    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)

    assert Settings() == settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8600"),
        ("0.0.0.0", "http://127.0.0.1:8600"),  # noqa: S104
        ("::1", "http://[::1]:8600"),
        ("studio.example", "http://studio.example:8600"),
    ],
)
def test_the_public_url_can_be_called_by_a_client(tmp_path: Path, host: str, url: str):
    assert Settings(data=tmp_path, host=host).public_url == url


def test_a_configured_public_url_loses_its_last_slash(tmp_path: Path):
    assert Settings(data=tmp_path, public_url="https://audio.example/").public_url == "https://audio.example"

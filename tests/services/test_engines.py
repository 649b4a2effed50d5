"""The setting by which whoever runs the server switches engines off."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundrack import app
from soundrack.errors import NotConfigured
from soundrack.rack import open_rack
from soundrack.service import Service
from soundrack.services import engines
from soundrack.settings import Settings

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("text", "off"), [("", set()), (" , ", set()), (" signalkey,", {Service.SIGNALKEY})])
def test_services_are_named_between_commas(plain_settings: Settings, text: str, off: set[Service]):
    assert engines.off(plain_settings.model_copy(update={"engines_off": text})) == off


@pytest.mark.parametrize("text", ["blacklab", "signalkey audiolib", "SIGNALKEY", "analysis"])
def test_what_has_no_answer_for_it_stops_the_server_from_starting(tmp_path: Path, text: str):
    with open_rack(Settings(data=tmp_path / "data", engines_off=text)) as rack, pytest.raises(NotConfigured) as told:
        app.create(rack)

    assert told.value.field == "engines_off"
    assert "signalkey" in str(told.value)

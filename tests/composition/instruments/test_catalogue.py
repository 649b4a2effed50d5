"""The catalogue: every name that styles use is there."""

from __future__ import annotations

import pytest

from soundrack.composition.general_midi import PROGRAMS
from soundrack.composition.instruments import electronic
from soundrack.composition.instruments.catalogue import catalogue, instrument
from soundrack.composition.instruments.drums import kits
from soundrack.composition.instruments.drums.kit import Kit
from soundrack.errors import NotFound

_KITS = set(kits.INSTRUMENTS)


def test_every_electronic_instrument_and_kit_is_listed_and_has_a_program():
    assert {*electronic.INSTRUMENTS, *kits.INSTRUMENTS} <= set(catalogue())
    assert {name for name in electronic.INSTRUMENTS if name not in PROGRAMS} == set()


def test_every_entry_has_a_range_and_knows_whether_it_is_a_kit():
    for name, entry in catalogue().items():
        assert entry.is_kit == (name in _KITS)
        assert 0 <= entry.lowest < entry.highest <= 127
        assert 0 <= entry.program <= 127


def test_each_call_makes_a_new_instrument():
    kit = instrument("house_kit")
    assert isinstance(kit, Kit)
    assert kit is not instrument("house_kit")


def test_a_name_that_is_not_listed_is_told():
    with pytest.raises(NotFound, match="theremin"):
        instrument("theremin")

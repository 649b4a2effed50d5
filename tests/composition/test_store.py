"""Where sounds wait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from soundrack.composition.store import Store
from soundrack.errors import ResourcesExhausted

_SOUND = np.arange(8, dtype=np.float32).reshape(4, 2)


@pytest.mark.parametrize("light_bytes", [0, 1000])
def test_what_is_kept_comes_back_in_any_order_and_leaves_nothing(tmp_path: Path, light_bytes: int) -> None:
    store = Store(tmp_path, light_bytes)
    for factor, name in enumerate(("one", "two", "three")):
        store.keep(name, factor * _SOUND)
    assert len(list(tmp_path.iterdir())) == (0 if light_bytes else 3)
    assert store.names == ("one", "two", "three")
    for name, factor in (("three", 2), ("one", 0), ("two", 1)):
        assert np.array_equal(store.take(name), factor * _SOUND)
    assert not list(tmp_path.iterdir())


def test_without_a_folder_all_stays_in_memory() -> None:
    store = Store(None)
    store.keep("one", _SOUND)
    assert store.file("two", 10**12) is None
    assert np.array_equal(store.take("one"), _SOUND)


def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResourcesExhausted):
        Store(tmp_path / "missing").keep("one", _SOUND)

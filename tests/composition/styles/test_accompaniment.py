from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from soundrack.composition.fields import Fields
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.styles import files
from soundrack.composition.styles.accompaniment import Accompaniment, accompaniment
from soundrack.composition.styles.drums import DrumTable
from soundrack.composition.styles.figures import BassTable, ChordsTable
from soundrack.composition.styles.files import NAMES
from soundrack.composition.styles.layers import ArpeggioTable, PadTable
from soundrack.errors import Invalid, NotFound

PATTERN = {"name": "held", "steps": "x--- ---- ---- ----"}
GROOVE = {"name": "plain", "lines": [{"drum": "kick", "steps": "X... .... X... ...."}]}


@pytest.mark.parametrize("style", NAMES)
def test_every_style_has_all_tables_of_its_rhythm_section(style: str) -> None:
    made = accompaniment(style)
    assert made.drums.grooves
    assert made.chords.patterns
    assert isinstance(made, Accompaniment)


@pytest.mark.parametrize("style", NAMES)
def test_substyles_that_grooves_and_figures_are_kept_to_exist(style: str) -> None:
    made = accompaniment(style)
    known = {each.name for each in files.style(style).plan.substyles}
    kept = [each.substyles for each in (*made.drums.grooves, *made.percussion.grooves)]
    kept += [each.substyles for each in (*made.bass.patterns, *made.chords.patterns)]
    assert {name for names in kept for name in names} <= known


def test_every_drum_has_a_key_of_its_own() -> None:
    assert set(KEYS) == set(Drum)
    assert len(set(KEYS.values())) == len(KEYS)


def test_an_unknown_style_is_not_found() -> None:
    with pytest.raises(NotFound):
        accompaniment("polka")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"groves": []}, "t.groves"),
        ({"grooves": []}, "t.grooves"),
        ({"rolls": 2}, "t.rolls"),
        ({"backbeat": "five"}, "t.backbeat"),
        ({"rests": ["chrous"]}, "t.rests"),
        ({"claves": ["son 3-3"]}, "t.claves"),
        ({"fills": {"bongos": 1}}, "t.fills.bongos"),
        (
            {"grooves": [{"name": "a", "lines": [{"drum": "gong", "steps": "x..............."}]}]},
            "t.grooves.0.lines.0.drum",
        ),
        ({"grooves": [{"name": "a", "lines": [{"drum": "kick", "steps": "x..."}]}]}, "t.grooves.0.lines.0.steps"),
        (
            {"grooves": [{"name": "a", "lines": [{"drum": "kick", "steps": "y..............."}]}]},
            "t.grooves.0.lines.0.steps",
        ),
        ({"grooves": [{**GROOVE, "metre": "3/4"}]}, "t.grooves.0.lines.0.steps"),
        ({"grooves": [{**GROOVE, "labels": ["drop"]}]}, "t.grooves"),
    ],
)
def test_a_wrong_field_of_drums_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        DrumTable.read(Fields("t", {"grooves": [GROOVE], **change}))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("kind", "table", "field"),
    [
        (BassTable, {"lowest": 28, "highest": 50, "patterns": []}, "t.patterns"),
        (BassTable, {"lowest": 28, "highest": 35, "kind": "pedal"}, "t.highest"),
        (BassTable, {"lowest": 28, "highest": 50, "kind": "slapping"}, "t.kind"),
        (BassTable, {"lowest": 28, "highest": 50, "patterns": [PATTERN]}, "t.patterns.0.steps"),
        (ChordsTable, {"lowest": 50, "highest": 70, "patterns": []}, "t.patterns"),
        (ChordsTable, {"lowest": 50, "highest": 70, "patterns": [{**PATTERN, "plays": ["organ"]}]}, "t.patterns"),
        (ChordsTable, {"lowest": 50, "highest": 70, "spread": "wide", "patterns": [PATTERN]}, "t.spread"),
        (PadTable, {"lowest": 50, "highest": 70, "voices": 9}, "t.voices"),
        (ArpeggioTable, {"lowest": 50, "highest": 70, "steps": ["...."]}, "t.steps"),
        (ArpeggioTable, {"lowest": 50, "highest": 70, "steps": ["x"], "order": ["sideways"]}, "t.order"),
    ],
)
def test_a_wrong_field_of_a_player_is_named(kind: Any, table: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        kind.read(Fields("t", table))
    assert refused.value.field == field


def test_the_documented_groove_can_be_read() -> None:
    page = Path(__file__, "../../../../docs/arranging.md").resolve().read_text(encoding="utf-8")
    example = page.split("```toml\n", 1)[1].split("```", 1)[0]
    table = DrumTable.read(Fields("docs", tomllib.loads(example)["drums"]))
    assert [groove.name for groove in table.grooves] == ["two and four", "waltz"]

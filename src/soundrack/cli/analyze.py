"""``soundrack analyze``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from soundrack import analysis
from soundrack.audio.files import Limits
from soundrack.cli import console, pool
from soundrack.errors import Invalid, ResourcesExhausted, SoundrackError
from soundrack.progress import Progress, silent

_ANY_SONG = Limits(max_duration_s=3600.0, max_samples=2**30)
_NOTHING = analysis.Enclosures()


@dataclass(frozen=True)
class _Outcome:
    """What became of one file: what was found in it, as JSON has it, or an error."""

    path: Path
    found: dict[str, Any] | None = None
    error: SoundrackError | None = None


def run(paths: list[Path], as_json: bool, wanted: Mapping[str, Path | None]) -> int:
    """Analyse files on all cores; one that cannot be analysed is told beside the others, and makes the exit code 1.

    `wanted` are the enclosures that were asked for, of one file only: a ``plot``, a ``midi`` file, folders for
    ``stems`` and ``pictures``.
    """
    enclosures = _enclosures(wanted)
    if len(paths) > 1 and enclosures != _NOTHING:
        raise Invalid("Pictures, MIDI and stems are made of one file at a time.", field="file")
    if len(paths) == 1:
        enclosures.check(paths[0])
        with console.engine_progress(paths[0]) as progress:
            outcomes = [_analyze(paths[0], enclosures, progress)]
    else:
        outcomes = list(pool.over(paths, _analyze, doing="analysing", module=__name__, warm=analysis.warm))
    if as_json:
        print(json.dumps([_row(outcome) for outcome in outcomes], indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _show(outcomes)
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _enclosures(wanted: Mapping[str, Path | None]) -> analysis.Enclosures:
    folder = wanted["pictures"]
    if folder is None:
        return analysis.Enclosures(plot=wanted["plot"], midi=wanted["midi"], stems=wanted["stems"])
    return analysis.Enclosures(
        waveform=folder / "waveform.png",
        spectrogram=folder / "spectrogram.png",
        plot=wanted["plot"],
        midi=wanted["midi"],
        stems=wanted["stems"],
    )


def _analyze(path: Path, enclosures: analysis.Enclosures = _NOTHING, progress: Progress = silent) -> _Outcome:
    try:
        report = analysis.analyze(path, enclosures=enclosures, limits=_ANY_SONG, progress=progress)
        return _Outcome(path, report.as_dict(report_id=path.name, filename=path.name))
    except SoundrackError as error:
        return _Outcome(path, error=error)
    except OSError as error:
        return _Outcome(path, error=Invalid(f"This file cannot be read: {error.strerror}.", field=str(path)))
    except MemoryError:
        return _Outcome(path, error=ResourcesExhausted("There is not enough memory to analyse this file."))


def _row(outcome: _Outcome) -> dict[str, Any]:
    file = {"file": str(outcome.path)}
    if outcome.error is not None:
        return file | {"error": {"kind": outcome.error.kind, "message": str(outcome.error)}}
    return file | (outcome.found or {})


def _show(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        if outcome.found is not None:
            table = Table(box=None, pad_edge=False, show_header=False, title=escape(outcome.path.name))
            table.title_justify = "left"
            for name, words in _words(outcome.found):
                table.add_row(name, escape(words))
            console.OUT.print(table)
    for outcome in outcomes:
        if outcome.error is not None:
            console.ERR.print(f"{outcome.path}: {outcome.error}", style="red", markup=False, soft_wrap=True)


def _words(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a person wants to know first, each with how sure it is."""
    tempo, key, mood, loud = found["tempo"], found["key"], found["mood"], found["loudness"]
    yield "tempo", _sure(tempo["bpm"] and f"{tempo['bpm']:.1f} BPM, {tempo['time_signature'] or 'no metre'}", tempo)
    yield "key", _sure(key["name"] and f"{key['name']} ({key['camelot']}, Open Key {key['open_key']})", key)
    genre, style = found["genre"]["primary"], found["genre"]["style"]
    yield "genre", "; ".join(_sure(one["label"], one) for one in (genre, style) if one) or "–"
    feelings = [f"{name} {mood[name]}" for name in ("energy", "valence", "danceability") if mood[name] is not None]
    yield "mood", ", ".join([*feelings, *(tag["label"] for tag in mood["tags"])]) or "–"
    yield "loudness", f"{_level(loud['integrated_lufs'], 'LUFS')}, {_level(loud['true_peak_db'], 'dBTP')}"
    progression = found["create_report"]["progression"]
    yield "chords", progression["summary"] if progression else "–"
    yield "form", " ".join(f"{_clock(one['start_s'])} {_named(one)}" for one in found["structure"]["sections"]) or "–"
    yield "mix", found["mix_report"]["priority_move"] or "nothing to mend"


def _sure(words: str | None, told: Mapping[str, Any]) -> str:
    return f"{words} [{told['confidence']:.0%}]" if words else "–"


def _level(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.1f} {unit}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _named(section: Mapping[str, Any]) -> str:
    return str(section["label"] or section["group"])

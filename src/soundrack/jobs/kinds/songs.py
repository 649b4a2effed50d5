"""Songs and remixes, each in several variations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from soundrack import composition
from soundrack.audio.encoding import Format
from soundrack.composition import Composition, Outputs
from soundrack.composition import remix as remixes
from soundrack.jobs.kinds.work import CONTENT_TYPES, Made, Product, Work
from soundrack.jobs.task import work_s
from soundrack.progress import Progress, part_of


def compose(work: Work, progress: Progress) -> Product:
    """Compose variations of a song.

    The input is ``reference`` where a recording is followed; else the parameter ``prompt`` is text. Parameters are
    further ``lyrics`` (text; null: nobody sings), ``duration_s`` (a number or null), ``seed`` and ``variations`` (how
    many). Outputs are, each with a hyphen and its number from 1, ``song`` (FLAC), ``midi`` and ``plan`` (JSON).
    """
    wanted = work.parameters
    variations = []
    for number, files in _numbered(work, "song"):
        order = composition.Order(
            prompt=wanted["prompt"],
            reference=work.inputs.get("reference"),
            lyrics=wanted["lyrics"],
            duration_s=wanted["duration_s"],
            seed=int(wanted["seed"]),
            variation=number,
        )
        told = part_of(progress, number, int(wanted["variations"]))
        done = composition.compose(order, files.outputs, told, limits=work.limits_of_analysis)
        variations.append(_Variation(files, done, done.as_dict()))
    return _product(variations)


def remix(work: Work, progress: Progress) -> Product:
    """Make remixes of a recording.

    The input is ``source``. Parameters are ``prompt`` (text or null), ``lyrics`` (text or null), ``instrumental`` (true
    or false), ``seed`` and ``variations`` (how many). Outputs are those of a song, the first ``remix``.
    """
    wanted = work.parameters
    variations = []
    for number, files in _numbered(work, "remix"):
        order = remixes.RemixOrder(
            work.inputs["source"],
            prompt=wanted["prompt"],
            lyrics=wanted["lyrics"],
            instrumental=bool(wanted["instrumental"]),
            seed=int(wanted["seed"]),
            variation=number,
        )
        told = part_of(progress, number, int(wanted["variations"]))
        done = remixes.remix(order, files.outputs, told, limits=work.limits_of_analysis)
        variations.append(_Variation(files, done.song, done.as_dict()))
    return _product(variations)


@dataclass(frozen=True)
class _Files:
    """Where one variation goes, and what of it is delivered by which name."""

    outputs: Outputs
    made: Mapping[str, Made]


@dataclass(frozen=True)
class _Variation:
    files: _Files
    song: Composition
    report: Mapping[str, Any]


def _numbered(work: Work, name: str) -> Iterator[tuple[int, _Files]]:
    for number in range(int(work.parameters["variations"])):
        ending = f"-{number + 1}"
        song, midi, plan = f"{work.job_id}{ending}.flac", f"song{ending}.mid", f"plan{ending}.json"
        yield (
            number,
            _Files(
                Outputs(work.outputs / song, midi=work.outputs / midi, plan=work.outputs / plan),
                {
                    f"{name}{ending}": Made(song, CONTENT_TYPES[Format.FLAC]),
                    f"midi{ending}": Made(midi, "audio/midi"),
                    f"plan{ending}": Made(plan, "application/json"),
                },
            ),
        )


def _product(variations: Sequence[_Variation]) -> Product:
    """Tell of all variations in one."""
    made = {name: file for each in variations for name, file in each.files.made.items()}
    songs = [each.song for each in variations]
    told = [
        {"title": song.plan.title, "duration_s": song.duration_s, "bpm": song.plan.tempo_bpm, "key": song.plan.key.name}
        for song in songs
    ]
    seconds = work_s({"song": sum(song.duration_s for song in songs)})
    return Product(made, {"variations": told}, {"variations": [dict(each.report) for each in variations]}, seconds)

"""Soundpiece's eight actions: what each takes and answers, what it costs, and which job does it.

Document: "Shape of the API". A row has all that tells one action from another; the routes are made of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from soundrack.jobs.task import Kind
from soundrack.services.soundpiece import schemas

Asked = Mapping[str, Any]
"""A request as it was sent, by its fields."""

VARIATIONS = 2
"""Songs and instrumentals come in so many."""


class Delivery(Enum):
    """In which form the results are told."""

    VARIATIONS = auto()
    STEMS = auto()
    ONE = auto()


@dataclass(frozen=True)
class Action:
    """One action.

    Parameters
    ----------
    route : str
        Its name in the path.
    wrapper : str
        The field of an answer that holds the operation.
    echoed : tuple of str
        Fields of the request that an answer repeats, in the document's order.
    recording : str
        The field that names a recording to be fetched, if there is one; the engine knows it by the same name.
    output : str
        What the engine calls what it makes; of several, what their names begin with.
    parameters : callable
        From a request to what its engine is told, but for the seed.
    """

    route: str
    wrapper: str
    kind: Kind
    credits: int
    takes: type[schemas.Request]
    answers: type[schemas.Operation]
    echoed: tuple[str, ...]
    recording: str
    delivery: Delivery
    output: str
    parameters: Callable[[Asked], dict[str, Any]]
    title: str
    text: str

    @property
    def name(self) -> str:
        """Its name without its group."""
        return self.route.partition(".")[2]

    @property
    def field(self) -> str:
        """The field that holds the results."""
        return "output" if self.delivery is Delivery.ONE else "outputs"


def _song(asked: Asked) -> dict[str, Any]:
    return {
        "prompt": asked["prompt"],
        "lyrics": asked.get("lyrics"),
        "variations": VARIATIONS,
        "duration_s": None,
    }


def _remix(asked: Asked) -> dict[str, Any]:
    return {
        "prompt": asked.get("prompt"),
        "lyrics": asked.get("lyrics"),
        "instrumental": "lyrics" not in asked,
        "variations": asked["n_variations"],
    }


def _sample(asked: Asked) -> dict[str, Any]:
    return {"prompt": asked["prompt"], "duration_s": asked["duration"], "loopable": asked["loopable"]}


def _effect(asked: Asked) -> dict[str, Any]:
    return {"prompt": asked["prompt"], "duration_s": asked["duration"]}


ACTIONS = (
    Action(
        route="create.new_song",
        wrapper="song",
        kind=Kind.COMPOSE,
        credits=2,
        takes=schemas.NewSong,
        answers=schemas.Song,
        echoed=("lyrics", "prompt", "reference"),
        recording="reference",
        delivery=Delivery.VARIATIONS,
        output="song",
        parameters=_song,
        title="a song",
        text="Two variations of a song with these lyrics, up to four minutes each, by words or in the manner of a "
        "recording.",
    ),
    Action(
        route="create.new_instrumental",
        wrapper="instrumental",
        kind=Kind.COMPOSE,
        credits=2,
        takes=schemas.NewInstrumental,
        answers=schemas.Instrumental,
        echoed=("prompt", "reference"),
        recording="reference",
        delivery=Delivery.VARIATIONS,
        output="song",
        parameters=_song,
        title="an instrumental",
        text="Two variations of a piece in which nobody sings, up to four minutes each, by words or in the manner of a "
        "recording.",
    ),
    Action(
        route="create.new_sample",
        wrapper="sample",
        kind=Kind.SAMPLE,
        credits=1,
        takes=schemas.NewSample,
        answers=schemas.Sample,
        echoed=("prompt", "duration", "loopable"),
        recording="",
        delivery=Delivery.ONE,
        output="sample",
        parameters=_sample,
        title="a sample",
        text="A musical sample, or a loop, from words.",
    ),
    Action(
        route="create.new_fx",
        wrapper="fx",
        kind=Kind.EFFECT,
        credits=1,
        takes=schemas.NewFx,
        answers=schemas.Fx,
        echoed=("prompt", "duration"),
        recording="",
        delivery=Delivery.ONE,
        output="effect",
        parameters=_effect,
        title="a sound effect",
        text="A sound effect from words.",
    ),
    Action(
        route="create.remix_song",
        wrapper="remix_song",
        kind=Kind.REMIX,
        credits=2,
        takes=schemas.RemixSong,
        answers=schemas.RemixedSong,
        echoed=("source", "lyrics", "prompt", "n_variations"),
        recording="source",
        delivery=Delivery.VARIATIONS,
        output="remix",
        parameters=_remix,
        title="a remix",
        text="A recording made anew with other words in another style, in one to three variations.",
    ),
    Action(
        route="create.remix_instrumental",
        wrapper="remix_instrumental",
        kind=Kind.REMIX,
        credits=2,
        takes=schemas.RemixInstrumental,
        answers=schemas.RemixedInstrumental,
        echoed=("source", "n_variations"),
        recording="source",
        delivery=Delivery.VARIATIONS,
        output="remix",
        parameters=_remix,
        title="an instrumental remix",
        text="A recording made anew without a voice, in one to three variations.",
    ),
    Action(
        route="adapt.separate_stems",
        wrapper="stems",
        kind=Kind.SEPARATE,
        credits=1,
        takes=schemas.SeparateStems,
        answers=schemas.Stems,
        echoed=("source",),
        recording="source",
        delivery=Delivery.STEMS,
        output="",
        parameters=lambda _asked: {},
        title="stems",
        text="The voice, the drums, the bass and all else of a recording, each on its own.",
    ),
    Action(
        route="adapt.auto_cut_down",
        wrapper="auto_cut",
        kind=Kind.CUT,
        credits=1,
        takes=schemas.AutoCutDown,
        answers=schemas.AutoCut,
        echoed=("source", "target_duration"),
        recording="source",
        delivery=Delivery.ONE,
        output="cut",
        parameters=lambda asked: {"target_s": asked["target_duration"]},
        title="a cut-down",
        text="A shorter version of a recording, cut where the music allows it.",
    ),
)
"""In the document's order."""

BY_ROUTE = {action.route: action for action in ACTIONS}
SEEDED = frozenset({Kind.COMPOSE, Kind.SAMPLE, Kind.EFFECT, Kind.REMIX})
"""Kinds whose result depends on a seed."""
STEMS = ("vocals", "drums", "bass", "other")
"""Names of the stems, in the order in which they are told."""

"""Paper, cloth, games and what stands in a kitchen."""

from __future__ import annotations

import numpy as np

from soundrack.composition.foley.grains import scattered, sequence
from soundrack.composition.foley.modes import METAL, PLASTIC, STONE, WOOD, contact_noise, struck
from soundrack.composition.foley.noise import Sound, band, bell, coloured, edges, filtered, moved, wander, white
from soundrack.composition.foley.recipe import gesture, hit
from soundrack.composition.foley.take import Take
from soundrack.composition.foley.tones import fall, pulses, sine


def _crackle(take: Take, rate_hz: float, sharp: int, low_hz: float, high_hz: float) -> Sound:
    """Return small folds that snap, by chance."""
    snaps = scattered(take, rate_hz, lambda: white(take, 8 * sharp) * np.exp(-np.arange(8 * sharp) / sharp), 12, 32.0)
    return filtered(snaps, lambda hz: edges(hz, low_hz, high_hz))


def page(take: Take) -> Sound:
    """A page is turned: it slides, bends and falls."""
    slide = moved(white(take), lambda hz, at: bell(hz, 1800.0 + 3200.0 * at, 0.7)) * np.exp(
        -0.5 * ((take.place - 0.35) / 0.16) ** 2
    )
    fallen = band(take, 900.0, 0.9) * np.exp(-0.5 * ((take.place - 0.72) / 0.05) ** 2)
    return 0.5 * slide + 0.5 * fallen + 0.5 * _crackle(take, 70.0, 14, 1500.0, 9000.0) * np.sin(np.pi * take.place)


def crumple(take: Take) -> Sound:
    """Paper or foil is crumpled: folds that snap in bursts."""
    grip = np.maximum(wander(take, 4.0) - 0.2, 0.0) * np.sin(np.pi * take.place) ** 0.4
    return _crackle(take, take.by("intensity", 160.0, 420.0), 26, 700.0, 10000.0) * grip


def tear(take: Take) -> Sound:
    """Paper or cloth tears: fibres that part, ever quicker."""
    rate = take.by("size", 220.0, 90.0) * (0.5 + 1.6 * take.place)
    fibres = pulses(take, rate * (0.7 + 0.6 * wander(take, 30.0)), 0.7)
    grain = white(take, 260) * np.exp(-np.arange(260) / 45.0)
    rip = filtered(np.convolve(fibres, grain)[: take.frames], lambda hz: edges(hz, 900.0, 9000.0))
    return rip * np.minimum(np.minimum(take.place / 0.05, (1.0 - take.place) / 0.08), 1.0) * (0.4 + 0.6 * take.place)


def cloth(take: Take) -> Sound:
    """Clothes rustle as somebody moves."""
    moves = np.maximum(wander(take, take.by("speed", 1.6, 4.0)) - 0.3, 0.0) ** 1.3
    soft = filtered(white(take), lambda hz: bell(hz, 1500.0, 1.0) + 0.3 * bell(hz, 4500.0, 0.6))
    return (
        soft
        * moves
        * np.minimum(1.0, 10.0 * np.minimum(take.place, 1.0 - take.place))
        * (0.7 + 0.3 * wander(take, 60.0))
    )


def zipper(take: Take) -> Sound:
    """A zip: teeth at a rate that rises with the hand's speed."""
    rate = 60.0 + take.by("speed", 220.0, 480.0) * np.sin(np.pi * np.clip(0.15 + 0.75 * take.place, 0.0, 1.0))
    grain = struck(take.part(0.012), METAL, take.uniform(3000.0, 3600.0), 0.9, 0.02)
    teeth = np.convolve(pulses(take, rate, 0.3), grain)[: take.frames]
    return teeth * np.minimum(np.minimum(take.place / 0.04, (1.0 - take.place) / 0.03), 1.0)


def velcro(take: Take) -> Sound:
    """Hooks that let go: dense noise in grains."""
    hooks = white(take) * (take.rng.random(take.frames) < 0.05 + 0.12 * take.place)
    return filtered(hooks, lambda hz: edges(hz, 1300.0, 8000.0)) * np.minimum(
        np.minimum(take.place / 0.1, (1.0 - take.place) / 0.05), 1.0
    )


def dice(take: Take) -> Sound:
    """Dice are shaken and thrown."""
    shake = take.rng.random(16) * 0.6
    roll = 0.78 + np.cumsum(0.02 + 0.05 * take.rng.random(9) * np.linspace(0.5, 1.6, 9))
    inside = sequence(
        take, np.sort(shake), lambda: 0.5 * struck(take.part(0.06), PLASTIC, take.uniform(1900.0, 2900.0), 0.8, 0.6)
    )
    out = sequence(
        take, roll, lambda: struck(take.part(0.1), WOOD, take.uniform(520.0, 980.0), 0.75, 0.6) * take.uniform(0.4, 1.0)
    )
    return inside + out


def cards(take: Take) -> Sound:
    """Cards are riffled: a run of small flaps, then they are knocked together."""
    flaps = 0.02 * np.arange(42) * take.by("speed", 1.2, 0.7)
    riffle = sequence(take, flaps, lambda: contact_noise(take.part(0.05), 0.55)[:900] * take.uniform(0.4, 0.9))
    knock = sequence(take, [flaps[-1] + 0.22], lambda: struck(take.part(0.2), WOOD, 420.0, 0.5, 0.7))
    return filtered(riffle, lambda hz: bell(hz, 2100.0, 1.0)) * 3.0 + 0.9 * knock


def cork(take: Take) -> Sound:
    """A cork leaves a bottle: a pop in the neck, then what fizzes."""
    neck = take.by("size", 720.0, 380.0)
    pop = sine(take, neck * (1.0 + 0.6 * np.exp(-take.time_s / 0.008))) * fall(take, 0.09) + 0.3 * coloured(
        take, -2.0
    ) * fall(take, 0.03)
    gas = coloured(take, 1.0, 2500.0, 14000.0) * np.minimum(take.time_s / 0.06, 1.0) * np.exp(-take.time_s / 0.35)
    return pop + 0.1 * gas


def balloon(take: Take) -> Sound:
    """A balloon bursts: a very short bang and its room."""
    bang = coloured(take, 0.0, 200.0, 12000.0) * fall(take, 0.03) + sine(take, 240.0) * fall(take, 0.025)
    return bang + 0.05 * coloured(take, -2.0, 200.0, 6000.0) * fall(take, 0.4, 0.004)


def squish(take: Take) -> Sound:
    """Something wet is stepped on or pulled apart."""
    wet = moved(
        white(take), lambda hz, at: bell(hz, 420.0 + 1900.0 * at**1.4, 0.35) + 0.4 * bell(hz, 240.0 + 500.0 * at, 0.3)
    )
    clot = np.maximum(wander(take, 32.0) - 0.3, 0.0)
    return wet * clot * np.sin(np.pi * take.place) ** 0.6


def spray(take: Take) -> Sound:
    """A spray can: the ball rattles, then it sprays."""
    rattle = sequence(
        take,
        0.05 + np.cumsum(take.rng.uniform(0.06, 0.12, 6)),
        lambda: struck(take.part(0.12), METAL, take.uniform(1500.0, 2100.0), 0.9, 0.05),
    )
    on = np.clip((take.time_s - 0.85) / 0.03, 0.0, 1.0) * np.clip((take.seconds - 0.05 - take.time_s) / 0.06, 0.0, 1.0)
    return rattle + 0.3 * coloured(take, 2.5, 3000.0, 17000.0) * on


def plates(take: Take) -> Sound:
    """Plates and cutlery are laid down."""
    times = take.times_s(take.by("intensity", 3.0, 8.0), 0.9)

    def touch() -> Sound:
        made = METAL if take.rng.random() < 0.5 else STONE
        part = take.part(0.4)
        return struck(part, made, take.uniform(1300.0, 3400.0), 0.85, 0.18 if made is METAL else 4.0) * take.uniform(
            0.2, 1.0
        )

    return sequence(take, times, touch)


RECIPES = {
    "page": gesture(page, 0.9, 2.0),
    "crumple": gesture(crumple, 4.0, 4.5),
    "tear": gesture(tear, 1.1, 2.0),
    "cloth": gesture(cloth, 5.0, 5.0),
    "zipper": gesture(zipper, 0.9, 1.9),
    "velcro": gesture(velcro, 0.7, 1.6),
    "dice": hit(dice, 1.6, 2.4),
    "cards": hit(cards, 1.5, 2.2),
    "cork": hit(cork, 1.2, 2.0),
    "balloon_pop": hit(balloon, 0.5, 1.5),
    "squish": gesture(squish, 0.9, 1.5),
    "spray": hit(spray, 2.2, 2.8),
    "dishes": gesture(plates, 8.0, 8.0),
}

"""The acoustic and electric instruments of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from soundrack.composition.general_midi import program
from soundrack.composition.instruments import (
    brass,
    choir,
    electric_piano,
    mallets,
    organ,
    piano,
    plucked,
    strings,
    winds,
)
from soundrack.composition.instruments.levels import Levelled
from soundrack.composition.instruments.listed import Family, Listed
from soundrack.composition.instruments.tone import Instrument

_MAKERS: tuple[tuple[Family, int, int, float, Callable[[], Instrument]], ...] = (
    (Family.KEYS, 21, 108, -3.8, piano.grand_piano),
    (Family.KEYS, 21, 100, -4.7, piano.felt_piano),
    (Family.KEYS, 28, 100, -3.4, electric_piano.electric_piano),
    (Family.KEYS, 36, 96, -13.6, organ.organ),
    (Family.KEYS, 29, 89, -2.0, electric_piano.clavinet),
    (Family.GUITARS, 40, 84, -3.2, plucked.acoustic_guitar),
    (Family.GUITARS, 40, 84, -3.5, plucked.nylon_guitar),
    (Family.GUITARS, 40, 86, -3.4, plucked.electric_guitar),
    (Family.GUITARS, 40, 86, -5.4, plucked.muted_guitar),
    (Family.GUITARS, 38, 86, -19.2, plucked.distorted_guitar),
    (Family.STRINGS, 28, 100, -3.4, plucked.harp),
    (Family.BASSES, 28, 60, 1.0, plucked.upright_bass),
    (Family.BASSES, 28, 67, 0.9, plucked.electric_bass),
    (Family.BASSES, 28, 67, 1.0, plucked.slap_bass),
    (Family.STRINGS, 55, 100, -16.4, strings.violins),
    (Family.STRINGS, 36, 76, -15.8, strings.cellos),
    (Family.STRINGS, 28, 96, -16.0, strings.string_ensemble),
    (Family.STRINGS, 36, 96, -4.7, plucked.pizzicato),
    (Family.STRINGS, 55, 100, -12.2, strings.solo_violin),
    (Family.STRINGS, 36, 81, -12.1, strings.solo_cello),
    (Family.CHOIRS, 40, 84, -2.1, choir.choir_aah),
    (Family.CHOIRS, 40, 84, -7.1, choir.choir_ooh),
    (Family.BRASS, 54, 86, -14.8, brass.trumpet),
    (Family.BRASS, 40, 74, -12.1, brass.trombone),
    (Family.BRASS, 36, 77, -18.6, brass.horns),
    (Family.BRASS, 40, 86, -18.6, brass.brass_section),
    (Family.WINDS, 44, 80, -12.6, winds.saxophone),
    (Family.WINDS, 60, 96, -10.7, winds.flute),
    (Family.WINDS, 50, 91, -10.3, winds.clarinet),
    (Family.WINDS, 58, 91, -15.4, winds.oboe),
    (Family.WINDS, 60, 91, -8.3, winds.ocarina),
    (Family.MALLETS, 53, 89, -1.1, mallets.vibraphone),
    (Family.MALLETS, 40, 96, -3.2, mallets.marimba),
    (Family.MALLETS, 72, 108, -1.2, mallets.glockenspiel),
    (Family.MALLETS, 60, 108, -2.1, mallets.celesta),
    (Family.MALLETS, 60, 100, -2.2, mallets.music_box),
    (Family.MALLETS, 55, 88, -3.1, mallets.kalimba),
    (Family.MALLETS, 60, 89, -2.1, mallets.bells),
    (Family.MALLETS, 55, 88, -1.3, mallets.steel_drum),
)
"""Family, range, level in dB, maker. The levels are measured: usual music at a velocity of 0.7 has -18 LUFS."""


def _made(maker: Callable[[], Instrument], level_db: float) -> Instrument:
    return Levelled(maker(), level_db)


INSTRUMENTS = {
    maker.__name__: Listed(family, lowest, highest, program(maker.__name__), partial(_made, maker, level_db))
    for family, lowest, highest, level_db, maker in _MAKERS
}

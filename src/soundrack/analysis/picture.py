"""A song's analysis on one page: form, waveform, chords, keys, tempo, loudness, energy, spectrogram and mix report.

Only whoever draws imports this file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.loudness import Loudness
from soundrack.analysis.mix import Check, MixReport, Verdict
from soundrack.analysis.mood import Mood
from soundrack.analysis.release.pictures import COLOURS, HIGHEST_HZ, LOWEST_HZ, outlines, spectrogram
from soundrack.analysis.rhythm.result import Rhythm
from soundrack.analysis.structure import Section, Structure
from soundrack.analysis.tonality.result import Tonality
from soundrack.audio.loudness import HOPS_PER_S, SHORT_TERM_HOPS, short_term_lufs
from soundrack.audio.panel import FAINT_INK, GRID, INK, PAPER, Canvas, Colour, Panel, frequency_marks, time_marks

WIDTH, HEIGHT = 1600, 1320
"""Size of the picture in pixels."""

_LEFT, _RIGHT = 64.0, WIDTH - 64.0
_TITLE_TOP = 18.0
_SECTIONS, _WAVEFORM, _CHORDS, _KEYS = (96.0, 122.0), (122.0, 262.0), (292.0, 318.0), (344.0, 366.0)
_TEMPO, _LOUDNESS, _SPECTRUM, _MIX_TOP = (396.0, 476.0), (514.0, 654.0), (694.0, 934.0), 984.0
"""Tops and bottoms of the lanes."""

# From the palette of Okabe and Ito, "Color Universal Design" (https://jfly.uni-koeln.de/color/, 2008), lightened for
# grounds.
_GROUPS: tuple[Colour, ...] = (
    (164, 205, 236),
    (247, 205, 150),
    (158, 221, 199),
    (236, 190, 214),
    (246, 236, 160),
    (205, 205, 235),
    (243, 184, 160),
    (206, 220, 206),
)
_PITCHES: tuple[Colour, ...] = (
    (248, 206, 206),
    (206, 235, 248),
    (248, 236, 200),
    (222, 212, 248),
    (214, 244, 212),
    (248, 212, 232),
    (208, 244, 238),
    (248, 220, 204),
    (212, 220, 248),
    (240, 246, 206),
    (238, 210, 248),
    (208, 248, 222),
)
_PEAKS: Colour = (142, 174, 204)
_BODY: Colour = (28, 84, 140)
_ENERGY: Colour = (213, 94, 0)
_LOUD: Colour = (0, 114, 178)
_TEMPO_LINE: Colour = (0, 130, 100)
_BEAT: Colour = (150, 156, 166)
_VERDICTS: dict[Verdict, Colour] = {
    Verdict.OK: (0, 158, 115),
    Verdict.NOTICE: (230, 159, 0),
    Verdict.PROBLEM: (204, 40, 40),
    Verdict.UNKNOWN: (190, 194, 200),
}
_FREQUENCIES_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_COLUMNS, _ROW = 4, 22.0
_LETTER = 6.4
"""About how wide a letter of 11 points is."""
_LOUDNESS_LU = 30.0


@dataclass(frozen=True)
class Page:
    """What is drawn: a song's name and genre (None where it has none) and what was found of it."""

    name: str
    genre: str | None
    duration_s: float
    bands: Bands
    loudness: Loudness
    rhythm: Rhythm
    tonality: Tonality
    structure: Structure
    mood: Mood
    mix: MixReport


def draw(path: Path, page: Page) -> None:
    """Draw an analysis into a PNG file, the same bytes for the same analysis; a file there is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    canvas = Canvas(WIDTH, HEIGHT)
    _draw_title(canvas, page)
    _draw_sections(canvas, page)
    _draw_waveform(canvas, page)
    _draw_chords(canvas, page)
    _draw_keys(canvas, page)
    _draw_tempo(canvas, page)
    _draw_loudness(canvas, page)
    _draw_spectrum(canvas, page)
    _draw_mix(canvas, page.mix)
    canvas.save(path)


def _draw_title(canvas: Canvas, page: Page) -> None:
    canvas.text((_LEFT, _TITLE_TOP), _cut(page.name, 90), 22)
    rhythm, key, measured, mood = page.rhythm, page.tonality.key, page.loudness.measurement, page.mood
    told = [
        f"{rhythm.bpm:.1f} BPM ({rhythm.confidence:.2f})" if rhythm.bpm else "no tempo",
        rhythm.metre or "",
        f"{key.name}, {key.camelot} ({key.confidence:.2f})" if key else "no key",
        page.genre or "",
        f"{_number(measured.integrated_lufs)} LUFS",
        f"{_number(measured.true_peak_db)} dBTP",
        f"LRA {measured.loudness_range_lu:.1f} LU",
        "" if mood.energy is None else f"energy {mood.energy}",
        "" if mood.valence is None else f"valence {mood.valence}",
        "" if mood.danceability is None else f"dance {mood.danceability}",
        ", ".join(label for label, _ in mood.tags[:3]),
    ]
    canvas.text((_LEFT, _TITLE_TOP + 36), "   ".join(part for part in told if part), 14, colour=FAINT_INK)


def _draw_sections(canvas: Canvas, page: Page) -> None:
    panel = _panel(canvas, page, _SECTIONS, (0.0, 1.0))
    if not page.structure.sections:
        canvas.text((_LEFT, _SECTIONS[0] + 6), "no sections", 11, colour=FAINT_INK)
    for section in page.structure.sections:
        left, right = (panel.place(at_s, 0.0)[0] for at_s in (section.start_s, section.end_s))
        canvas.box((left, _SECTIONS[0], right, _SECTIONS[1]), fill=_ground(section), edge=PAPER)
        label = section.label.value if section.label else "part"
        for words in (f"{label} {section.group} {section.confidence:.2f}", f"{label} {section.group}", section.group):
            if len(words) * (_LETTER + 0.6) < right - left - 4:
                canvas.text(((left + right) / 2, _SECTIONS[0] + 13), words, 12, anchor="mm")
                break


def _draw_waveform(canvas: Canvas, page: Page) -> None:
    panel = _panel(canvas, page, _WAVEFORM, (-1.0, 1.0))
    for section in page.structure.sections:
        left, right = (panel.place(at_s, 0.0)[0] for at_s in (section.start_s, section.end_s))
        canvas.box((left, _WAVEFORM[0], right, _WAVEFORM[1]), fill=_lighter(_ground(section)))
    columns = round(_RIGHT - _LEFT)
    at = (np.arange(columns) + 0.5) / columns * page.duration_s
    for outline, colour in zip(outlines(page.loudness, columns), (_PEAKS, _BODY), strict=True):
        points = [panel.place(x, y) for x, y in zip(at.tolist(), outline.tolist(), strict=True)]
        mirrored = [panel.place(x, -y) for x, y in zip(at.tolist(), outline.tolist(), strict=True)]
        canvas.area(points + mirrored[::-1], colour)
    bars = page.rhythm.downbeats_s.tolist()
    beats = page.rhythm.beats_s.tolist()
    if len(beats) * 4 < columns:
        for beat_s in beats:
            x, bottom = panel.place(beat_s, -1.0)
            canvas.line([(x, bottom), (x, bottom - 4)], _BEAT, 1)
    every = _every(len(bars), columns)
    for number, bar_s in enumerate(bars):
        if number % every == 0:
            x, bottom = panel.place(bar_s, -1.0)
            canvas.line([(x, bottom), (x, bottom - 9)], INK, 1)
            canvas.text((x, bottom + 4), str(number + 1), 10, colour=FAINT_INK, anchor="mt")
    canvas.box(panel.box, edge=GRID)
    _aside(canvas, _WAVEFORM, "bars" if bars else "wave")


def _draw_chords(canvas: Canvas, page: Page) -> None:
    panel = _panel(canvas, page, _CHORDS, (0.0, 1.0))
    for chord in page.tonality.chords:
        left, right = (panel.place(at_s, 0.0)[0] for at_s in (chord.start_s, chord.end_s))
        ground = GRID if chord.root is None else _PITCHES[chord.root]
        canvas.box((left, _CHORDS[0], right, _CHORDS[1]), fill=ground)
        if len(chord.label) * _LETTER < right - left - 2:
            canvas.text(((left + right) / 2, _CHORDS[0] + 13), chord.label, 11, anchor="mm")
    canvas.box(panel.box, edge=GRID)
    _aside(canvas, _CHORDS, "chords")


def _draw_keys(canvas: Canvas, page: Page) -> None:
    panel = _panel(canvas, page, _KEYS, (0.0, 1.0))
    for segment in page.tonality.segments:
        if segment.key is None:
            continue
        left, right = (panel.place(at_s, 0.0)[0] for at_s in (segment.start_s, segment.end_s))
        canvas.box((left, _KEYS[0], right, _KEYS[1]), fill=_PITCHES[segment.key.tonic], edge=PAPER)
        for words in (f"{segment.key.name}  {segment.key.camelot}", segment.key.camelot):
            if len(words) * _LETTER < right - left - 2:
                canvas.text(((left + right) / 2, _KEYS[0] + 11), words, 11, anchor="mm")
                break
    canvas.box(panel.box, edge=GRID)
    _aside(canvas, _KEYS, "key")


def _draw_tempo(canvas: Canvas, page: Page) -> None:
    curve = page.rhythm.tempo_curve
    middle = page.rhythm.bpm or 120.0
    values = [point.bpm for point in curve] or [middle]
    low, high = min(*values, middle) - 5.0, max(*values, middle) + 5.0
    panel = _panel(canvas, page, _TEMPO, (low, high))
    panel.grid([], [(y, f"{y:.0f}") for y in (low + 5.0, high - 5.0) if high - low > 12.0 or y == low + 5.0])
    if curve:
        times = [point.at_s for point in curve] + [page.duration_s]
        # a tempo holds until the next one
        steps = [(at_s, bpm) for n, bpm in enumerate(values) for at_s in times[n : n + 2]]
        panel.curve(np.array([x for x, _ in steps]), np.array([y for _, y in steps]), _TEMPO_LINE, 2)
    panel.frame("Tempo, BPM")


def _draw_loudness(canvas: Canvas, page: Page) -> None:
    power = page.loudness.power
    curve = short_term_lufs(power)[:: HOPS_PER_S // 10]
    measured = page.loudness.measurement
    top = (
        3.0 * math.ceil((measured.max_short_term_lufs + 1.0) / 3.0)
        if math.isfinite(measured.max_short_term_lufs)
        else 0
    )
    panel = _panel(canvas, page, _LOUDNESS, (top - _LOUDNESS_LU, top))
    panel.grid([], [(top - step, f"{top - step:.0f}") for step in np.arange(0.0, _LOUDNESS_LU + 1.0, 6.0).tolist()])
    energy = page.structure.energy / 100.0
    times = (np.arange(len(energy), dtype=np.float64) + 0.5) * page.structure.step_s
    inside = times < page.duration_s
    panel.filled(times[inside], top - _LOUDNESS_LU * (1.0 - energy[inside]), (250, 226, 206))
    panel.curve(times[inside], top - _LOUDNESS_LU * (1.0 - energy[inside]), _ENERGY, 1)
    hop_s = page.duration_s / max(len(power), 1)
    at = hop_s * (HOPS_PER_S // 10 * np.arange(len(curve), dtype=np.float64) + SHORT_TERM_HOPS / 2.0)
    heard = np.maximum(curve, top - _LOUDNESS_LU)
    panel.curve(at, heard, _LOUD, 2)
    if math.isfinite(measured.integrated_lufs):
        panel.level(measured.integrated_lufs, INK)
    panel.key([("short-term loudness", _LOUD), ("energy, 0 to 100 from bottom to top", _ENERGY)])
    panel.frame("Loudness, LUFS (integrated dashed), and energy")


def _draw_spectrum(canvas: Canvas, page: Page) -> None:
    box = (_LEFT, _SPECTRUM[0], _RIGHT, _SPECTRUM[1])
    shades = spectrogram(page.bands, round(_RIGHT - _LEFT), round(_SPECTRUM[1] - _SPECTRUM[0]))
    panel = Panel(canvas, box, (0.0, max(page.duration_s, 1e-3)), (math.log(LOWEST_HZ), math.log(HIGHEST_HZ)))
    panel.grid(time_marks(page.duration_s), frequency_marks(_FREQUENCIES_HZ))
    canvas.picture(box, np.round(COLOURS[shades]).astype(np.uint8))
    panel.frame("Spectrogram, Hz")


def _draw_mix(canvas: Canvas, mix: MixReport) -> None:
    counts = {verdict: sum(check.verdict is verdict for check in mix.checks) for verdict in Verdict}
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    canvas.text((_LEFT, _MIX_TOP), f"Mix report: {told}", 13)
    rows = -(-len(mix.checks) // _COLUMNS)
    across = (_RIGHT - _LEFT) / _COLUMNS
    for place, check in enumerate(mix.checks):
        column, row = divmod(place, rows)
        _draw_check(canvas, (_LEFT + column * across, _MIX_TOP + 30.0 + row * _ROW), check, across)
    top = _MIX_TOP + 44.0 + rows * _ROW
    for line, words in enumerate(_wrapped("First: " + (mix.priority_move or "nothing to do."), 200)):
        canvas.text((_LEFT, top + 19.0 * line), words, 13)
    top += 44.0
    for check in [check for check in mix.checks if check.verdict is Verdict.PROBLEM and check.advice][:4]:
        if check.advice != mix.priority_move:
            canvas.text((_LEFT, top), _cut(f"{check.title}: {check.advice}", 235), 11, colour=FAINT_INK)
            top += 17.0


def _draw_check(canvas: Canvas, at: tuple[float, float], check: Check, across: float) -> None:
    left, top = at
    canvas.box((left, top + 1, left + 11, top + 12), fill=_VERDICTS[check.verdict])
    canvas.text((left + 18, top), check.title, 12, colour=FAINT_INK if check.verdict is Verdict.UNKNOWN else INK)
    value = "" if check.value is None else f"{check.value:g}" if isinstance(check.value, float) else check.value
    none = "none" if check.verdict is Verdict.OK else "not told" if check.verdict is Verdict.UNKNOWN else ""
    words = f"{value} {check.unit or ''}".strip() if value else none
    canvas.text((left + across - 24, top), _cut(words, 26), 12, colour=FAINT_INK, anchor="rt")


def _panel(canvas: Canvas, page: Page, lane: tuple[float, float], up: tuple[float, float]) -> Panel:
    return Panel(canvas, (_LEFT, lane[0], _RIGHT, lane[1]), (0.0, max(page.duration_s, 1e-3)), up)


def _aside(canvas: Canvas, lane: tuple[float, float], words: str) -> None:
    canvas.text((_LEFT - 6, sum(lane) / 2.0), words, 11, colour=FAINT_INK, anchor="rm")


def _every(bars: int, columns: int) -> int:
    """Return which bars have a number: every one, or every second, fourth and so on, so that they do not touch."""
    every = 1
    while bars / every * 26.0 > columns:
        every *= 2
    return every


def _ground(section: Section) -> Colour:
    number = ord(section.group[0]) - ord("A")
    return _GROUPS[number % len(_GROUPS)]


def _lighter(colour: Colour) -> Colour:
    red, green, blue = ((each + 2 * 255) // 3 for each in colour)
    return red, green, blue


def _number(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "-"


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 3].rstrip() + "..."


def _wrapped(words: str, most: int) -> list[str]:
    """Return words in lines of at most so many letters, two lines at most."""
    if len(words) <= most:
        return [words]
    cut = words.rfind(" ", 0, most)
    return [words[:cut], _cut(words[cut + 1 :], most)]

"""The way of an analysis: hear, look, and tell, one estimator after the other."""

from __future__ import annotations

from pathlib import Path

from soundrack.analysis.create import create_report
from soundrack.analysis.enclosures import NOTHING, Enclosures
from soundrack.analysis.features.bands import Bands, bands
from soundrack.analysis.features.chroma import chroma
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.features.sound import Sound, hear
from soundrack.analysis.genre import genre
from soundrack.analysis.loudness import loudness
from soundrack.analysis.midi import standard_midi_file
from soundrack.analysis.mix import mix_report
from soundrack.analysis.patchbay import facts, is_music, mood_of, records_of, voice_over_time
from soundrack.analysis.release import pictures, release_kit
from soundrack.analysis.report import Report
from soundrack.analysis.rhythm import rhythm
from soundrack.analysis.stems import StemsReport, stems_report, write_stems
from soundrack.analysis.structure import structure
from soundrack.analysis.tags import Tags, tags, voice
from soundrack.analysis.tonality import tonality
from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.outputs import taken_back_on_failure
from soundrack.progress import Progress, silent


def analyze(
    source: Path,
    *,
    title: str | None = None,
    enclosures: Enclosures = NOTHING,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Report:
    """Analyse a song.

    Parameters
    ----------
    source : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file.
    title : str, optional
        What the song is called, for captions.
    enclosures : Enclosures
        What is wanted beside the report. Stems need the network ``separator``; without them nothing is separated, and
        what is told of stems is estimated from the mix.
    limits : Limits
        What the source may be at most.
    progress : Progress
        Told of each stage, as SignalKey's stream names them, and the fraction of the whole that is done. What it raises
        ends the work.

    Returns
    -------
    Report

    Raises
    ------
    UnsupportedFormat, UnusableAudio, TooLong, TooLarge
        As :func:`soundrack.audio.files.read`.
    Invalid
        If an enclosure cannot be written where it is wanted; with the name of the field. No file is left then.
    NotConfigured
        If stems are wanted and the network ``separator`` is not installed.
    """
    enclosures.check(source)
    with taken_back_on_failure(enclosures.paths, enclosures.stems):
        progress("decode", 0.0)
        return _told(hear(source, limits), title or source.stem, enclosures, progress)


def _told(sound: Sound, title: str, enclosures: Enclosures, progress: Progress) -> Report:
    progress("features", 0.1)
    seen, pitched, meters = bands(sound.mono), constant_q(sound.mono), loudness(sound)
    progress("tempo", 0.35)
    pulse = rhythm(seen)
    progress("key", 0.5)
    harmony = tonality(pitched, pulse)
    progress("chords", 0.6)
    create = create_report(harmony, pulse.feel)
    progress("structure", 0.65)
    heard = tags(sound)
    sung = voice_over_time(heard)
    form = structure(
        seen,
        chroma(pitched),
        meters.power,
        duration_s=sound.duration_s,
        beats_s=pulse.beats_s,
        downbeats_s=pulse.downbeats_s,
        voice=sung,
        music=is_music(pulse, harmony),
    )
    progress("genre", 0.8)
    style = genre(heard, seen, pulse)
    progress("mood", 0.82)
    felt = mood_of(seen, meters, pulse, harmony, heard)
    progress("loudness", 0.84)
    records = records_of(style.primary.label if style.primary else None)
    progress("mix", 0.85)
    mix = mix_report(sound, meters, genre=records, voice=voice(heard).present)
    progress("stems", 0.93)
    stems = _stems(sound, heard, seen, enclosures)
    progress("release", 0.96)
    kit = release_kit(
        facts(title, style, pulse, harmony, felt, stems),
        form,
        duration_s=sound.duration_s,
        downbeats_s=pulse.downbeats_s,
        voice=sung,
        pictures=enclosures.pictures,
    )
    report = Report(
        duration_s=sound.duration_s,
        info=sound.info,
        rhythm=pulse,
        tonality=harmony,
        structure=form,
        genre=style,
        mood=felt,
        loudness=meters,
        mix=mix,
        create=create,
        stems=stems,
        release=kit,
        tags=heard,
    )
    _enclose(enclosures, report, seen, title)
    progress("done", 1.0)
    return report


def _stems(sound: Sound, heard: Tags, seen: Bands, enclosures: Enclosures) -> StemsReport:
    if enclosures.stems is None:
        return stems_report(heard, seen)
    enclosures.stems.mkdir(parents=True, exist_ok=True)
    _, evidence = write_stems(sound, enclosures.stems)
    return stems_report(heard, seen, evidence)


def _enclose(enclosures: Enclosures, report: Report, seen: Bands, title: str) -> None:
    pulse, harmony = report.rhythm, report.tonality
    if enclosures.midi is not None:
        enclosures.midi.write_bytes(
            standard_midi_file(harmony.chords, harmony.melody, harmony.key, pulse, report.duration_s)
        )
    if enclosures.waveform is not None:
        pictures.draw_waveform(enclosures.waveform, report.loudness)
    if enclosures.spectrogram is not None:
        pictures.draw_spectrogram(enclosures.spectrogram, seen)
    if enclosures.plot is not None:
        from soundrack.analysis import picture  # noqa: PLC0415  # only a page needs the fonts that it loads

        primary = report.genre.primary
        page = picture.Page(
            name=title,
            genre=primary.label if primary else None,
            duration_s=report.duration_s,
            bands=seen,
            loudness=report.loudness,
            rhythm=pulse,
            tonality=harmony,
            structure=report.structure,
            mood=report.mood,
            mix=report.mix,
        )
        picture.draw(enclosures.plot, page)

"""The commands and their options; what they do is in the file of the same name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from soundrack import __version__
from soundrack.cli import access, administration, collection
from soundrack.cli.options import Data, Json, run
from soundrack.errors import SoundrackError

app = typer.Typer(
    name="soundrack",
    help="A self-hosted rack of audio services: mastering, analysis, a library and song generation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8600")] = None,
    workers: Annotated[int | None, typer.Option(help="Jobs at once.", show_default="one per core")] = None,
    data: Data = None,
) -> None:
    """Serve the HTTP APIs and run their jobs."""
    run("serve", host=host, port=port, workers=workers, data=data)


@app.command()
def worker(
    workers: Annotated[int | None, typer.Option(help="Jobs at once.", show_default="one per core")] = None,
    data: Data = None,
    supervised: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run jobs only, beside a server on the same data."""
    run("worker", workers=workers, data=data, supervised=supervised)


@app.command()
def courier(
    data: Data = None,
    supervised: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Deliver webhooks and mail only, beside a server on the same data."""
    run("courier", data=data, supervised=supervised)


Source = Annotated[Path, typer.Argument(metavar="INPUT", help="Audio file: WAV, FLAC, AIFF, MP3, OGG, M4A.")]
PresetName = Annotated[str, typer.Option(help="balanced, warm, bright or loud.")]
GenreName = Annotated[str, typer.Option(help="kpop, edm, ballad, hiphop, pop or other.")]
PlatformName = Annotated[
    str | None,
    typer.Option(
        help="spotify, apple_music, youtube, melon or soundcloud: its loudness and ceiling.", show_default=False
    ),
]
TierName = Annotated[str, typer.Option(help="standard, or premium: finer, and the best of several.")]
Intensity = Annotated[float, typer.Option(help="0 to 100: how far everything but loudness goes.")]
Lufs = Annotated[
    float | None, typer.Option(help="Integrated loudness to reach.", show_default="platform, reference or preset")
]
Ceiling = Annotated[
    float | None, typer.Option(help="Highest true peak, in dBTP.", show_default="the platform's, or -1")
]
Reference = Annotated[
    Path | None, typer.Option(help="A record whose tone, width and loudness to come near.", show_default=False)
]
Amount = Annotated[float, typer.Option(help="How far towards the reference, 0 to 1.")]
Repair = Annotated[
    str | None,
    typer.Option(help="Find and treat faults of generated audio: suno, udio, elevenlabs or other.", show_default=False),
]
Rate = Annotated[int | None, typer.Option(help="Rate in Hz.", show_default="INPUT's")]


@app.command()
def master(
    source: Source,
    destination: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUTPUT",
            help="File to write; of several platforms, each has its name before the ending.",
            show_default="INPUT's name and the platform's",
        ),
    ] = None,
    preset: PresetName = "balanced",
    genre: GenreName = "other",
    platform: Annotated[
        list[str] | None,
        typer.Option(
            help="spotify, apple_music, youtube, melon or soundcloud: its loudness and ceiling. May be given again.",
            show_default=False,
        ),
    ] = None,
    tier: TierName = "standard",
    intensity: Intensity = 50.0,
    lufs: Lufs = None,
    ceiling: Ceiling = None,
    reference: Reference = None,
    amount: Amount = 0.7,
    repair: Repair = None,
    plan: Annotated[Path | None, typer.Option(help="Do what this plan says.", show_default=False)] = None,
    format: Annotated[
        str | None, typer.Option(help="wav, flac, mp3, m4a.", show_default="by OUTPUT's ending, or wav")
    ] = None,
    sample_rate: Rate = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write what was measured and done.")] = None,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw before and after.")] = None,
    previews: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the loudest 30 s before and after, equally loud.")
    ] = None,
    null: Annotated[
        Path | None, typer.Option(metavar="FILE.flac", help="Write what mastering changed: the null track.")
    ] = None,
) -> None:
    """Master one file, or one for each of several platforms."""
    run(
        "master",
        source=source,
        destination=destination,
        wish=_wish(preset, genre, None, tier, intensity, lufs, ceiling, amount, repair, sample_rate),
        platform_names=platform or [],
        reference=reference,
        plan_path=plan,
        format_name=format,
        report_path=report,
        picture=picture,
        previews=previews,
        null=null,
    )


@app.command()
def plan(
    source: Source,
    output: Annotated[Path | None, typer.Option("-o", help="File to write.", show_default="printed")] = None,
    preset: PresetName = "balanced",
    genre: GenreName = "other",
    platform: PlatformName = None,
    tier: TierName = "standard",
    intensity: Intensity = 50.0,
    lufs: Lufs = None,
    ceiling: Ceiling = None,
    reference: Reference = None,
    amount: Amount = 0.7,
    repair: Repair = None,
    sample_rate: Rate = None,
) -> None:
    """Say what mastering would do to a file, as JSON to read, edit and give back: soundrack master --plan."""
    run(
        "plan",
        source=source,
        output=output,
        wish=_wish(preset, genre, platform, tier, intensity, lufs, ceiling, amount, repair, sample_rate),
        reference=reference,
    )


def _wish(*values: str | float | None) -> dict[str, Any]:
    names = ("preset", "genre", "platform", "tier", "intensity", "target_lufs", "ceiling_db", "reference_amount")
    return dict(zip((*names, "generator", "rate_hz"), values, strict=True))


@app.command()
def measure(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    json: Json = False,
    curves: Annotated[bool, typer.Option("--curves", help="With --json: loudness over time and spectra too.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="True peak at 16 times the rate instead of 4.")] = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw loudness, peaks and spectra.")] = None,
) -> None:
    """Measure loudness, its range, peaks, dynamics and the stereo image, on all cores."""
    run("measure", paths=files, as_json=json, curves=curves, strict=strict, plot=plot)


@app.command()
def compose(
    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help="What it should be.", show_default=False)
    ] = None,
    lyrics: Annotated[Path | None, typer.Option(metavar="FILE", help="What is sung.", show_default=False)] = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A record that it should resemble.", show_default=False)
    ] = None,
    from_plan: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Compose this plan.", show_default=False)
    ] = None,
    duration: Annotated[float | None, typer.Option(help="Seconds, 1 to 600.", show_default="as wished")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides all that is open.")] = 0,
    variation: Annotated[int, typer.Option(min=0, help="Another song of the same wishes.")] = 0,
    bits: Annotated[int, typer.Option(help="16 or 24.")] = 24,
    stems: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write each part.", show_default=False)] = None,
    midi: Annotated[Path | None, typer.Option(metavar="FILE.mid", help="Write the notes.", show_default=False)] = None,
    plan: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the plan.", show_default=False)] = None,
    score: Annotated[
        Path | None, typer.Option(metavar="FILE.txt", help="Write form, chords and words.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE.flac", help="Where the song goes.")] = Path("song.flac"),
) -> None:
    """Compose, play, sing, mix and master a song from words, a record or a plan."""
    run(
        "compose",
        prompt=prompt,
        reference=reference,
        from_plan=from_plan,
        lyrics=lyrics,
        duration=duration,
        seed=seed,
        variation=variation,
        bits=bits,
        out=out,
        wanted={"stems": stems, "midi": midi, "plan": plan, "score": score},
    )


@app.command()
def remix(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A recording of 4 s to 10 min.")],
    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help="What it should become.", show_default="a style that fits")
    ] = None,
    lyrics: Annotated[Path | None, typer.Option(metavar="FILE", help="What is sung anew.", show_default=False)] = None,
    instrumental: Annotated[bool, typer.Option("--instrumental", help="Leave the voice out.")] = False,
    duration: Annotated[float | None, typer.Option(help="Seconds at most.", show_default="the source's")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides all that is open.")] = 0,
    variation: Annotated[int, typer.Option(min=0, help="Another remix of the same wishes.")] = 0,
    bits: Annotated[int, typer.Option(help="16 or 24.")] = 24,
    stems: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write each part.", show_default=False)] = None,
    midi: Annotated[Path | None, typer.Option(metavar="FILE.mid", help="Write the notes.", show_default=False)] = None,
    plan: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the plan.", show_default=False)] = None,
    score: Annotated[
        Path | None, typer.Option(metavar="FILE.txt", help="Write form, chords and words.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE.flac", help="Where the remix goes.")] = Path("remix.flac"),
    json: Json = False,
) -> None:
    """Keep a recording's voice or hook, and have a new band play to it in another style."""
    run(
        "remix",
        source=source,
        prompt=prompt,
        lyrics=lyrics,
        instrumental=instrumental,
        duration=duration,
        seed=seed,
        variation=variation,
        bits=bits,
        out=out,
        wanted={"stems": stems, "midi": midi, "plan": plan, "score": score},
        as_json=json,
    )


@app.command()
def sample(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="What it should be.")],
    duration: Annotated[float | None, typer.Option(help="Seconds, 1 to 60.", show_default="8, or the bars'")] = None,
    bars: Annotated[int | None, typer.Option(help="Bars instead of seconds.", show_default=False)] = None,
    loopable: Annotated[
        bool, typer.Option("--loopable", help="Whole bars whose end leads to their beginning.")
    ] = False,
    bpm: Annotated[float | None, typer.Option(help="Tempo, 40 to 220.", show_default="as wished")] = None,
    key: Annotated[str | None, typer.Option(help="As in: F# minor.", show_default="as wished")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides all that is open.")] = 0,
    bits: Annotated[int, typer.Option(help="16 or 24.")] = 24,
    out: Annotated[Path, typer.Option(metavar="FILE.flac", help="Where it goes.")] = Path("sample.flac"),
    midi: Annotated[Path | None, typer.Option(metavar="FILE.mid", help="Write its notes.", show_default=False)] = None,
    plan: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write its plan.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Make a loop or a single sound: drums, bass, chords, a melody, a texture, a band, one note."""
    run(
        "sample",
        prompt=prompt,
        duration=duration,
        bars=bars,
        loopable=loopable,
        bpm=bpm,
        key=key,
        seed=seed,
        bits=bits,
        out=out,
        midi=midi,
        plan=plan,
        as_json=json,
    )


@app.command()
def fx(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="What is to be heard.")],
    duration: Annotated[float, typer.Option(help="Seconds, 0.5 to 30.")] = 4.0,
    loopable: Annotated[bool, typer.Option("--loopable", help="Its end leads to its beginning.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Decides all that is open.")] = 0,
    bits: Annotated[int, typer.Option(help="16 or 24.")] = 24,
    out: Annotated[Path, typer.Option(metavar="FILE.flac", help="Where it goes.")] = Path("effect.flac"),
    json: Json = False,
) -> None:
    """Make a sound effect: rain, a door, an explosion, a crowd, whatever the words name."""
    run("fx", prompt=prompt, duration=duration, loopable=loopable, seed=seed, bits=bits, out=out, as_json=json)


@app.command()
def separate(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    bits: Annotated[int, typer.Option(help="16 or 24.")] = 24,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the stems go.")] = Path("stems"),
    json: Json = False,
) -> None:
    """Take a recording apart into voice, drums, bass and all else, which together are the recording."""
    run("separate", source=source, out=out, bits=bits, as_json=json)


@app.command()
def cut(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    to: Annotated[float, typer.Option(metavar="SECONDS", help="How long it should be, 5 to 600.")],
    start: Annotated[str, typer.Option(help="any, or beginning: the song's own.")] = "any",
    end: Annotated[str, typer.Option(help="smart: the song's or a section's own; or fade.")] = "smart",
    bits: Annotated[int, typer.Option(help="16 or 24.")] = 24,
    out: Annotated[Path, typer.Option(metavar="FILE.flac", help="Where the cut goes.")] = Path("cut.flac"),
    json: Json = False,
) -> None:
    """Make a shorter version of a recording, with joins that are not heard."""
    run("cut", source=source, target=to, start=start, end=end, bits=bits, out=out, as_json=json)


@app.command()
def analyze(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    json: Json = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw all that was found on one page.")] = None,
    midi: Annotated[Path | None, typer.Option(metavar="FILE.mid", help="Write chords and melody.")] = None,
    stems: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Separate voice, drums, bass and all else into files.")
    ] = None,
    pictures: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Draw waveform and spectrogram.")] = None,
) -> None:
    """Find out tempo, key, chords, form, genre, mood and how a song is mixed, on all cores."""
    wanted = {"plot": plot, "midi": midi, "stems": stems, "pictures": pictures}
    run("analyze", paths=files, as_json=json, wanted=wanted)


@app.command()
def setup(
    email: Annotated[str | None, typer.Option(help="Mail address.", show_default="asked for")] = None,
    name: Annotated[str, typer.Option(help="What to call you.", show_default=False)] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
    ] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make the first account: the administrator's, with the highest plan of every service."""
    run("setup", email=email, name=name, password_stdin=password_stdin, as_json=json, data=data)


@app.command()
def doctor(json: Json = False, data: Data = None) -> None:
    """Check the machine, and compile the kernels if they are not."""
    run("doctor", as_json=json, data=data)


@app.command()
def demo(
    song: Annotated[Path | None, typer.Option(help="Any audio file.", show_default="a song that comes along")] = None,
    output: Annotated[Path, typer.Option(help="Folder for the master.")] = Path("demo-output"),
) -> None:
    """Start a server on temporary data and master a song over HTTP, as a client would."""
    run("demo", song=song, output=output)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


administration.register(app)
access.register(app)
collection.register(app)


def main() -> None:
    """Run the command; an error meant for people is one line and exit code 1, an interruption 130."""
    try:
        app()
    except SoundrackError as error:
        typer.secho(f"soundrack: {error}", fg="red", err=True)
        sys.exit(1)
    except OSError as error:
        typer.secho(f"soundrack: {error}", fg="red", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

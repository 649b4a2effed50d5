"""The commands and their options; what they do is in the file of the same name."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from soundrack import __version__
from soundrack.cli import administration
from soundrack.errors import SoundrackError

app = typer.Typer(
    name="soundrack",
    help="A self-hosted rack of audio services: mastering, analysis, a library and song generation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
administration.register(app)
leaks = typer.Typer(help="Keys that lie where they should not.", no_args_is_help=True)
app.add_typer(leaks, name="leaks")
apps = typer.Typer(help="OAuth applications.", no_args_is_help=True)
app.add_typer(apps, name="apps")

Data = Annotated[Path | None, typer.Option(help="Folder of the database, objects and secret.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8600")] = None,
    workers: Annotated[int | None, typer.Option(help="Jobs at once.", show_default="one per core")] = None,
    data: Data = None,
) -> None:
    """Serve the HTTP APIs and run their jobs."""
    _run("serve", host=host, port=port, workers=workers, data=data)


@app.command()
def worker(
    workers: Annotated[int | None, typer.Option(help="Jobs at once.", show_default="one per core")] = None,
    data: Data = None,
    supervised: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run jobs only, beside a server on the same data."""
    _run("worker", workers=workers, data=data, supervised=supervised)


@app.command()
def courier(
    data: Data = None,
    supervised: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Deliver webhooks and mail only, beside a server on the same data."""
    _run("courier", data=data, supervised=supervised)


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
    destination: Annotated[Path, typer.Argument(metavar="OUTPUT", help="File to write.")],
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
    plan: Annotated[Path | None, typer.Option(help="Do what this plan says.", show_default=False)] = None,
    format: Annotated[str | None, typer.Option(help="wav, flac, mp3, m4a.", show_default="by OUTPUT's ending")] = None,
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
    """Master one file."""
    _run(
        "master",
        source=source,
        destination=destination,
        wish=_wish(preset, genre, platform, tier, intensity, lufs, ceiling, amount, repair, sample_rate),
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
    _run(
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
    _run("measure", paths=files, as_json=json, curves=curves, strict=strict, plot=plot)


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
    _run("setup", email=email, name=name, password_stdin=password_stdin, as_json=json, data=data)


@app.command()
def invite(
    email: Annotated[
        str | None, typer.Argument(help="For whom; it is mailed there too.", show_default="whoever has the link")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Make an invitation to one account, good for seven days."""
    _run("invite", email=email, as_json=json, data=data)


@apps.command("register")
def apps_register(
    name: Annotated[str, typer.Argument(help="Its name, as people see it when they are asked.")],
    scope: Annotated[str, typer.Option(help="The most that it may ask for, space separated.")],
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(help="Where people may be sent back to; may be given 10 times.", show_default=False),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            help="authorization_code, refresh_token or client_credentials; may be given several times.",
            show_default="authorization_code and refresh_token",
        ),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="It cannot keep a secret; it must use PKCE.")] = False,
    service: Annotated[str, typer.Option(help="The service that it uses.")] = "blacklab",
    account: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Whose it is.", show_default="the first account's")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Register an application. Its secret is shown once."""
    _run(
        "apps",
        action="register",
        name=name,
        service=service,
        redirect_uris=redirect_uri or [],
        scope=scope,
        grant_types=grant or [],
        public=public,
        email=account,
        as_json=json,
        data=data,
    )


@apps.command("list")
def apps_list(
    account: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Only this account's.", show_default=False)
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """List applications, the revoked ones too."""
    _run("apps", action="list", email=account, as_json=json, data=data)


ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="app_…")]


@apps.command("rotate")
def apps_rotate(client_id: ClientId, json: Json = False, data: Data = None) -> None:
    """Give an application a new secret; the old one is refused at once. What people granted stays."""
    _run("apps", action="rotate", client_id=client_id, as_json=json, data=data)


@apps.command("revoke")
def apps_revoke(client_id: ClientId, json: Json = False, data: Data = None) -> None:
    """End an application with all that people granted it."""
    _run("apps", action="revoke", client_id=client_id, as_json=json, data=data)


@leaks.command("scan")
def leaks_scan(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders; - is standard input.")],
    check: Annotated[bool, typer.Option("--check", help="Say of each key whether it is active here.")] = False,
    max_mb: Annotated[
        int | None, typer.Option(min=1, help="Search so much of a file at most, unpacked.", show_default="1000")
    ] = None,
    json: Json = False,
    data: Data = None,
) -> None:
    """Search files for keys of the five services, offline. The exit code is 1 if there are any that may be in use."""
    _run("leaks", command="scan", paths=paths, check=check, most_mb=max_mb, as_json=json, data=data)


@leaks.command("patterns")
def leaks_patterns() -> None:
    """Print the regular expressions of all keys as JSON, for other scanners."""
    _run("leaks", command="patterns")


@app.command()
def doctor(json: Json = False, data: Data = None) -> None:
    """Check the machine, and compile the kernels if they are not."""
    _run("doctor", as_json=json, data=data)


@app.command()
def demo(
    song: Annotated[Path | None, typer.Option(help="Any audio file.", show_default="a song that comes along")] = None,
    output: Annotated[Path, typer.Option(help="Folder for the master.")] = Path("demo-output"),
) -> None:
    """Start a server on temporary data and master a song over HTTP, as a client would."""
    _run("demo", song=song, output=output)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def _run(module: str, **options: Any) -> None:
    """Load a command's file, so that no command waits for what another one needs."""
    raise typer.Exit(import_module(f"soundrack.cli.{module}").run(**options) or 0)


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

"""``soundrack library``: an index of songs, to find those that sound alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from soundrack.analysis.features.sound import hear
from soundrack.analysis.similarity import Index, Match
from soundrack.analysis.tags import tags
from soundrack.cli import console
from soundrack.errors import Invalid, SoundrackError, UnusableAudio

_FILE = "songs.npz"
_ENDINGS = frozenset((".wav", ".flac", ".aif", ".aiff", ".mp3", ".ogg", ".opus", ".m4a"))
_SAVED_EVERY = 50


def run(action: str, data: Path | None, **options: Any) -> int:
    """Do what the command's name says."""
    folder = console.settings(data=data).data
    return _ACTIONS[action](folder / _FILE, **options)


def _add(file: Path, paths: list[Path]) -> int:
    """Hear files, and all songs in folders; what has not changed since is not heard again."""
    songs = list(dict.fromkeys(song for path in paths for song in _songs(path)))
    index = Index.load(file)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    heard = failed = 0
    with console.bars() as shown:
        bar = shown.add_task("listening", total=len(songs))
        for song in songs:
            try:
                stamp = song.stat().st_mtime_ns
                if index.stamp(str(song)) != stamp:
                    index = index.add(str(song), stamp, _embedding(song))
                    heard += 1
                    if heard % _SAVED_EVERY == 0:
                        index.save(file)
            except (SoundrackError, OSError) as error:
                failed += 1
                console.ERR.print(f"{song}: {error}", style="red", markup=False, soft_wrap=True)
            shown.advance(bar)
    index.save(file)
    console.OUT.print(f"{heard} heard, {len(songs) - heard - failed} known already, {len(index.paths)} in all.")
    return 1 if failed else 0


def _similar(file: Path, song: Path, count: int, as_json: bool) -> int:
    """Show which songs sound most like one."""
    index = Index.load(file)
    if not index.paths:
        raise Invalid("No song has been heard yet: soundrack library add FOLDER.")
    found = index.nearest(_embedding(song), count, without=[str(song.resolve())])
    if as_json:
        print(json.dumps([_row(match) for match in found], indent=2, ensure_ascii=False))
        return 0
    for match in found:
        words = f"{match.similarity:5.2f}  {match.path}"
        console.OUT.print(words, markup=False, highlight=False, soft_wrap=True)
    return 0


def _row(match: Match) -> dict[str, Any]:
    return {"file": match.path, "similarity": round(match.similarity, 3)}


def _songs(path: Path) -> Iterator[Path]:
    """Yield a file, or all songs in a folder and those below it."""
    whole = path.resolve()
    if whole.is_dir():
        yield from sorted(each for each in whole.rglob("*") if each.suffix.lower() in _ENDINGS and each.is_file())
    else:
        yield whole


def _embedding(song: Path) -> Any:
    heard = tags(hear(song))
    if not heard:
        raise UnusableAudio("There is too little to hear in it: it is silent, or shorter than three seconds.")
    return heard.embedding


_ACTIONS: dict[str, Callable[..., int]] = {"add": _add, "similar": _similar}

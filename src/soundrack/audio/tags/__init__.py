"""Tags and cover art: read from every container that is decoded here; :mod:`soundrack.audio.encoding` writes them.

One module for each family: :mod:`~soundrack.audio.tags.id3`, :mod:`~soundrack.audio.tags.vorbis_comment` (in
:mod:`~soundrack.audio.tags.flac` and :mod:`~soundrack.audio.tags.ogg`), :mod:`~soundrack.audio.tags.iff`,
:mod:`~soundrack.audio.tags.mpeg4`. Pure Python, like all that touches a stranger's bytes first.
"""

from __future__ import annotations

from pathlib import Path

from soundrack.audio.containers import Container
from soundrack.audio.tags.flac import read_flac_tags
from soundrack.audio.tags.id3 import read_id3v1, read_id3v2
from soundrack.audio.tags.iff import read_aiff_tags, read_wav_tags
from soundrack.audio.tags.metadata import Cover, TagFile, Tags
from soundrack.audio.tags.mpeg4 import read_mpeg4_tags
from soundrack.audio.tags.ogg import read_ogg_tags

__all__ = ["Cover", "Tags", "read_tags"]


def read_tags(path: Path, container: Container) -> Tags:
    """Return what a file says of its song.

    Parameters
    ----------
    path : Path
        A file that exists. Any content is safe: at most 16 MiB of it are read.
    container : Container
        What :func:`~soundrack.audio.containers.sniff` took it for.

    Returns
    -------
    Tags
        Whatever could be read. Damage costs the damaged part alone, and never the file: `left_out` tells of it, and of
        covers over 10 MiB or of a kind other than JPEG and PNG, of text beyond 4 KiB, and by name of fields that `Tags`
        has no place for, unless they are true of one encoding alone, such as gains.
    """
    readers = {
        Container.WAV: read_wav_tags,
        Container.AIFF: read_aiff_tags,
        Container.FLAC: read_flac_tags,
        Container.OGG: read_ogg_tags,
        Container.M4A: read_mpeg4_tags,
        Container.MP3: _read_mp3_tags,
    }
    with path.open("rb") as file:
        return readers[container](TagFile(file))


def _read_mp3_tags(file: TagFile) -> Tags:
    """Return the ID3v2 tags before the sound; where there are none, the ID3v1 tags after it."""
    newer = read_id3v2(file, 0, file.size)
    return newer or newer.completed_by(read_id3v1(file))

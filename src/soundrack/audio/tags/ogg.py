"""The comments of Ogg files: Vorbis, Opus and FLAC.

Sources: RFC 3533 (Ogg pages); "Vorbis I specification", 4.2.1 and 5; RFC 7845 (Opus), 5.2; RFC 9639 (FLAC), 10.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from soundrack.audio.tags.metadata import Gathering, TagFile, Tags
from soundrack.audio.tags.vorbis_comment import read_picture, read_vorbis_comment

_COMMENT_HEADS = {b"\x01vorbis": b"\x03vorbis", b"OpusHead": b"OpusTags"}
"""How a stream's first packet begins, and its comments."""
_FLAC_HEAD = b"\x7fFLAC"
_FLAC_COMMENT, _FLAC_PICTURE = 4, 6
_MOST_FLAC_BLOCKS = 64
_MOST_PAGES = 8192
_PAGE_HEAD_BYTES = 27
_BEGINNING_OF_STREAM = 0x02


def read_ogg_tags(file: TagFile) -> Tags:
    """Return the tags of the first Vorbis, Opus or FLAC stream of an Ogg file."""
    gathering = Gathering()
    packets = _packets(file)
    first = next(packets, b"")
    if first.startswith(_FLAC_HEAD):
        _read_flac_packets(packets, gathering)
    else:
        second = next(packets, b"")
        for stream_head, comment_head in _COMMENT_HEADS.items():
            if first.startswith(stream_head) and second.startswith(comment_head):
                read_vorbis_comment(second[len(comment_head) :], gathering)
    return gathering.tags()


def _read_flac_packets(packets: Iterator[bytes], gathering: Gathering) -> None:
    """Read metadata blocks, one a packet, to the last."""
    for _, packet in zip(range(_MOST_FLAC_BLOCKS), packets, strict=False):
        kind = packet[0] & 0x7F if packet else 0
        if kind == _FLAC_COMMENT:
            read_vorbis_comment(packet[4:], gathering)
        elif kind == _FLAC_PICTURE:
            read_picture(packet[4:], gathering)
        if not packet or packet[0] & 0x80:
            return


def _packets(file: TagFile) -> Iterator[bytes]:
    """Yield the packets of the first stream of a known kind; the last one as far as it could be read."""
    position, serial, packet = 0, b"", bytearray()
    for _ in range(_MOST_PAGES):
        head = file.read(position, _PAGE_HEAD_BYTES)
        if len(head) < _PAGE_HEAD_BYTES or head[:4] != b"OggS":
            break
        lacing = file.read(position + _PAGE_HEAD_BYTES, head[26])
        body_at, length = position + _PAGE_HEAD_BYTES + len(lacing), sum(lacing)
        if not serial and head[5] & _BEGINNING_OF_STREAM:
            beginning = file.read(body_at, min(8, length))
            if beginning.startswith((*_COMMENT_HEADS, _FLAC_HEAD)):
                serial = head[14:18]
        if head[14:18] == serial:
            body, place = file.read(body_at, length), 0
            for segment in lacing:
                packet += body[place : place + segment]
                place += segment
                if segment < 255:
                    yield bytes(packet)
                    packet.clear()
        position = body_at + length
    if packet:
        yield bytes(packet)

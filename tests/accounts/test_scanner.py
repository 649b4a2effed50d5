"""The files in which keys are found."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import threading
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack import ids
from soundrack.accounts import formats, scanner
from soundrack.accounts.formats import Format
from soundrack.accounts.scanner import Finding, Tally
from soundrack.service import Service


def scanned(*paths: Path, **rest: int) -> tuple[list[Finding], Tally]:
    tally = Tally()
    return list(scanner.scan(paths, tally, **rest)), tally


def found_in(content: bytes) -> list[Finding]:
    return list(scanner.scan_stream(BytesIO(content), "stream", Tally()))


@given(
    st.sampled_from((*formats.ALL, *formats.OTHERS)),
    st.binary(max_size=300),
    st.sampled_from([b'"', b" ", b"=", b"\n", b"\0", b"'", b"%"]),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_a_key_is_found_wherever_it_stands_with_its_line_and_column(
    form: Any, before: bytes, quote: bytes, encoding: str
):
    token = form.mint() if isinstance(form, Format) else ids.signing_secret()
    before = before.replace(b"\r", b"") + quote
    if encoding != "utf-8":
        before = before.decode("latin-1").encode(encoding)
    (finding,) = found_in(before + (token + quote.decode() * 2).encode(encoding))

    text = before.decode(encoding) if encoding != "utf-8" else before.decode("latin-1")
    assert (finding.token, finding.form, finding.is_proven) == (token, form.name, form.has_checksum)
    assert finding.line == text.count("\n") + 1
    assert finding.column == len(text) - (text.rfind("\n") + 1) + 1
    assert finding.shown == form.shown(token)
    assert finding.token not in repr(finding)


@given(st.binary(max_size=2000))
def test_no_bytes_make_the_search_raise_or_find_anything(content: bytes):
    assert found_in(content) == []


@pytest.mark.parametrize("form", formats.ALL, ids=lambda form: form.name)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_key_across_two_chunks_is_found_once(form: Format, encoding: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scanner, "_CHUNK_BYTES", 256)
    token = form.mint()
    for shift in range(256):
        content = ("\n" * 7 + "." * (200 + shift) + token + "." * 300).encode(encoding)
        (finding,) = found_in(content)
        assert (finding.token, finding.line, finding.column) == (token, 8, 201 + shift)


def test_chunks_of_any_size_give_what_one_piece_gives(monkeypatch: pytest.MonkeyPatch):
    tokens = [form.mint() for form in formats.ALL for _ in range(5)]
    content = "\n".join(f"{'-' * (number * 7)} {token}\nsk_live_" for number, token in enumerate(tokens)).encode()
    whole = found_in(content)
    assert [finding.token for finding in whole] == tokens

    for size in (1, 7, 41, 99, 1000):
        monkeypatch.setattr(scanner, "_CHUNK_BYTES", size)
        assert found_in(content) == whole


def test_a_proven_key_is_found_in_the_midst_of_letters_and_twice_if_it_is_there_twice():
    token = formats.mint(Service.AUDIOLIB)

    assert [finding.column for finding in found_in(f"xx{token}{token}yy".encode())] == [3, 39]


@pytest.mark.parametrize("around", ["{}0", "{}z", "{}Z", "cl{}", "0{}"])
def test_without_a_checksum_a_key_stands_alone(around: str):
    token = formats.mint(Service.MASTERIFY)

    assert found_in(around.format(token).encode()) == []
    assert len(found_in(f"x_{token}_".encode())) == 1


def test_the_printed_example_of_a_masterify_key_is_none_that_was_made_here():
    assert found_in(b"aim_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6") == []


def test_what_only_looks_like_a_key_is_counted_and_not_reported():
    tally = Tally()
    content = b"sk_live_abcdefghijklmnopqrstuvwxyz012345 spk_00000000000000000000000000000000 sk_live_xxx"

    assert list(scanner.scan_stream(BytesIO(content), "stream", tally)) == []
    assert tally.look_alikes == 2


def test_trees_are_searched_without_links_pipes_and_git_objects(tmp_path: Path):
    token = formats.mint(Service.BLACKLAB)
    for name in ("b/c.txt", ".env", ".git/config", ".git/HEAD", ".git/refs/x", ".git/objects/aa/bb", "objects/a.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\xff" + token.encode())
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "objects/a.bin")
    os.mkfifo(tmp_path / "pipe")

    findings, tally = scanned(tmp_path)
    assert [Path(finding.path).relative_to(tmp_path).as_posix() for finding in findings] == [
        ".env",
        ".git/HEAD",
        ".git/config",
        ".git/refs/x",
        "b/c.txt",
        "objects/a.bin",
    ]
    assert (tally.files, tally.unreadable) == (6, [])
    assert len(scanned(tmp_path / "link")[0]) == 1


def test_compressed_files_are_searched_unpacked(tmp_path: Path):
    token = formats.mint(Service.BLACKLAB).encode()
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x") + gzip.compress(b"\n" + token))
    (tmp_path / "b.bz2").write_bytes(bz2.compress(token))
    (tmp_path / "c.xz").write_bytes(lzma.compress(token))
    with zipfile.ZipFile(tmp_path / "d.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package/settings.py", b"\n\n " + token)

    findings, _ = scanned(tmp_path)
    places = [(finding.path.removeprefix(f"{tmp_path}/"), finding.line, finding.column) for finding in findings]
    assert places == [("a.gz", 2, 1), ("b.bz2", 1, 1), ("c.xz", 1, 1), ("d.whl!package/settings.py", 3, 2)]


def test_a_bomb_is_searched_up_to_the_limit(tmp_path: Path):
    token = formats.mint(Service.BLACKLAB).encode()
    (tmp_path / "a.gz").write_bytes(gzip.compress(token + b"0" * 50_000_000 + token))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("1", "2", "3"):
            archive.writestr(name, b"0" * 5_000_000)

    findings, tally = scanned(tmp_path, most_bytes=6_000_000)
    assert len(findings) == 1
    assert tally.size_bytes == 12_000_000
    assert [Path(path).name for path in tally.cut_short] == ["a.gz", "b.zip!2", "b.zip!3"]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\3\4 no archive",
        b"\x1f\x8b\x08 no gzip",
        gzip.compress(b"0" * 100_000)[:-20],
        b"BZh9 no bzip2",
        b"\xfd7zXZ\0 no xz",
        lzma.compress(os.urandom(10_000))[:5000],
    ],
)
def test_a_damaged_archive_is_counted_and_the_search_goes_on(tmp_path: Path, content: bytes):
    token = formats.mint(Service.BLACKLAB).encode()
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").write_bytes(token)

    findings, tally = scanned(tmp_path)
    assert [Path(finding.path).name for finding in findings] == ["b"]
    assert [Path(path).name for path in tally.unreadable] == ["a"]


def test_a_pipe_that_is_named_is_read(tmp_path: Path):
    token = formats.mint(Service.BLACKLAB)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(token,))
    writer.start()
    findings, tally = scanned(tmp_path / "pipe")
    writer.join()

    assert [finding.token for finding in findings] == [token]
    assert tally.files == 1


def test_a_file_that_cannot_be_read_is_counted(tmp_path: Path):
    assert scanned(tmp_path / "nowhere")[1].unreadable == [str(tmp_path / "nowhere")]


def test_a_very_long_line_is_searched(tmp_path: Path):
    token = formats.mint(Service.SIGNALKEY)
    (tmp_path / "a.js").write_text("x" * 9_000_000 + f'"{token}"')

    (finding,) = scanned(tmp_path)[0]
    assert (finding.line, finding.column) == (1, 9_000_002)

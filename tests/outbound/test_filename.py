"""Names of files that strangers choose."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.outbound.filename import MOST_CHARACTERS, name_of


@pytest.mark.parametrize(
    ("disposition", "path", "name"),
    [
        ('attachment; filename="song.wav"', "/x", "song.wav"),
        ("attachment; filename=song.wav", "/x", "song.wav"),
        ("attachment; filename*=UTF-8''S%C3%B6ng.wav; filename=song.wav", "/x", "Söng.wav"),
        ('attachment; filename="../../etc/passwd"', "/x", "passwd"),
        ('attachment; filename="C:\\\\music\\\\song.wav"', "/x", "song.wav"),
        ('attachment; filename=".."', "/song.wav", "song.wav"),
        ("inline", "/mixes/My%20Song.wav?x=/y.mp3", "My Song.wav"),
        (None, "/a%2Fb%5Cc.wav", "c.wav"),
        (None, "/", None),
        (None, "/..", None),
        (None, "/fdp%E2%80%AE.wav", "fdp.wav"),
        (None, "/" + "a" * 500 + ".wav", "a" * 116 + ".wav"),
        ("attachment; filename*=nonsense''%FF", "/song.wav", "song.wav"),
    ],
)
def test_a_name_is_made_harmless(disposition: str | None, path: str, name: str | None):
    given_name = name_of(disposition, path)

    if disposition and "nonsense" in disposition:
        assert given_name
    else:
        assert given_name == name


@given(
    st.one_of(st.text(), st.text().map("attachment; filename=".__add__), st.text().map("x; filename*=".__add__)),
    st.text(),
)
def test_no_name_can_do_harm(disposition: str, path: str):
    name = name_of(disposition, path)

    if name is not None:
        assert 0 < len(name) <= MOST_CHARACTERS
        assert not set(name) & set("/\\")
        assert name.strip(".")
        assert not any(unicodedata.category(one)[0] == "C" for one in name)

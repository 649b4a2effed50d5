"""From Markdown to HTML: CommonMark with tables, headings that can be linked to, and code in colours.

What is rendered is our own, but nothing of it is trusted for that: HTML in it is shown and not obeyed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

Leads = Callable[[str], str | None]
"""From a link as it is written to where it leads, or None if it leads to no page: then its text stays."""


@dataclass(frozen=True)
class Heading:
    """A heading below the title, and the id by which it is linked to."""

    id: str
    text: str
    level: int


@dataclass(frozen=True)
class Text:
    """A rendered page."""

    title: str
    html: Markup
    headings: tuple[Heading, ...]


def render(source: str, leads: Leads) -> Text:
    """Return a page's title, which is its first heading, and what comes below it."""
    parser = _parser()
    tokens = parser.parse(source)
    title, tokens = _title(tokens)
    headings = _name_headings(tokens)
    for token in tokens:
        if token.children:
            token.children = _lead(token.children, leads)
    html = parser.renderer.render(_framed(tokens), parser.options, {})
    return Text(title, Markup(html), tuple(headings))  # noqa: S704  rendered with HTML switched off


def inline(source: str) -> Markup:
    """Return a sentence or several, such as a description holds them."""
    return Markup(_parser().renderInline(" ".join(source.split())))  # noqa: S704  rendered with HTML switched off


def code(source: str, language: str) -> Markup:
    """Return a block of code, in colours if the language is known."""
    return Markup(_coloured(source, language, ""))  # noqa: S704  escaped by the formatter


def slug(text: str) -> str:
    """Return the id that a heading's text gets, as GitHub forms it.

    >>> slug("What lives how long"), slug("BlackLab and Masterify"), slug("Errors: `409`, or not?")
    ('what-lives-how-long', 'blacklab-and-masterify', 'errors-409-or-not')
    """
    kept = re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", text).lower())
    return kept.strip().replace(" ", "-")


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "highlight": _coloured}).enable("table")


def _title(tokens: Sequence[Token]) -> tuple[str, list[Token]]:
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return _plain(tokens[1]), list(tokens[3:])
    return "", list(tokens)


def _name_headings(tokens: Sequence[Token]) -> list[Heading]:
    found: list[Heading] = []
    taken: dict[str, int] = {}
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            text = _plain(content)
            name = slug(text)
            taken[name] = taken.get(name, -1) + 1
            unique = f"{name}-{taken[name]}" if taken[name] else name
            opening.attrSet("id", unique)
            found.append(Heading(unique, text, int(opening.tag[1:])))
    return found


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or () if child.type in {"text", "code_inline"})


def _lead(children: list[Token], leads: Leads) -> list[Token]:
    kept: list[Token] = []
    dropped = 0
    for child in children:
        if child.type == "link_open":
            target = leads(str(child.attrGet("href") or ""))
            if target is None:
                dropped += 1
                continue
            child.attrSet("href", target)
        elif child.type == "link_close" and dropped:
            dropped -= 1
            continue
        kept.append(child)
    return kept


def _framed(tokens: Sequence[Token]) -> list[Token]:
    """Put each table into a frame of its own, which scrolls where the screen is narrow."""
    framed: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            framed.append(Token("frame_open", "div", 1, attrs={"class": "scroll", "tabindex": "0"}))
        framed.append(token)
        if token.type == "table_close":
            framed.append(Token("frame_close", "div", -1))
    return framed


def _coloured(source: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(_LEXERS.get(language, language) or "text", stripnl=False)
    except ClassNotFound:
        body = str(escape(source))
    else:
        body = highlight(source, lexer, HtmlFormatter(nowrap=True))
    return f'<pre tabindex="0"><code>{body.rstrip()}</code></pre>\n'


_LEXERS = {"sh": "bash", "": "text"}

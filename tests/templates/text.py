"""The texts in a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def strings(value: object) -> Iterator[str]:
    """Give every string in a value, however deep; keys are none."""
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from strings(inner)
        case Sequence():
            for inner in value:
                yield from strings(inner)

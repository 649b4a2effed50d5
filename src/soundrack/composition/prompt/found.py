"""What was found in a prompt, sorted into what is wished and what is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from soundrack.composition.prompt.explicit import Said
from soundrack.composition.prompt.items import Item
from soundrack.composition.prompt.vocabulary import Term


@dataclass
class Found:
    """What was found: terms and values in order, and which of them something else won over.

    A term that is said several times counts once. `overruled` grows while wishes are made of it: places in the prompt.
    """

    wanted: list[Item]
    denied: list[Item]
    terms: list[Term]
    overruled: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, row: Iterable[Item]) -> Found:
        """Sort items that mean something into those that are wished and those that are not."""
        seen: set[tuple[str, str, float, bool, bool]] = set()
        told = []
        for item in row:
            if item.term is not None:
                what = (item.term.subject, item.term.name, item.factor, item.denied, item.alone)
                if what in seen:
                    continue
                seen.add(what)
            if item.term is not None or item.said is not None:
                told.append(item)
        wanted = [item for item in told if not item.denied]
        denied = [item for item in told if item.denied]
        return cls(wanted, denied, [item.term for item in wanted if item.term is not None])

    def said(self, of: str) -> list[tuple[Item, Said]]:
        """Return the values of a kind that are wished."""
        return [(item, item.said) for item in self.wanted if item.said is not None and item.said.of == of]

    def overrule(self, item: Item) -> None:
        """Note that an item has no effect."""
        self.overruled.add(item.start)

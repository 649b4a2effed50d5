"""Tables read field by field, so that a wrong, missing or unknown field is told by its name."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TypeVar

from soundrack.errors import Invalid, NotFound

E = TypeVar("E", bound=Enum)

_MISSING = object()


def packed(folder: Path, name: str, *, kind: str) -> Fields:
    """Return the table of a TOML file that comes along, to be read.

    Parameters
    ----------
    folder, name : Path and str
        Where it lies, and what it is called without its ending.
    kind : str
        What it describes, for people.

    Raises
    ------
    NotFound
        If there is none of that name; its field is ``instrument``.
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        raise NotFound(f"There is no {kind} {name!r}.", field="instrument")
    with path.open("rb") as file:
        return Fields(name, tomllib.load(file))


class Fields:
    """A table of TOML or JSON while it is read.

    Every method takes a field's name, remembers that it was read, and raises `Invalid` with the field's path where the
    value is not what is wanted. A field with a default may be missing. `done` raises if a field was never asked for.

    Parameters
    ----------
    where : str
        The path of the table, as in ``house.plan``.
    table : mapping
        What is read.
    """

    def __init__(self, where: str, table: Mapping[str, object]) -> None:
        self._where = where
        self._table = table
        self._read: set[str] = set()

    def done(self) -> None:
        """Check that nothing is left.

        Raises
        ------
        Invalid
            Naming the first unknown field.
        """
        for name in self._table:
            if name not in self._read:
                raise self.wrong(name, "is not known")

    def wrong(self, name: str, what: str) -> Invalid:
        """Return the error of a field, for checks that a caller makes: ``house.plan.swing: must ...``."""
        path = f"{self._where}.{name}" if self._where else name
        return Invalid(f"{path} {what}.", field=path)

    def has(self, name: str) -> bool:
        """Tell whether there is such a field, and that it is not null."""
        return self._table.get(name) is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all fields, in their order."""
        return tuple(self._table)

    def skip(self, name: str) -> None:
        """Let a field be there whose value does not matter."""
        self._read.add(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "must be a string")
        return value

    def member(self, name: str, kind: type[E], default: E | None = None) -> E:
        """Return a member of an enumeration by its value."""
        value = self._value(name, default)
        if isinstance(value, kind):
            return value
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(str(each.value) for each in kind)
            raise self.wrong(name, f"must be one of {known}") from None

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number from low to high."""
        value = self._value(name, default)
        return self._number(name, value, low, high)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from low to high."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(name, f"must be a whole number from {low} to {high}")
        return value

    def texts(self, name: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._value(name, default)
        if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(v, str) for v in value):
            raise self.wrong(name, "must be a list of strings")
        return tuple(value)

    def numbers(
        self, name: str, low: float, high: float, count: int | None = None, default: Sequence[float] | None = None
    ) -> tuple[float, ...]:
        """Return a list of numbers from low to high; of `count` numbers where it is given."""
        value = self._value(name, default)
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.wrong(name, "must be a list of numbers")
        if count is not None and len(value) != count:
            raise self.wrong(name, f"must have {count} numbers")
        return tuple(self._number(name, each, low, high) for each in value)

    def span(
        self, name: str, low: float, high: float, default: tuple[float, float] | None = None
    ) -> tuple[float, float]:
        """Return two numbers of which the second is not below the first."""
        first, second = self.numbers(name, low, high, 2, default)
        if first > second:
            raise self.wrong(name, "must ascend")
        return first, second

    def weights(self, name: str, known: Sequence[str] | None = None) -> dict[str, float]:
        """Return a table of weights, none below 0 and their sum above it, in the file's order.

        With `known` its names must be among these.
        """
        inner = self.table(name)
        weights = {each: inner.number(each, 0.0, 1000.0) for each in inner.names}
        if known is not None:
            for each in weights:
                if each not in known:
                    raise inner.wrong(each, f"must be one of {', '.join(known)}")
        if sum(weights.values()) <= 0.0:
            raise self.wrong(name, "must have a weight above 0")
        return weights

    def table(self, name: str) -> Fields:
        """Return a table within."""
        value = self._value(name, None)
        return self._inner(name, value)

    def tables(self, name: str, default: Sequence[Mapping[str, object]] | None = None) -> tuple[Fields, ...]:
        """Return a list of tables."""
        value = self._value(name, default)
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.wrong(name, "must be a list of tables")
        return tuple(self._inner(f"{name}.{place}", each) for place, each in enumerate(value))

    def _inner(self, name: str, value: object) -> Fields:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise self.wrong(name, "must be a table")
        return Fields(f"{self._where}.{name}" if self._where else name, value)

    def _value(self, name: str, default: object) -> object:
        self._read.add(name)
        value = self._table.get(name, _MISSING)
        if value is _MISSING:
            if default is None:
                raise self.wrong(name, "is missing")
            return default
        return value

    def _number(self, name: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong(name, "must be a number")
        if not low <= value <= high:
            raise self.wrong(name, f"must lie within {low:g} to {high:g}")
        return float(value)

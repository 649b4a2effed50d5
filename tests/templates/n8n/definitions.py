"""Workflows held against the descriptions that an installed n8n has of its nodes and credentials.

What n8n's editor would show in red is found without starting it: unknown types, versions and parameters, those that do
not belong to what else is set, values that are not among the choices, fields that must be filled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_DEFAULTS_SETTLE_WITHIN = 4
"""A default can show further fields, which have defaults."""
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "gte": lambda have, want: have >= want,
    "lte": lambda have, want: have <= want,
    "gt": lambda have, want: have > want,
    "lt": lambda have, want: have < want,
    "eq": lambda have, want: have == want,
    "not": lambda have, want: have != want,
}


@dataclass(frozen=True)
class Definitions:
    """What n8n says of its nodes, by type and version, and the names of its credentials."""

    nodes: Mapping[tuple[str, float], Json]
    credentials: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> Definitions:
        """Read them from ``n8n-nodes-base/dist/types``."""
        nodes: dict[tuple[str, float], Json] = {}
        for described in json.loads((folder / "nodes.json").read_text()):
            versions = described["version"]
            for version in versions if isinstance(versions, list) else [versions]:
                nodes[described["name"].removeprefix("n8n-nodes-base."), version] = described
        credentials = json.loads((folder / "credentials.json").read_text())
        return cls(nodes, frozenset(described["name"] for described in credentials))

    def problems(self, workflow: Json) -> Iterator[str]:
        """Give all that n8n would not take, a sentence each."""
        for node in workflow["nodes"]:
            name, version = node["name"], node["typeVersion"]
            described = self.nodes.get((node["type"].removeprefix("n8n-nodes-base."), version))
            if described is None:
                yield f"{name} is of an unknown type or version."
                continue
            yield from _problems(described["properties"], node["parameters"], None, version, name)
            allowed = {taken["name"] for taken in described.get("credentials", [])}
            allowed.add(node["parameters"].get("genericAuthType"))
            for credential in node.get("credentials", {}):
                if credential not in self.credentials & allowed:
                    yield f"{name} takes no credential {credential}."


def _problems(described: Sequence[Json], given: Json, root: Json | None, version: float, where: str) -> Iterator[str]:
    whole = _with_defaults(described, given, root, version)
    outer = whole if root is None else root
    for key, value in given.items():
        named = [about for about in described if about["name"] == key]
        shown = [about for about in named if _is_shown(about, whole, outer, version)]
        if not shown:
            yield f"{where}.{key} is {'not shown for these settings' if named else 'unknown'}."
        elif not (isinstance(value, str) and value.startswith("=")):
            yield from _value(shown, value, outer, version, f"{where}.{key}")
    for about in described:
        is_empty = whole.get(about["name"]) in ("", None, [], {})
        if about.get("required") and is_empty and _is_shown(about, whole, outer, version):
            yield f"{where}.{about['name']} is required."


def _value(shown: Sequence[Json], value: Any, root: Json, version: float, where: str) -> Iterator[str]:
    about = shown[0]
    match about["type"]:
        case "options" if about.get("options") and "loadOptionsMethod" not in about.get("typeOptions", {}):
            choices = [choice["value"] for one in shown for choice in one.get("options", [])]
            if value not in choices:
                yield f"{where} is {value!r} and none of {choices}."
        case "collection":
            yield from _problems(about["options"], value, root, version, where)
        case "fixedCollection":
            groups = {group["name"]: group["values"] for group in about["options"]}
            for name, rows in value.items():
                if name not in groups:
                    yield f"{where}.{name} is unknown."
                    continue
                for row in rows if isinstance(rows, list) else [rows]:
                    yield from _problems(groups[name], row, root, version, f"{where}.{name}")
        case "resourceLocator":
            modes = [mode["name"] for mode in about["modes"]]
            if not isinstance(value, dict) or not value.get("__rl") or value.get("mode") not in modes:
                yield f"{where} is no resource locator in a mode of {modes}."


def _with_defaults(described: Sequence[Json], given: Json, root: Json | None, version: float) -> Json:
    whole = dict(given)
    for _ in range(_DEFAULTS_SETTLE_WITHIN):
        for about in described:
            if about["name"] not in whole and _is_shown(about, whole, whole if root is None else root, version):
                whole[about["name"]] = about.get("default")
    return whole


def _is_shown(about: Json, whole: Json, root: Json, version: float) -> bool:
    def have(key: str) -> Any:
        if key == "@version":
            return version
        return root.get(key[1:]) if key.startswith("/") else whole.get(key)

    options = about.get("displayOptions", {})
    return all(_is_among(have(key), wanted) for key, wanted in options.get("show", {}).items()) and not any(
        _is_among(have(key), wanted) for key, wanted in options.get("hide", {}).items() if have(key) is not None
    )


def _is_among(have: Any, wanted: Sequence[Any]) -> bool:
    for want in wanted:
        if not (isinstance(want, dict) and "_cnd" in want):
            if want == have:
                return True
            continue
        ((comparison, value),) = want["_cnd"].items()
        compare = _COMPARISONS.get(comparison)
        # what is compared in another way, such as by a pattern, is taken as shown
        if compare is None or (have is not None and compare(have, value)):
            return True
    return False

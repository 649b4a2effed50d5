"""The result's schema: the engine's own, with the links that are added to it, in the parts that a description has.

The engine's schema is read as a file, since no server loads the engine.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

Schema = dict[str, Any]

NAME = "Result"
_PARTS = {
    "file_meta": "The file.",
    "tempo": "Beats and bars.",
    "key": "Key and tuning.",
    "genre": "Genre, style and tags.",
    "mood": "Valence, energy and danceability.",
    "loudness": "Loudness and peaks.",
    "structure": "Sections and energy over time.",
    "mix_report": "What a mixing engineer would say.",
    "create_report": "What one needs to play along.",
    "stems_report": "Voice, drums, bass and all else.",
    "release_kit": "What one needs to release it.",
}
"""The document's parts in its order, and what each is about."""


@cache
def schemas() -> dict[str, Schema]:
    """Return the result's schema and those of its parts, by the names that they have in a description."""
    text = (resources.files("soundrack") / "analysis" / "schema.json").read_text(encoding="utf-8")
    whole: Schema = json.loads(text)
    _add_links(whole["properties"])
    found = {_named(name): _rewritten(schema) for name, schema in whole["$defs"].items()}
    properties: dict[str, Schema] = {}
    for name, schema in whole["properties"].items():
        if name in _PARTS:
            found[_named(name)] = {"title": _named(name), "description": _PARTS[name], **_rewritten(schema)}
            properties[name] = {"$ref": _place(name)}
        else:
            properties[name] = _rewritten(schema)
    properties["links_expire_at"] = {
        "type": "string",
        "format": "date-time",
        "description": "Until when the links in it are good. Whoever asks again gets new ones.",
    }
    properties["id"]["description"] = "The job's id."
    ordered = {name: properties[name] for name in ("id", *_PARTS, "version", "links_expire_at")}
    description = f"{whole['description']} Fields may be added to it."
    found[NAME] = {
        "title": NAME,
        "description": description,
        "type": "object",
        "properties": ordered,
        "required": list(ordered),
    }
    return found


def _add_links(properties: dict[str, Schema]) -> None:
    create = properties["create_report"]
    create["properties"]["midi_url"] = _link("The chords and the melody as a Standard MIDI File.")
    create["required"].append("midi_url")
    stem = properties["stems_report"]["properties"]["stems"]["items"]
    stem["properties"]["url"] = _link("The stem as WAV; null where stems were not separated.")
    stem["required"].append("url")
    properties["release_kit"]["properties"]["pictures"] = {
        "type": "object",
        "description": "Links to pictures of the song, by what they show.",
        "additionalProperties": {"type": "string", "format": "uri"},
    }


def _link(text: str) -> Schema:
    return {"type": ["string", "null"], "format": "uri", "description": text}


def _rewritten(value: Any) -> Any:
    """Return a schema whose references lead into a description, and whose nulls stand apart, as elsewhere in one."""
    if isinstance(value, list):
        return [_rewritten(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return {**value, "$ref": _place(value["$ref"].rpartition("/")[2])}
    schema = {name: _rewritten(one) for name, one in value.items()}
    kinds = schema.get("type")
    if not isinstance(kinds, list):
        return schema
    told = {"description": schema.pop("description")} if "description" in schema else {}
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
    others: list[Schema] = [{**_of_type(schema, kind), "type": kind} for kind in kinds if kind != "null"]
    return {"anyOf": [*others, {"type": "null"}], **told}


_ABOUT_TEXT = {"pattern", "format", "enum"}


def _of_type(schema: Schema, kind: str) -> Schema:
    """Without what says nothing of this type."""
    return {
        name: one for name, one in schema.items() if name != "type" and (kind == "string" or name not in _ABOUT_TEXT)
    }


def _place(name: str) -> str:
    return f"#/components/schemas/{_named(name)}"


def _named(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))

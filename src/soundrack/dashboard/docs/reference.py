"""A service's reference, read off its OpenAPI description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from soundrack.dashboard.docs import markdown

Document = Mapping[str, Any]

_METHODS = {"get", "post", "put", "patch", "delete"}
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_EVENTS = "text/event-stream"
_MOST_CHOICES = 12


@dataclass(frozen=True)
class Field:
    """A field of a body, or a parameter."""

    name: str
    type: str
    is_required: bool
    text: Markup
    within: int = 0
    """How deep it lies in other fields."""


@dataclass(frozen=True)
class Example:
    """A body as it goes over the wire."""

    title: str
    html: Markup


@dataclass(frozen=True)
class Answer:
    """What may come back."""

    status: int
    phrase: str
    text: Markup
    headers: tuple[str, ...]
    examples: tuple[Example, ...]

    @property
    def is_error(self) -> bool:
        """Whether it is a refusal or a failure."""
        return self.status >= 400


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    id: str
    method: str
    path: str
    title: str
    text: Markup
    scopes: tuple[str, ...]
    is_public: bool
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    curl: Markup
    bodies: tuple[Example, ...]
    answers: tuple[Answer, ...]
    fields: tuple[Field, ...]
    """Of the body that comes back where all went well."""


@dataclass(frozen=True)
class Event:
    """One thing that is told to webhooks."""

    id: str
    name: str
    text: Markup
    headers: tuple[Field, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Error:
    """One row of the error catalogue."""

    id: str
    code: str
    statuses: tuple[int, ...]
    text: Markup


@dataclass(frozen=True)
class Group:
    """What belongs together."""

    name: str
    text: Markup
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Reference:
    """The whole of it."""

    base_url: str
    description_url: str
    headers: tuple[Field, ...]
    groups: tuple[Group, ...]
    events: tuple[Event, ...]
    errors: tuple[Error, ...]


def read(document: Document) -> Reference:
    """Return the reference that a description amounts to."""
    base_url = document["servers"][0]["url"]
    reader = _Reader(document, base_url)
    return Reference(
        base_url=base_url,
        description_url=f"{base_url}/openapi.json",
        headers=tuple(
            Field(name, reader.type(header["schema"]), header["required"], markdown.inline(header["description"]))
            for name, header in document["components"]["headers"].items()
        ),
        groups=tuple(reader.groups()),
        events=tuple(reader.events()),
        errors=tuple(_errors(document)),
    )


def anchor(kind: str, name: str) -> str:
    """Return the id of a thing on the page.

    >>> anchor("err", "insufficient_credits")
    'err-insufficient-credits'
    """
    return f"{kind}-{re.sub('[^a-z0-9]+', '-', name.lower())}"


def _errors(document: Document) -> Iterator[Error]:
    for row in document["x-error-codes"]:
        yield Error(
            anchor("err", row["code"]), row["code"], tuple(row["statuses"]), markdown.inline(row["description"])
        )


class _Reader:
    def __init__(self, document: Document, base_url: str) -> None:
        self._document = document
        self._base_url = base_url

    def groups(self) -> Iterator[Group]:
        for tag in self._document["tags"]:
            found = tuple(
                self._operation(method, path, described)
                for path, item in self._document["paths"].items()
                for method, described in item.items()
                if method in _METHODS and tag["name"] in described["tags"]
            )
            yield Group(tag["name"], markdown.inline(tag["description"]), found)

    def events(self) -> Iterator[Event]:
        for name, item in self._document["webhooks"].items():
            told = item["post"]
            yield Event(
                id=anchor("event", name),
                name=name,
                text=markdown.inline(told["description"]),
                headers=tuple(self._parameter(one) for one in told["parameters"]),
                examples=tuple(self._examples(told["requestBody"])),
            )

    def type(self, schema: Document) -> str:
        """Return a schema's type in a few words."""
        schema = self._followed(schema)
        if "anyOf" in schema:
            return " or ".join(self.type(one) for one in schema["anyOf"])
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema and len(schema["enum"]) <= _MOST_CHOICES:
            return ", ".join(str(choice) for choice in schema["enum"])
        if schema.get("type") == "array":
            return f"list of {self.type(schema['items'])}"
        kind = str(schema.get("type", "any"))
        formats = {"uri": "URL", "date-time": "moment", "binary": "file"}
        return formats.get(schema.get("format", ""), kind)

    def _operation(self, method: str, path: str, described: Document) -> Operation:
        scopes = {scope for one in described["security"] for named in one.values() for scope in named}
        asked: Document = described.get("requestBody", {}).get("content", {})
        kind = next(iter(asked), "")
        media: Document = asked.get(kind, {})
        good: list[Document] = [answer for status, answer in described["responses"].items() if int(status) < 300]
        return Operation(
            id=anchor("op", described["operationId"]),
            method=method.upper(),
            path=path,
            title=described["summary"],
            text=markdown.inline(described["description"]),
            scopes=tuple(sorted(scopes)),
            is_public=not described["security"],
            parameters=tuple(self._parameter(one) for one in described.get("parameters", ())),
            body=tuple(self._fields(media.get("schema", {}))),
            curl=markdown.code(self._curl(method, path, described, kind, media), "bash"),
            bodies=tuple(self._examples(described.get("requestBody", {})))[1:],
            answers=tuple(self._answer(int(status), answer) for status, answer in described["responses"].items()),
            fields=tuple(
                field
                for answer in good
                for body in answer.get("content", {}).values()
                for field in self._fields(body.get("schema", {}))
            ),
        )

    def _answer(self, status: int, answer: Document) -> Answer:
        return Answer(
            status=status,
            phrase=HTTPStatus(status).phrase,
            text=markdown.inline(answer["description"]),
            headers=tuple(answer.get("headers", ())),
            examples=tuple(self._examples(answer)),
        )

    def _parameter(self, described: Document) -> Field:
        return Field(
            described["name"],
            self._limits(described["schema"]),
            described.get("required", False),
            markdown.inline(described.get("description", "")),
        )

    def _fields(self, schema: Document, within: int = 0) -> Iterator[Field]:
        schema = self._followed(schema)
        required = schema.get("required", ())
        for name, described in schema.get("properties", {}).items():
            whole = self._followed(described)
            yield Field(
                name,
                self._limits(described),
                name in required,
                markdown.inline(described.get("description") or whole.get("description", "")),
                within,
            )
            inner = whole.get("items", whole) if whole.get("type") in {"object", "array"} else {}
            yield from self._fields(inner, within + 1)

    def _limits(self, schema: Document) -> str:
        """Return a type with its bounds and what is taken where it is left out."""
        whole = self._followed(schema)
        parts = [self.type(schema).removesuffix(" or null")]
        least, most = whole.get("minimum"), whole.get("maximum")
        if least is not None and most is not None:
            parts.append(f"{least} to {most}")
        elif whole.get("maxLength") is not None and "uri" not in str(whole.get("format")):
            parts.append(f"at most {whole['maxLength']} characters")
        if schema.get("default") is not None:
            parts.append(f"default {schema['default']}")
        return "; ".join(parts)

    def _followed(self, schema: Document) -> Document:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _examples(self, holder: Document) -> Iterator[Example]:
        for kind, media in holder.get("content", {}).items():
            for name, example in media.get("examples", {}).items():
                html = markdown.code(
                    _written(example["value"], kind), "text" if kind in {_FORM, _MULTIPART, _EVENTS} else "json"
                )
                yield Example(example.get("summary", name), html)

    def _curl(self, method: str, path: str, described: Document, kind: str, media: Document) -> str:
        for one in described.get("parameters", ()):
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", one["example"])
        start = "curl" if method == "get" else f"curl -X {method.upper()}"
        lines = [f"{start} {self._base_url}{path}"]
        if described["security"]:
            lines.append('-H "Authorization: Bearer $KEY"')
        example = next(iter(media.get("examples", {}).values()), None)
        if example is not None and kind == _FORM:
            lines += [f"--data-urlencode {name}={value}" for name, value in example["value"].items()]
        elif example is not None and kind == _MULTIPART:
            lines += [f'-F "{name}={value}"' for name, value in example["value"].items()]
        elif example is not None:
            lines += [f'-H "Content-Type: {kind}"', f"-d '{json.dumps(example['value'], indent=2)}'"]
        return " \\\n  ".join(lines)


def _written(value: Any, kind: str) -> str:
    if kind == _MULTIPART:
        return "\n".join(f"{name}={one}" for name, one in value.items())
    if kind == _EVENTS:
        return "\n\n".join("\n".join(f"{name}: {one}" for name, one in event.items()) for event in value)
    return urlencode(value) if kind == _FORM else json.dumps(value, indent=2, ensure_ascii=False)

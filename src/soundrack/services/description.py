"""A service's OpenAPI description: what the framework derives from its routes, and what it cannot know by itself.

OpenAPI 3.1. It is made once, when it is asked for first, and served as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

Document = dict[str, Any]
Examples = Mapping[str, Mapping[str, Any]]
"""By name: an OpenAPI Example Object."""

PATH = "/openapi.json"

X_REQUEST_ID: Document = {
    "description": "The request's id, which the server's log has too. A client may send its own.",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    "example": "req_9f2c41d07be35a68",
}
WWW_AUTHENTICATE: Document = {
    "description": "The scheme to send credentials by.",
    "required": True,
    "schema": {"type": "string"},
    "example": "Bearer",
}
RETRY_AFTER: Document = {
    "description": "Seconds after which the request is worth sending again.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
    "example": 12,
}
"""Header Objects that the services share."""

_FRAMEWORK_ERRORS = ("HTTPValidationError", "ValidationError")
"""Bodies that the framework believes in, and that no service of ours answers with."""
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Words:
    """What a service says of itself.

    Parameters
    ----------
    servers : sequence
        OpenAPI Server Objects.
    tags : sequence
        Tag Objects, in their order.
    security : mapping
        Security Scheme Objects by name. A route that declares a scope takes each of them.
    scoped : collection of str
        Those among them to whose requirement the route's scopes belong.
    headers : mapping
        Header Objects by the name of the header.
    headers_of : callable
        From an operation and a status to the names of the headers that such an answer has, or may have.
    parameters : mapping
        What each parameter in a path is, by name: a description and an example.
    requests, answers : mapping
        Examples of a request's body by operation id; of an answer's body by operation id and status.
    refusals : callable
        From an operation and a status to examples of the error's body, where `answers` has none.
    links : mapping
        Link Objects by operation id and status: which operations take what an answer gives.
    extensions : mapping
        Whatever else belongs at the root.
    """

    servers: Sequence[Document]
    tags: Sequence[Document]
    security: Mapping[str, Document]
    scoped: frozenset[str]
    headers: Mapping[str, Document]
    headers_of: Callable[[Document, int], Iterable[str]]
    parameters: Mapping[str, Mapping[str, Any]]
    requests: Mapping[str, Examples]
    answers: Mapping[tuple[str, int], Examples]
    refusals: Callable[[Document, int], Examples]
    links: Mapping[tuple[str, int], Document] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)


def install(app: FastAPI, make: Callable[[], Document]) -> None:
    """Have an application serve its description, which is made when somebody asks for it first."""
    document = cache(make)
    content = cache(lambda: json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode())

    def show(_request: Request) -> Response:
        return Response(content(), media_type="application/json")

    app.openapi = document  # type: ignore[method-assign]  # as the framework's own documentation does it
    app.add_route(PATH, show, include_in_schema=False)


def describe(app: FastAPI, words: Words) -> Document:
    """Return an application's description."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        routes=app.routes,
        webhooks=app.webhooks.routes,
        tags=list(words.tags),
        servers=list(words.servers),
        external_docs=app.openapi_external_docs,
    )
    components = document["components"]
    for name in _FRAMEWORK_ERRORS:
        components["schemas"].pop(name, None)
    components["securitySchemes"] = dict(words.security)
    components["headers"] = {name: dict(header) for name, header in words.headers.items()}
    for operation in operations(document):
        _mend(operation, words)
    for path in document.get("webhooks", {}).values():
        for operation in path.values():
            _forget_framework_errors(operation)
            operation.pop("operationId", None)
    _whole_numbers(components["schemas"])
    return document | dict(words.extensions)


def refusals_of(
    codes: Iterable[str], statuses: Mapping[str, int], body_of: Callable[[int], type]
) -> dict[int | str, dict[str, Any]]:
    """Return what a route's description says of errors: by status its body, and the codes that it comes with."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(statuses[code], []).append(code)
    return {
        status: {"model": body_of(status), "description": " or ".join(f"`{code}`" for code in found)}
        for status, found in by_status.items()
    }


def _whole_numbers(schema: Any) -> None:
    """The framework writes bounds as fractions; people and generators read ``1`` better than ``1.0``."""
    for name, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if isinstance(value, float) and value.is_integer():
            schema[name] = int(value)
        elif isinstance(value, dict | list):
            _whole_numbers(value)


def operations(document: Document) -> Iterator[Document]:
    """Yield each operation of a description's paths."""
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                yield path[method]


def _mend(operation: Document, words: Words) -> None:
    _forget_framework_errors(operation)
    _secure(operation, words)
    name = operation["operationId"]
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter.update(words.parameters[parameter["name"]])
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if name in words.requests:
            media["examples"] = _plain(words.requests[name])
    for status, answer in operation["responses"].items():
        asked = (name, int(status))
        if answer.get("content") == {"application/json": {"schema": {}}}:
            del answer["content"]  # the framework's word for a body that it knows nothing of: there is none
        examples = words.answers.get(asked)
        if examples is None:
            examples = words.refusals(operation, int(status))
            if examples:
                answer["description"] = " or ".join(f"`{code}`" for code in examples)
        for media in answer.get("content", {}).values():
            media["examples"] = _plain(examples)
        if asked in words.links:
            answer["links"] = words.links[asked]
        answer["headers"] = {
            header: {"$ref": f"#/components/headers/{header}"} for header in words.headers_of(operation, int(status))
        }
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _forget_framework_errors(operation: Document) -> None:
    for status, answer in list(operation["responses"].items()):
        if any(f"/{name}" in json.dumps(answer) for name in _FRAMEWORK_ERRORS):
            del operation["responses"][status]


def _secure(operation: Document, words: Words) -> None:
    """Any one of the schemes will do; where scopes mean something, they are named."""
    needed = operation.get("security")
    if not needed:
        operation["security"] = []
        return
    scopes = sorted({scope for one in needed for named in one.values() for scope in named})
    operation["security"] = [{name: scopes if name in words.scoped else []} for name in words.security]


def _plain(examples: Examples) -> Document:
    return {name: dict(example) for name, example in examples.items()}

"""What must hold of a blueprint for Make, as far as it can be told without Make.

The table has the modules that the hub uses, with all that it sets in them, as published blueprints have them. That a
blueprint passes does not show that Make takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.templates import secrets
from tests.templates.text import strings

Json = dict[str, Any]
ROUTER = "builtin:BasicRouter"
SETTINGS = "util:SetVariables"
SUBMIT = "http:ActionSendDataAPIKeyAuth"
HOOK = "gateway:CustomWebHook"

MODULES: dict[str, tuple[int, frozenset[str], frozenset[str]]] = {
    module: (version, frozenset(parameters.split()), frozenset(mapper.split()))
    for module, version, parameters, mapper in (
        ("google-drive:watchFilesInAFolder", 4, "limit", ""),
        ("google-drive:getAFile", 4, "", "select file"),
        ("airtable:ActionSearchRecords", 3, "", "base table useColumnId formula maxRecords"),
        ("airtable:ActionUpdateRecords", 3, "", "base table useColumnId id record typecast"),
        (SETTINGS, 1, "", "scope variables"),
        ("http:ActionGetFile", 3, "handleErrors", "url method serializeUrl shareCookies"),
        (
            SUBMIT,
            3,
            "handleErrors",
            "url serializeUrl method headers qs bodyType formDataFields parseResponse timeout shareCookies ca "
            "rejectUnauthorized followRedirect useQuerystring gzip useMtls",
        ),
        ("slack:CreateMessage", 4, "", "channelWType channel text parse mrkdwn"),
        ("google-email:sendAnEmail", 4, "", "to subject bodyType content"),
        (HOOK, 1, "maxResults", ""),
    )
}
"""Version, parameters and mapper of each module; a router has neither parameters nor a mapper."""
TELLS = frozenset({"slack:CreateMessage", "airtable:ActionUpdateRecords", "google-email:sendAnEmail"})
_OPERATORS = frozenset({"text:equal", "text:notequal", "number:equal", "number:greater", "exist", "notexist"})
_FUNCTIONS = frozenset({"encodeURL", "join", "map"})
_MODULE = frozenset({"id", "module", "version", "parameters", "mapper", "metadata"})
_ROUTER = frozenset({"id", "module", "version", "mapper", "metadata", "routes"})
_SCENARIO = frozenset(
    ["roundtrips", "maxErrors", "autoCommit", "autoCommitTriggerLast", "sequential", "confidential", "dataloss", "dlq"]
)
_FIELDS = {"platforms", "genre", "ai_service", "tier", "webhook_url", "file"}


def problems(blueprint: Json) -> list[str]:
    """Return all that is wrong with a blueprint, a sentence each."""
    if set(blueprint) != {"name", "flow", "metadata"}:
        return ["A blueprint has a name, a flow and metadata."]
    return [*_metadata(blueprint), *_flow(blueprint["flow"], {}), *_whole(blueprint)]


def modules(flow: Sequence[Json]) -> Iterator[Json]:
    """Give every module of a flow, those of its routes after their router."""
    for module in flow:
        yield module
        for route in module.get("routes", ()):
            yield from modules(route["flow"])


def _metadata(blueprint: Json) -> Iterator[str]:
    metadata = blueprint["metadata"]
    if set(metadata) != {"instant", "version", "scenario", "designer"} or metadata["version"] != 1:
        yield "The metadata are not those of a blueprint."
    elif set(metadata["scenario"]) != _SCENARIO:
        yield "The scenario's settings are not those of a blueprint."
    elif blueprint["flow"] and metadata["instant"] != (blueprint["flow"][0]["module"] == HOOK):
        yield "A scenario is instant if a webhook starts it, and else not."


def _flow(flow: Sequence[Json], before: Mapping[int, Json]) -> Iterator[str]:
    """`before` has the modules whose output can be had."""
    if not flow:
        yield "A flow or a route is empty."
    known = dict(before)
    for place, module in enumerate(flow):
        number = module.get("id")
        is_router = module.get("module") == ROUTER
        wanted = _ROUTER if is_router else _MODULE
        if set(module) - {"filter"} != wanted or not isinstance(number, int):
            yield f"Module {number} has not the keys of a module."
            return
        yield from _references(module, known)
        yield from _filter(module)
        if not module["metadata"].get("designer", {}).get("name"):
            yield f"Module {number} has no name."
        if is_router:
            if module["mapper"] is not None or module["version"] != 1:
                yield f"Router {number} has a mapper or an unknown version."
            if not module["routes"] or place != len(flow) - 1:
                yield f"Router {number} has no routes, or something follows it."
            for route in module["routes"]:
                yield from _flow(route["flow"], known)
        else:
            yield from _module(module)
        known[number] = module


def _module(module: Json) -> Iterator[str]:
    version, parameters, mapper = MODULES.get(module["module"], (None, frozenset(), frozenset()))
    name = f"{module['id']} ({module['module']})"
    if module["version"] != version:
        yield f"Module {name} is unknown, or of an unknown version."
        return
    # a connection, a webhook and a key of the keychain are somebody's own
    if unknown := set(module["parameters"]) - parameters:
        yield f"Module {name} has unknown parameters: {sorted(unknown)}."
    if set(module["mapper"]) != mapper:
        yield f"Module {name} sets too much or too little: {sorted(set(module['mapper']) ^ mapper)}."


def _filter(module: Json) -> Iterator[str]:
    if "filter" not in module:
        return
    found = module["filter"]
    if set(found) != {"name", "conditions"} or not found["conditions"] or not all(found["conditions"]):
        yield f"The filter of module {module['id']} has no name or no conditions."
        return
    for condition in (condition for either in found["conditions"] for condition in either):
        if set(condition) != {"a", "o", "b"} or condition["o"] not in _OPERATORS:
            yield f"The filter of module {module['id']} has an unknown operator."


def _references(module: Json, known: Mapping[int, Json]) -> Iterator[str]:
    number = module["id"]
    for text in strings([module.get("parameters"), module["mapper"], module.get("filter")]):
        if text.count("{{") != text.count("}}"):
            yield f"Module {number} has an expression without an end: {text}"
        for expression in re.findall(r"\{\{(.*?)\}\}", text):
            named = re.findall(r"(?<![\w.`])(\d+)\.(`[^`]+`|\w+)", expression)
            if not named:
                yield f"Module {number} has an expression that names no module: {expression}"
            for reference, key in named:
                if int(reference) not in known:
                    yield f"Module {number} speaks of module {reference}, which does not come before it."
                elif known[int(reference)]["module"] == SETTINGS and key not in _variables(known[int(reference)]):
                    yield f"Module {number} speaks of the setting {key}, which there is not."
            for function in re.findall(r"(\w+)\(", expression):
                if function not in _FUNCTIONS:
                    yield f"Module {number} uses an unknown function: {function}."
            if expression.count("(") != expression.count(")"):
                yield f"Module {number} has an open bracket: {expression}"


def _variables(module: Json) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in module["mapper"]["variables"]}


def _whole(blueprint: Json) -> Iterator[str]:
    everything = list(modules(blueprint["flow"]))
    numbers = [module.get("id") for module in everything]
    if len(numbers) != len(set(numbers)):
        yield "Two modules have the same id."
    if "__IMT" in str(blueprint):
        yield "There is somebody's connection or webhook."
    yield from secrets.problems(blueprint)
    kinds = [module.get("module") for module in everything]
    for module in everything:
        others = [module.get("mapper"), module.get("filter")] if module.get("module") != SETTINGS else []
        if any("://" in text for text in strings(others)):
            yield f"Module {module.get('id')} names a server."
    if SUBMIT in kinds:
        yield from _submits(everything)
    else:
        yield from _delivers(everything)


def _submits(everything: Sequence[Json]) -> Iterator[str]:
    (submit, *more) = [module for module in everything if module["module"] == SUBMIT]
    settings = [module for module in everything if module["module"] == SETTINGS]
    if more or len(settings) != 1:
        yield "There is not just one request, and one module with the settings."
        return
    number, mapper = settings[0]["id"], submit["mapper"]
    if not {"base_url", "callback_url"} <= set(_variables(settings[0])):
        yield "The base URL or the callback's URL is not among the settings."
    fields = {field["key"]: field for field in mapper["formDataFields"]}
    if set(fields) != _FIELDS or mapper["url"] != f"{{{{{number}.base_url}}}}/api/v1/master":
        yield "The request is not the one that Masterify takes."
    elif fields["webhook_url"]["value"] != f"{{{{{number}.callback_url}}}}":
        yield "Masterify is not told where to call back."
    elif set(fields["file"]) != {"key", "fieldType", "data", "fileName"} or fields["file"]["fieldType"] != "file":
        yield "The request has no file."
    if submit["parameters"].get("handleErrors"):
        yield "A refusal ends the scenario."
    refusal = {"a": f"{{{{{submit['id']}.statusCode}}}}", "o": "text:notequal", "b": "201"}
    if not _tells(everything, refusal):
        yield "Nobody is told of a refusal."


def _delivers(everything: Sequence[Json]) -> Iterator[str]:
    if everything[0].get("module") != HOOK:
        yield "The second scenario is not started by the callback."
    for status in ("done", "failed"):
        if not _tells(everything, {"a": "{{1.status}}", "o": "text:equal", "b": status}):
            yield f"Nobody is told of a job that has {status}."


def _tells(everything: Sequence[Json], condition: Json) -> bool:
    return any(
        module["module"] in TELLS and module.get("filter", {}).get("conditions") == [[condition]]
        for module in everything
    )

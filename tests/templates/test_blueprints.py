"""Blueprints for Make pass our check, and a copy that is broken in any one way does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from templates.source.files import files

from tests.templates import make

FLOWS = {name: json.loads(text) for name, text in files().items() if name.startswith("make-")}
SUBMIT = FLOWS["make-airtable-queue-1-submit.en.json"]
DELIVER = FLOWS["make-drive-to-slack-2-deliver.en.json"]
Json = dict[str, Any]
Break = Callable[[Json], object]


@pytest.mark.parametrize("name", FLOWS)
def test_a_blueprint_has_no_problem(name: str):
    assert make.problems(FLOWS[name]) == []


def test_the_table_has_no_module_that_no_blueprint_uses():
    used = {module["module"] for flow in FLOWS.values() for module in make.modules(flow["flow"])}

    assert used == {*make.MODULES, make.ROUTER}


@pytest.mark.parametrize("name", [name for name in FLOWS if "1-submit" in name])
def test_the_second_scenario_uses_only_what_the_first_sends_along_or_masterify_says(name: str):
    settings = next(module for module in FLOWS[name]["flow"] if module["module"] == make.SETTINGS)
    callback = {given["name"]: given["value"] for given in settings["mapper"]["variables"]}["callback_url"]
    carried = {pair.partition("=")[0] for pair in callback.partition("?")[2].split("&")}
    said = {"event", "job_id", "status", "results", "error_message"}
    second = FLOWS[name.replace("1-submit", "2-deliver")]

    assert references(second, 1) <= carried | said
    assert carried <= references(second, 1)


# Broken copies


def references(flow: Json, number: int) -> set[str]:
    """The keys of a module that the others speak of."""
    return {
        expression.partition(".")[2].split(";")[0].rstrip("}")
        for text in json.dumps(flow).split("{{")[1:]
        for expression in [text[text.find(f"{number}.") :].split("}}")[0]]
        if f"{number}." in text.split("}}")[0]
    }


def module(flow: Json, number: int) -> Json:
    return next(found for found in make.modules(flow["flow"]) if found["id"] == number)


def mapped(number: int, key: str, value: object) -> Break:
    return lambda flow: module(flow, number)["mapper"].update({key: value})


def parameter(number: int, key: str, value: object) -> Break:
    return lambda flow: module(flow, number)["parameters"].update({key: value})


def changed(number: int, **values: object) -> Break:
    return lambda flow: module(flow, number).update(values)


def filtered(number: int, **values: str) -> Break:
    return lambda flow: module(flow, number)["filter"]["conditions"][0][0].update(values)


def field(flow: Json, key: str) -> Json:
    found: Json = next(given for given in module(flow, 4)["mapper"]["formDataFields"] if given["key"] == key)
    return found


def something_behind_the_router(flow: Json) -> None:
    flow["flow"].append({**copy.deepcopy(module(flow, 6)), "id": 9})


def a_router_that_is_none(flow: Json) -> None:
    module(flow, 2)["routes"] = [{"flow": [copy.deepcopy(module(flow, 6))]}]


def a_reference_into_another_route(flow: Json) -> None:
    module(flow, 7)["mapper"]["id"] = "{{6.id}}"


def without_settings(flow: Json) -> None:
    del module(flow, 2)["mapper"]["variables"][0]


def a_password_in_the_base_url(flow: Json) -> None:
    module(flow, 2)["mapper"]["variables"][0]["value"] = "https://anna:herons@soundrack.example.com/masterify"


OF_THE_FIRST: dict[str, tuple[Break, str]] = {
    "a key less": (lambda flow: flow.pop("name"), "a name, a flow and metadata"),
    "other metadata": (lambda flow: flow["metadata"].update(version=2), "not those of a blueprint"),
    "another scenario": (lambda flow: flow["metadata"]["scenario"].pop("dlq"), "settings are not those"),
    "instant without a webhook": (lambda flow: flow["metadata"].update(instant=True), "if a webhook starts it"),
    "an id twice": (changed(3, id=2), "the same id"),
    "an id that is no number": (changed(3, id="3"), "not the keys of a module"),
    "a module with another key": (changed(3, credentials={}), "not the keys of a module"),
    "an unknown module": (changed(3, module="http:GetFile"), "is unknown"),
    "an unknown version": (changed(3, version=4), "unknown version"),
    "an unknown parameter": (parameter(3, "retries", 3), "unknown parameters: ['retries']"),
    "a mapper with more": (mapped(3, "retries", 3), "too much or too little: ['retries']"),
    "a mapper with less": (lambda flow: module(flow, 3)["mapper"].pop("url"), "too much or too little: ['url']"),
    "a connection": (parameter(1, "__IMTCONN__", 12345), "somebody's connection"),
    "a webhook of somebody's": (parameter(1, "hook", 12345), "unknown parameters: ['hook']"),
    "a key of the keychain": (parameter(4, "keychain", 12345), "unknown parameters: ['keychain']"),
    "a secret": (mapped(4, "headers", [{"name": "Authorization", "value": "Bearer aim_live_8c1f"}]), "a secret"),
    "a password": (a_password_in_the_base_url, "a secret"),
    "no name": (lambda flow: module(flow, 3)["metadata"]["designer"].pop("name"), "has no name"),
    "a later module": (mapped(3, "url", "{{4.data.url}}"), "module 4, which does not come before"),
    "itself": (mapped(3, "url", "{{3.data}}"), "module 3, which does not come before"),
    "a module that is not there": (mapped(3, "url", "{{99.url}}"), "module 99, which does not come before"),
    "another route's module": (a_reference_into_another_route, "module 6, which does not come before"),
    "no module": (mapped(3, "url", "{{url}}"), "names no module"),
    "an unknown setting": (mapped(4, "url", "{{2.address}}/api/v1/master"), "the setting address, which there is not"),
    "an open expression": (mapped(3, "url", "{{1.id"), "without an end"),
    "an open bracket": (mapped(3, "url", "{{encodeURL(1.id}}"), "an open bracket"),
    "an unknown function": (mapped(3, "url", "{{escape(1.id)}}"), "unknown function: escape"),
    "an unknown operator": (filtered(6, o="text:is"), "unknown operator"),
    "a condition with more": (filtered(6, c="1"), "unknown operator"),
    "a filter of nothing": (lambda flow: module(flow, 6)["filter"].update(conditions=[[]]), "no conditions"),
    "a filter of a later module": (filtered(6, a="{{7.id}}"), "module 7, which does not come before"),
    "routes of a module": (a_router_that_is_none, "not the keys of a module"),
    "a router with a mapper": (changed(5, mapper={}), "Router 5 has a mapper"),
    "a router without routes": (changed(5, routes=[]), "Router 5 has no routes"),
    "an empty route": (lambda flow: module(flow, 5)["routes"].append({"flow": []}), "a route is empty"),
    "a module behind a router": (something_behind_the_router, "something follows it"),
    "a second server": (mapped(3, "url", "https://soundrack.example.com/{{1.id}}"), "names a server"),
    "no base URL": (without_settings, "The base URL or the callback's URL"),
    "a request to elsewhere": (mapped(4, "url", "{{2.base_url}}/api/v2/master"), "not the one that Masterify takes"),
    "a field less": (
        lambda flow: module(flow, 4)["mapper"]["formDataFields"].pop(),
        "not the one that Masterify takes",
    ),
    "another callback": (lambda flow: field(flow, "webhook_url").update(value="{{2.base_url}}"), "where to call back"),
    "a file as text": (lambda flow: field(flow, "file").update(fieldType="text"), "has no file"),
    "a refusal that ends it": (parameter(4, "handleErrors", True), "A refusal ends the scenario"),
    "a refusal that is lost": (filtered(7, b="500"), "told of a refusal"),
}
OF_THE_SECOND: dict[str, tuple[Break, str]] = {
    "not started by the callback": (changed(1, module="google-drive:getAFile"), "not started by the callback"),
    "not instant": (lambda flow: flow["metadata"].update(instant=False), "if a webhook starts it"),
    "no way for what is done": (lambda flow: module(flow, 2)["routes"].pop(0), "a job that has done"),
    "no way for what failed": (lambda flow: module(flow, 2)["routes"].pop(1), "a job that has failed"),
    "a failure that is not looked for": (filtered(4, b="error"), "a job that has failed"),
}


@pytest.mark.parametrize("how", OF_THE_FIRST)
def test_a_broken_copy_of_a_first_scenario_is_refused(how: str):
    change, wanted = OF_THE_FIRST[how]
    refuse(SUBMIT, change, wanted)


@pytest.mark.parametrize("how", OF_THE_SECOND)
def test_a_broken_copy_of_a_second_scenario_is_refused(how: str):
    change, wanted = OF_THE_SECOND[how]
    refuse(DELIVER, change, wanted)


def refuse(flow: Json, change: Break, wanted: str) -> None:
    broken = copy.deepcopy(flow)
    change(broken)

    assert any(wanted in problem for problem in make.problems(broken)), make.problems(broken)

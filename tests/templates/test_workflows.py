"""Workflows for n8n pass our check, and a copy that is broken in any one way does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from templates.source.files import files

from tests.templates import workflows

FLOWS = {name: json.loads(text) for name, text in files().items() if name.startswith("n8n-")}
Json = dict[str, Any]


@pytest.mark.parametrize("name", FLOWS)
def test_a_workflow_has_no_problem(name: str):
    assert workflows.problems(FLOWS[name]) == []


def test_the_table_has_no_node_or_parameter_that_no_workflow_uses():
    used: dict[str, set[str]] = {}
    for flow in FLOWS.values():
        for node in flow["nodes"]:
            used.setdefault(node["type"], set()).update(node["parameters"])

    assert used == {kind: set(described.parameters) for kind, described in workflows.KINDS.items()}


def test_a_workflow_and_its_other_language_can_live_in_one_n8n():
    """Paths of webhooks are shared by all workflows of an installation."""
    hooks = [node["webhookId"] for flow in FLOWS.values() for node in flow["nodes"] if "webhookId" in node]
    paths = [
        node["parameters"]["options"]["path"]
        for flow in FLOWS.values()
        for node in flow["nodes"]
        if node["type"].endswith("formTrigger")
    ]

    assert len(hooks) == len(set(hooks))
    assert len(paths) == len(set(paths)) == 2


# Broken copies


def node(flow: Json, name: str) -> Json:
    found: Json = workflows.nodes(flow)[name]
    return found


def lead(flow: Json, name: str, output: int, *names: str) -> None:
    flow["connections"][name]["main"][output] = [{"node": to, "type": "main", "index": 0} for to in names]


def set_in(name: str, key: str, value: object) -> Callable[[Json], None]:
    def change(flow: Json) -> None:
        node(flow, name)["parameters"][key] = value

    return change


def set_of(name: str, key: str, value: object) -> Callable[[Json], None]:
    def change(flow: Json) -> None:
        node(flow, name)[key] = value

    return change


def drop(name: str, key: str) -> Callable[[Json], None]:
    def change(flow: Json) -> None:
        del node(flow, name)["parameters"][key]

    return change


def leads(name: str, output: int, *names: str) -> Callable[[Json], None]:
    return lambda flow: lead(flow, name, output, *names)


def setting(flow: Json, key: str) -> Json:
    found: Json = next(
        given for given in node(flow, "Settings")["parameters"]["assignments"]["assignments"] if given["name"] == key
    )
    return found


def without_a_field(flow: Json) -> None:
    del node(flow, "Submit to Masterify")["parameters"]["bodyParameters"]["parameters"][0]


def with_another_callback(flow: Json) -> None:
    for field in node(flow, "Submit to Masterify")["parameters"]["bodyParameters"]["parameters"]:
        if field["name"] == "webhook_url":
            field["value"] = "={{ $execution.id }}"


def with_a_stray_node(flow: Json) -> None:
    flow["nodes"].append({**copy.deepcopy(node(flow, "Pause")), "name": "Stray", "id": flow["nodes"][0]["id"]})


def unreached(flow: Json) -> None:
    lone = {**copy.deepcopy(node(flow, "Pause")), "name": "Lone", "id": "7f1f8d7a-3c5e-4f0e-9a52-0d8c3d4f5a6b"}
    del lone["webhookId"]
    flow["nodes"].append(lone)


def with_a_credential(flow: Json) -> None:
    node(flow, "Ask for the job")["credentials"]["httpBearerAuth"]["id"] = "c1"


def with_an_address_in_a_setting(flow: Json) -> None:
    setting(flow, "genre")["value"] = "https://soundrack.example.com"


def with_a_setting_from_the_environment(flow: Json) -> None:
    setting(flow, "genre")["value"] = "={{ $env.GENRE }}"


def with_a_password_in_the_base_url(flow: Json) -> None:
    setting(flow, "base_url")["value"] = "https://anna:herons@soundrack.example.com/masterify"


def with_a_key(flow: Json) -> None:
    node(flow, "Settings")["notes"] = "The key is aim_live_x7f4."


def without_the_poll(flow: Json) -> None:
    lead(flow, "Failed?", 1, "Wait for callback")
    flow["nodes"] = [node for node in flow["nodes"] if node["name"] not in {"Ask for the job", "Pause"}]
    for name in ("Ask for the job", "Pause"):
        del flow["connections"][name]


BREAKS: dict[str, tuple[Callable[[Json], None], str]] = {
    "active": (lambda flow: flow.update(active=True), "comes inactive"),
    "with data": (lambda flow: flow.update(pinData={"Settings": []}), "without data"),
    "another key": (lambda flow: flow.update(meta={}), "too much or too little"),
    "a key less": (lambda flow: flow.pop("settings"), "too much or too little"),
    "an id twice": (with_a_stray_node, "the same id"),
    "a name twice": (set_of("Pause", "name", "Settings"), "the same name"),
    "an id of another kind": (set_of("Pause", "id", "pause"), "no UUID"),
    "an unknown type": (set_of("Pause", "type", "n8n-nodes-base.cron"), "unknown type or version"),
    "an unknown version": (set_of("Pause", "typeVersion", 9), "unknown type or version"),
    "an unknown parameter": (set_in("Pause", "seconds", 30), "unknown parameters: ['seconds']"),
    "an unknown option": (set_in("Ask for the job", "options", {"reponse": {}}), "unknown options: ['reponse']"),
    "an unknown value": (set_in("Wait for callback", "resume", "hook"), "unknown value of resume"),
    "GET for the callback": (set_in("Wait for callback", "httpMethod", "GET"), "unknown value of httpMethod"),
    "a parameter less": (drop("Ask for the job", "url"), "lacks parameters: ['url']"),
    "no credential": (lambda flow: node(flow, "Ask for the job").pop("credentials"), "not the credentials"),
    "another credential": (set_of("Ask for the job", "credentials", {"slackApi": {"id": None}}), "not the credentials"),
    "somebody's credential": (with_a_credential, "somebody's credential"),
    "a wait without an id": (lambda flow: node(flow, "Wait for callback").pop("webhookId"), "webhook without an id"),
    "a key": (with_a_key, "There is a secret"),
    "a password": (with_a_password_in_the_base_url, "There is a secret"),
    "a link to nowhere": (leads("Pause", 0, "Nobody"), "which is no node"),
    "a link from nowhere": (lambda flow: flow["connections"].update(Nobody={"main": []}), "which is no node"),
    "a link of another kind": (lambda flow: flow["connections"].update(Pause={"ai_tool": []}), "not of the main kind"),
    "an output too many": (lambda flow: flow["connections"]["Pause"]["main"].append([]), "more outputs than its type"),
    "an error output that is lost": (leads("Ask for the job", 1), "goes wrong in Ask for the job leads nowhere"),
    "a node that nothing leads to": (unreached, "Nothing leads to Lone"),
    "no way back": (leads("Wait a minute", 0), "Nothing leads to Take the song again"),
    "an open expression": (set_in("Ask for the job", "url", "={{ $json.id"), "expression without an end"),
    "an expression as text": (set_in("Take the song again", "jsCode", "{{ 1 }}"), "takes as it stands"),
    "a node that is not there": (
        set_in("Take the song again", "jsCode", "return $('Gone').all();"),
        "Gone, which is no",
    ),
    "another way to a node": (set_in("Take the song again", "jsCode", "return $node['Settings'];"), "not checked"),
    "the environment": (set_in("Take the song again", "jsCode", "return $env.SONG;"), "reads the environment"),
    "the environment in a setting": (with_a_setting_from_the_environment, "reads the environment"),
    "a second server": (with_an_address_in_a_setting, "Settings names a server"),
    "a server in a request": (set_in("Ask for the job", "url", "https://x.example/jobs/1"), "names a server"),
    "a request to elsewhere": (set_in("Ask for the job", "url", "=/jobs/{{ 1 }}"), "begin with the base URL"),
    "no base URL": (lambda flow: setting(flow, "base_url").update(name="server"), "one node with the base URL"),
    "a song sent twice": (set_of("Submit to Masterify", "retryOnFail", True), "charged twice"),
    "a field less": (without_a_field, "not the one that Masterify takes"),
    "another callback": (with_another_callback, "where to call back"),
    "no wait": (leads("Accepted?", 0, "Done?"), "Nothing waits for the callback"),
    "a wait for ever": (set_in("Wait for callback", "limitWaitTime", False), "one node that waits"),
    "no poll": (without_the_poll, "one node that asks"),
    "a poll that leads nowhere": (leads("Failed?", 1, "Wait for callback"), "no poll behind the callback"),
    "a poll without a pause": (leads("Failed?", 1, "Ask for the job"), "The poll does not pause"),
    "a failure that nobody is told": (leads("Failed?", 0), "Nobody is told of a failure"),
    "a failure that leads elsewhere": (leads("Failed?", 0, "Pause"), "Nobody is told of a failure"),
    "an error that leads elsewhere": (leads("Ask for the job", 1, "Pause"), "told what goes wrong in Ask for the job"),
    "an error that ends it": (lambda flow: node(flow, "Ask for the job").pop("onError"), "Ask for the job"),
    "a refusal that is lost": (leads("Too many at once?", 1), "Too many at once? has a branch"),
}


@pytest.mark.parametrize("flow", [name for name in FLOWS if ".en." in name])
@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_copy_is_refused(flow: str, how: str):
    broken = copy.deepcopy(FLOWS[flow])
    change, wanted = BREAKS[how]
    change(broken)

    assert any(wanted in problem for problem in workflows.problems(broken)), workflows.problems(broken)

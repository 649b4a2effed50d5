"""What must hold of a workflow for n8n, as far as it can be told without n8n.

The table has the node types that the hub uses, with all that it sets in them; `make n8n` holds both against the
descriptions that a real n8n has of its nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.templates import secrets
from tests.templates.text import strings

Json = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A node type as the hub uses it.

    `parameters` and `options` may be set and no others; `needed` must be; `among` has the values of those that are
    chosen from a list.
    """

    version: float
    parameters: frozenset[str]
    needed: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    among: Mapping[str, Set[object]] = field(default_factory=dict)
    credentials: frozenset[str] = frozenset()
    outputs: int = 1
    is_trigger: bool = False


def _kind(
    version: float,
    parameters: str,
    needed: str = "",
    options: str = "",
    *,
    among: Mapping[str, Set[object]] | None = None,
    credential: str = "",
    outputs: int = 1,
    is_trigger: bool = False,
) -> Kind:
    return Kind(
        version,
        frozenset(parameters.split()),
        frozenset(needed.split()),
        frozenset(options.split()),
        among or {},
        frozenset(credential.split()),
        outputs,
        is_trigger,
    )


KINDS: dict[str, Kind] = {
    "n8n-nodes-base.stickyNote": _kind(1, "content height width color", "content", outputs=0),
    "n8n-nodes-base.googleDriveTrigger": _kind(
        1,
        "pollTimes triggerOn folderToWatch event options",
        "pollTimes triggerOn folderToWatch event",
        among={"triggerOn": {"specificFolder"}, "event": {"fileCreated"}},
        credential="googleDriveOAuth2Api",
        is_trigger=True,
    ),
    "n8n-nodes-base.airtableTrigger": _kind(
        1,
        "pollTimes authentication baseId tableId triggerField downloadAttachments downloadFieldNames additionalFields",
        "pollTimes baseId tableId triggerField",
        among={"authentication": {"airtableTokenApi"}},
        credential="airtableTokenApi",
        is_trigger=True,
    ),
    "n8n-nodes-base.formTrigger": _kind(
        2.2,
        "formTitle formDescription formFields responseMode options",
        "formTitle formFields",
        "path respondWithOptions",
        among={"responseMode": {"onReceived"}},
        is_trigger=True,
    ),
    "n8n-nodes-base.set": _kind(3.4, "assignments includeOtherFields options", "assignments", "stripBinary"),
    "n8n-nodes-base.splitInBatches": _kind(3, "batchSize options", "batchSize", outputs=2),
    "n8n-nodes-base.googleDrive": _kind(
        3,
        "resource operation fileId options",
        "fileId",
        among={"resource": {"file"}, "operation": {"download"}},
        credential="googleDriveOAuth2Api",
    ),
    "n8n-nodes-base.httpRequest": _kind(
        4.2,
        "method url authentication genericAuthType sendHeaders headerParameters sendBody contentType bodyParameters "
        "options",
        "method url authentication genericAuthType",
        "response",
        among={
            "method": {"GET", "POST"},
            "authentication": {"genericCredentialType"},
            "genericAuthType": {"httpBearerAuth"},
            "contentType": {"multipart-form-data"},
        },
        credential="httpBearerAuth",
    ),
    "n8n-nodes-base.wait": _kind(
        1.1,
        "resume httpMethod limitWaitTime limitType resumeAmount resumeUnit amount unit options",
        "resume",
        among={
            "resume": {"webhook", "timeInterval"},
            "httpMethod": {"POST"},
            "limitType": {"afterTimeInterval"},
            "resumeUnit": {"minutes"},
            "unit": {"seconds", "minutes"},
        },
    ),
    "n8n-nodes-base.if": _kind(2.2, "conditions options", "conditions", outputs=2),
    "n8n-nodes-base.code": _kind(2, "jsCode", "jsCode"),
    "n8n-nodes-base.slack": _kind(
        2.3,
        "resource operation binaryPropertyName options select channelId messageType text otherOptions",
        "resource operation",
        "channelId fileName initialComment",
        among={"resource": {"file", "message"}, "operation": {"upload", "post"}},
        credential="slackApi",
    ),
    "n8n-nodes-base.airtable": _kind(
        2.1,
        "resource operation base table columns options",
        "resource operation base table columns",
        among={"resource": {"record"}, "operation": {"update"}},
        credential="airtableTokenApi",
    ),
    "n8n-nodes-base.emailSend": _kind(
        2.1,
        "fromEmail toEmail subject emailFormat text options",
        "fromEmail toEmail subject emailFormat text",
        "appendAttribution attachments replyTo",
        among={"emailFormat": {"text"}},
        credential="smtp",
    ),
}
_TELLS = frozenset(f"n8n-nodes-base.{kind}" for kind in ("slack", "airtable", "emailSend"))
_DOCUMENT = frozenset({"name", "nodes", "connections", "settings", "active", "pinData", "tags"})
_NODE = frozenset({"id", "name", "type", "typeVersion", "position", "parameters"})
_NODE_ALSO = frozenset(
    {"notes", "notesInFlow", "webhookId", "credentials", "onError", "retryOnFail", "maxTries", "waitBetweenTries"}
)
_FIELDS = {"platforms", "genre", "ai_service", "tier", "webhook_url", "file"}


def problems(workflow: Json) -> list[str]:
    """Return all that is wrong with a workflow, a sentence each."""
    if set(workflow) != _DOCUMENT:
        return [f"The document has {sorted(set(workflow) ^ _DOCUMENT)} too much or too little."]
    found = [*_document(workflow), *(problem for node in workflow["nodes"] for problem in _node(node))]
    # each step takes for granted that what the one before looked at is as it should be
    found = found or [*_connections(workflow)]
    return found or [*_outlets(workflow), *_expressions(workflow), *_server(workflow), *_way(workflow)]


def nodes(workflow: Json) -> dict[str, Json]:
    """Return the nodes by name."""
    return {node["name"]: node for node in workflow["nodes"]}


def _document(workflow: Json) -> Iterator[str]:
    if workflow["active"] or workflow["pinData"]:
        yield "A workflow comes inactive and without data."
    for key in ("id", "name", "webhookId"):
        values = [node[key] for node in workflow["nodes"] if key in node]
        if len(values) != len(set(values)):
            yield f"Two nodes have the same {key}."
    yield from secrets.problems(workflow)


def _node(node: Json) -> Iterator[str]:
    name, parameters = node.get("name"), node.get("parameters", {})
    if not set(node) >= _NODE or not set(node) <= _NODE | _NODE_ALSO:
        yield f"{name} has not the keys of a node."
        return
    kind = KINDS.get(node["type"])
    if kind is None or node["typeVersion"] != kind.version:
        yield f"{name} is of an unknown type or version: {node['type']} {node['typeVersion']}."
        return
    try:
        UUID(node["id"])
    except ValueError:
        yield f"{name} has an id that is no UUID."
    if unknown := set(parameters) - kind.parameters:
        yield f"{name} has unknown parameters: {sorted(unknown)}."
    if missing := {key for key in kind.needed if not parameters.get(key)}:
        yield f"{name} lacks parameters: {sorted(missing)}."
    if unknown := set(parameters.get("options", {})) - kind.options:
        yield f"{name} has unknown options: {sorted(unknown)}."
    for key, values in kind.among.items():
        if key in parameters and parameters[key] not in values:
            yield f"{name} has an unknown value of {key}: {parameters[key]!r}."
    if set(node.get("credentials", {})) != kind.credentials:
        yield f"{name} has not the credentials of its type."
    if any(credential["id"] is not None for credential in node.get("credentials", {}).values()):
        yield f"{name} holds somebody's credential."
    if (
        parameters.get("resume") == "webhook" or (kind.is_trigger and "form" in node["type"])
    ) and "webhookId" not in node:
        yield f"{name} has a webhook without an id."


def _outputs(workflow: Json, name: str) -> list[list[str]]:
    outputs = workflow["connections"].get(name, {"main": []})["main"]
    return [[link["node"] for link in output] for output in outputs]


def _connections(workflow: Json) -> Iterator[str]:
    named = nodes(workflow)
    for source, kinds in workflow["connections"].items():
        if source not in named or set(kinds) != {"main"}:
            yield f"There are connections of {source}, which is no node, or not of the main kind."
            continue
        for link in (link for output in kinds["main"] for link in output):
            if link["node"] not in named or (link["type"], link["index"]) != ("main", 0):
                yield f"{source} leads to {link['node']}, which is no node, or not to its only input."


def _outlets(workflow: Json) -> Iterator[str]:
    named = nodes(workflow)
    for name, node in named.items():
        has_error_output = node.get("onError") == "continueErrorOutput"
        outputs = _outputs(workflow, name)
        if len(outputs) > KINDS[node["type"]].outputs + has_error_output:
            yield f"{name} has more outputs than its type."
        if has_error_output and (len(outputs) != KINDS[node["type"]].outputs + 1 or not outputs[-1]):
            yield f"What goes wrong in {name} leads nowhere."
    triggers = [name for name, node in named.items() if KINDS[node["type"]].is_trigger]
    if len(triggers) != 1:
        yield "There is not just one trigger."
        return
    reached = _reached(workflow, triggers[0]) | {triggers[0]}
    for name, node in named.items():
        if name not in reached and KINDS[node["type"]].outputs:
            yield f"Nothing leads to {name}."


def _reached(workflow: Json, start: str) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        for output in _outputs(workflow, ahead.pop()):
            ahead += [name for name in output if name not in reached]
            reached.update(output)
    return reached


def _expressions(workflow: Json) -> Iterator[str]:
    named = nodes(workflow)
    for node in workflow["nodes"]:
        if node["type"] == "n8n-nodes-base.stickyNote":
            continue
        for text in strings(node["parameters"]):
            if text.count("{{") != text.count("}}"):
                yield f"{node['name']} has an expression without an end: {text}"
            if "{{" in text and not text.startswith("="):
                yield f"{node['name']} has an expression that n8n takes as it stands: {text}"
            if "$env" in text or "process." in text:
                yield f"{node['name']} reads the environment."
            for name in re.findall(r"\$\('([^']*)'\)", text):
                if name not in named:
                    yield f"{node['name']} speaks of {name}, which is no node."
            if re.search(r"\$\((?!')|\$node|\$items", text):
                yield f"{node['name']} reaches another node in a way that is not checked."


def _server(workflow: Json) -> Iterator[str]:
    places = []
    for node in workflow["nodes"]:
        assigned = node["parameters"].get("assignments", {}).get("assignments", [])
        settings = {given["name"]: given["value"] for given in assigned}
        places += [node["name"]] if "base_url" in settings else []
        others = {key: value for key, value in node["parameters"].items() if key != "assignments"}
        others |= {key: value for key, value in settings.items() if key != "base_url"}
        if node["type"] != "n8n-nodes-base.stickyNote" and any("://" in text for text in strings(others)):
            yield f"{node['name']} names a server."
        for key, value in settings.items():
            if value.startswith("="):
                yield f"The setting {key} is an expression."
    if len(places) != 1:
        yield "There is not just one node with the base URL."
        return
    begin = f"={{{{ $('{places[0]}').last(0).json.base_url }}}}/api/v1/"
    for node in workflow["nodes"]:
        if "url" in node["parameters"] and not node["parameters"]["url"].startswith(begin):
            yield f"{node['name']} does not begin with the base URL."


def _way(workflow: Json) -> Iterator[str]:
    """A job is submitted, its callback waited for, asked for behind that; each failure is told."""
    named = nodes(workflow)
    failures = [
        name for name in _having(workflow, "if") if "=== 'failed'" in str(named[name]["parameters"]["conditions"])
    ]
    asks = [
        name
        for name in _having(workflow, "httpRequest", method="GET")
        if re.search(r"/jobs/\{\{.*\}\}$", named[name]["parameters"]["url"])
    ]
    found = {
        "submits": _having(workflow, "httpRequest", method="POST"),
        "waits": _having(workflow, "wait", resume="webhook", httpMethod="POST", limitWaitTime=True),
        "looks for a failure": failures,
        "asks": asks,
    }
    for what, names in found.items():
        if len(names) != 1:
            yield f"There is not just one node that {what}."
            return
    (submit,), (wait,), (is_failed,), (ask,) = found.values()
    yield from _request(named[submit])
    if wait not in _reached(workflow, submit):
        yield "Nothing waits for the callback of what was submitted."
    before = [name for name in named if any(ask in output for output in _outputs(workflow, name))]
    if ask not in _reached(workflow, wait) or is_failed not in _reached(workflow, ask):
        yield "There is no poll behind the callback."
    if not before or any(named[name]["parameters"].get("resume") != "timeInterval" for name in before):
        yield "The poll does not pause."
    yield from _failures(workflow, set(_outputs(workflow, is_failed)[0]))


def _having(workflow: Json, kind: str, **parameters: object) -> list[str]:
    return [
        name
        for name, node in nodes(workflow).items()
        if node["type"] == f"n8n-nodes-base.{kind}" and parameters.items() <= node["parameters"].items()
    ]


def _request(submit: Json) -> Iterator[str]:
    parameters = submit["parameters"]
    fields = {given["name"]: given for given in parameters["bodyParameters"]["parameters"]}
    if submit.get("retryOnFail"):
        yield "A song is submitted again after a failure, and charged twice."
    if set(fields) != _FIELDS or not parameters["url"].endswith("/api/v1/master"):
        yield "The request is not the one that Masterify takes."
    elif fields["webhook_url"]["value"] != "={{ $execution.resumeUrl }}":
        yield "Masterify is not told where to call back."


def _failures(workflow: Json, told: set[str]) -> Iterator[str]:
    """`told` has the nodes to which a job that failed leads."""
    named = nodes(workflow)
    if not told or any(named[name]["type"] not in _TELLS for name in told):
        yield "Nobody is told of a failure."
    for name in _having(workflow, "httpRequest"):
        if named[name].get("onError") != "continueErrorOutput":
            yield f"What goes wrong in {name} ends the workflow."
    for name, node in named.items():
        if node.get("onError") and set(_outputs(workflow, name)[-1]) != told:
            yield f"Nobody is told what goes wrong in {name}."
    for name in _having(workflow, "if"):
        if any(not output for output in _outputs(workflow, name)) or len(_outputs(workflow, name)) != 2:
            yield f"{name} has a branch that leads nowhere."

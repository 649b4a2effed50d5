"""The three flows as n8n has them.

Node types are of the oldest versions that do what is needed, so that more installations take them; each version here
has been run in a real n8n (``make n8n``). What a flow must not do: name the server in more than one node, read the
environment, hold a credential.

All three go the same way. A job is submitted with the URL at which n8n waits; the callback wakes the flow. A callback
that is not of this job, or none until the wait ends, sends it to ask for the job every half minute instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from templates.source.words import Words

Json = dict[str, Any]
_BASE_URL = "http://127.0.0.1:8600/masterify"
_COLUMN, _ROW = 220, 180
_API = "httpBearerAuth"
_DRIVE = "googleDriveOAuth2Api"
_AIRTABLE = "airtableTokenApi"
_SLACK = "slackApi"
_SMTP = "smtp"


def flows(say: Words) -> dict[str, Json]:
    """Return the flows by name."""
    return {flow.name: flow.document() for flow in (_drive_to_slack(say), _airtable_queue(say), _form_to_mail(say))}


@dataclass
class _Flow:
    """A flow that is being drawn: nodes by their key in `words`, and where each of their outputs leads."""

    name: str
    say: Words
    nodes: list[Json] = field(default_factory=list)
    connections: dict[str, list[list[str]]] = field(default_factory=dict)

    def add(
        self,
        key: str,
        kind: str,
        version: float,
        parameters: Json,
        at: tuple[float, float],
        leads: Sequence[Sequence[str]] = (),
        **others: Any,
    ) -> None:
        """Add a node. `leads` has, for each output, the keys of the nodes that come next."""
        node = {
            "id": str(uuid5(NAMESPACE_URL, f"{self.name}/{key}")),
            "name": self.say(key),
            "type": f"n8n-nodes-base.{kind}",
            "typeVersion": version,
            "position": [int(at[0] * _COLUMN), int(at[1] * _ROW)],
            "parameters": parameters,
        }
        if f"{key}.note" in self.say:
            node |= {"notes": self.say(f"{key}.note"), "notesInFlow": True}
        if kind in {"wait", "formTrigger"}:
            node["webhookId"] = str(uuid5(NAMESPACE_URL, f"{self.name}/{self.say.language}/{key}"))
        self.nodes.append(node | others)
        self.connections[key] = [list(output) for output in leads]

    def ref(self, key: str) -> str:
        """Return how an expression names what a node gave last, by the output that goes on."""
        return f"{self.reach(key)}.last({self.output(key)})"

    def reach(self, key: str) -> str:
        """Return how an expression reaches another node."""
        return f"$('{self.say(key)}')"

    def output(self, key: str) -> int:
        """Return the output by which a node goes on: where there are several, the first, but in a loop the second."""
        return int(key == "each")

    def setting(self, name: str) -> str:
        """Return the expression for a value of the node with the settings."""
        return f"{self.ref('settings')}.json.{name}"

    def document(self) -> Json:
        """Return it as n8n imports it."""
        return {
            "name": self.say(self.name),
            "nodes": self.nodes,
            "connections": {
                self.say(key): {
                    "main": [
                        [{"node": self.say(following), "type": "main", "index": 0} for following in output]
                        for output in outputs
                    ]
                }
                for key, outputs in self.connections.items()
                if outputs
            },
            "settings": {"executionOrder": "v1"},
            "active": False,
            "pinData": {},
            "tags": [],
        }


def _drive_to_slack(say: Words) -> _Flow:
    flow = _Flow("drive-to-slack", say)
    _note(flow)
    flow.add(
        "new_file",
        "googleDriveTrigger",
        1,
        {
            "pollTimes": {"item": [{"mode": "everyMinute"}]},
            "triggerOn": "specificFolder",
            "folderToWatch": _chosen("FOLDER_ID"),
            "event": "fileCreated",
            "options": {},
        },
        (0, 0),
        [["settings"]],
        credentials=_by_name(say, _DRIVE),
    )
    _settings(flow, {"slack_channel": "C0123456789"}, ["each"])
    _each(flow, "download_source")
    flow.add(
        "download_source",
        "googleDrive",
        3,
        {"resource": "file", "operation": "download", "fileId": _chosen("={{ $json.id }}"), "options": {}},
        (3, 0),
        [["submit"], ["tell_failure"]],
        credentials=_by_name(say, _DRIVE),
        **_OR_ELSE,
        **_AGAIN,
    )
    _submit(flow, "data", "download_source", "wait", "tell_failure")
    _await(flow, "download", "tell_failure")
    _download(flow, "deliver_to_slack", "tell_failure")
    flow.add(
        "deliver_to_slack",
        "slack",
        2.3,
        {
            "resource": "file",
            "operation": "upload",
            "binaryPropertyName": "master",
            "options": {
                "channelId": f"={{{{ {flow.setting('slack_channel')} }}}}",
                "fileName": "={{ $binary.master.fileName }}",
                "initialComment": "=" + say("slack_done", file=f"{{{{ {flow.ref('each')}.json.name }}}}"),
            },
        },
        (10, 0),
        [["each"]],
        credentials=_by_name(say, _SLACK),
        **_AGAIN,
    )
    flow.add(
        "tell_failure",
        "slack",
        2.3,
        {
            "resource": "message",
            "operation": "post",
            "select": "channel",
            "channelId": _chosen(f"={{{{ {flow.setting('slack_channel')} }}}}"),
            "messageType": "text",
            "text": "=" + say("slack_failed", file=f"{{{{ {flow.ref('each')}.json.name }}}}", why=_WHY),
            "otherOptions": {"includeLinkToWorkflow": False},
        },
        (10, 2),
        [["each"]],
        credentials=_by_name(say, _SLACK),
        **_AGAIN,
    )
    return flow


def _airtable_queue(say: Words) -> _Flow:
    flow = _Flow("airtable-queue", say)
    _note(flow)
    flow.add(
        "queued_row",
        "airtableTrigger",
        1,
        {
            "pollTimes": {"item": [{"mode": "everyMinute"}]},
            "authentication": _AIRTABLE,
            "baseId": _chosen("appXXXXXXXXXXXXXX"),
            "tableId": _chosen("tblXXXXXXXXXXXXXX"),
            "triggerField": say("column_modified"),
            "downloadAttachments": True,
            "downloadFieldNames": say("column_audio"),
            "additionalFields": {"formula": f"{{{say('column_status')}}}='ready_to_master'"},
        },
        (0, 0),
        [["settings"]],
        credentials=_by_name(say, _AIRTABLE),
    )
    places = {"airtable_base": "appXXXXXXXXXXXXXX", "airtable_table": "tblXXXXXXXXXXXXXX"}
    _settings(flow, places, ["each"], keeps_binary=True)
    _each(flow, "submit")
    _submit(flow, f"{say('column_audio')}_0", "each", "row_processing", "row_failed")
    status, url, error = say("column_status"), say("column_master"), say("column_error")
    _update(flow, "row_processing", {status: "processing", error: ""}, (6, 0), "wait")
    _await(flow, "row_done", "row_failed")
    _update(flow, "row_done", {status: "done", url: f"={_links(flow)}", error: ""}, (9, 0), "each")
    _update(flow, "row_failed", {status: "failed", error: f"={_WHY}"}, (10, 2), "each")
    return flow


def _form_to_mail(say: Words) -> _Flow:
    flow = _Flow("form-to-mail", say)
    _note(flow)
    flow.add(
        "form",
        "formTrigger",
        2.2,
        {
            "formTitle": say("form_title"),
            "formDescription": say("form_about"),
            "formFields": {
                "values": [
                    {"fieldLabel": say("field_mail"), "fieldType": "email", "requiredField": True},
                    {
                        "fieldLabel": say("field_audio"),
                        "fieldType": "file",
                        "multipleFiles": False,
                        "acceptFileTypes": ".wav,.mp3,.flac",
                        "requiredField": True,
                    },
                ]
            },
            "responseMode": "onReceived",
            "options": {
                "path": f"masterify-{say.language}",
                "respondWithOptions": {"values": {"respondWith": "text", "formSubmittedText": say("form_thanks")}},
            },
        },
        (0, 0),
        [["settings"]],
    )
    _settings(flow, {"studio_mail": "studio@example.com"}, ["submit"], keeps_binary=True)
    # n8n names the upload after the field's label, without the letters that it does not know
    _submit(flow, "={{ Object.keys($binary)[0] }}", "settings", "wait", "mail_failure")
    _await(flow, "download", "mail_failure")
    _download(flow, "mail_client", "mail_failure")
    client = f"{flow.ref('form')}.json['{say('field_mail')}']"
    sender = f"={{{{ {flow.setting('studio_mail')} }}}}"
    flow.add(
        "mail_client",
        "emailSend",
        2.1,
        {
            "fromEmail": sender,
            "toEmail": f"={{{{ {client} }}}}",
            "subject": say("mail_done_subject"),
            "emailFormat": "text",
            "text": "=" + say("mail_done", links=_links(flow)),
            "options": {
                "appendAttribution": False,
                # most mail servers refuse more
                "attachments": "={{ $binary.master.bytes <= 15000000 ? 'master' : '' }}",
            },
        },
        (10, 0),
        credentials=_by_name(say, _SMTP),
        **_AGAIN,
    )
    flow.add(
        "mail_failure",
        "emailSend",
        2.1,
        {
            "fromEmail": sender,
            "toEmail": sender,
            "subject": say("mail_failed_subject"),
            "emailFormat": "text",
            "text": "=" + say("mail_failed", client=f"{{{{ {client} }}}}", why=_WHY),
            "options": {"appendAttribution": False, "replyTo": f"={{{{ {client} }}}}"},
        },
        (10, 2),
        credentials=_by_name(say, _SMTP),
        **_AGAIN,
    )
    return flow


_OR_ELSE: Json = {"onError": "continueErrorOutput"}
"""What goes wrong in a node leaves it by its last output."""
_AGAIN: Json = {"retryOnFail": True, "maxTries": 3, "waitBetweenTries": 5000}
"""For requests that may be made twice. To submit is none: it would be charged twice."""
_WHY = "{{ ($json.body ?? $json).error_message ?? $json.body?.error?.message ?? $json.error?.message ?? $json.error }}"
"""The sentence of a callback or of a job that was asked for, of a refusal, of a node that failed."""


def _links(flow: _Flow) -> str:
    told = f"{flow.ref('is_done')}.json"
    return f"{{{{ ({told}.body ?? {told}).results.map(result => result.download_url).join('\\n') }}}}"


def _by_name(say: Words, kind: str) -> Json:
    """Return a credential that n8n asks for, or finds by its name."""
    return {kind: {"id": None, "name": say(kind)}}


def _chosen(value: str) -> Json:
    return {"__rl": True, "mode": "id", "value": value}


def _is_true(expression: str) -> Json:
    return {
        "conditions": {
            "options": {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2},
            "combinator": "and",
            "conditions": [
                {
                    "id": "condition",
                    "leftValue": f"={{{{ {expression} }}}}",
                    "rightValue": "",
                    "operator": {"type": "boolean", "operation": "true", "singleValue": True},
                }
            ],
        },
        "options": {},
    }


def _note(flow: _Flow) -> None:
    flow.add(
        "note",
        "stickyNote",
        1,
        {"content": flow.say(f"{flow.name}.steps"), "height": 460, "width": 640, "color": 5},
        (-0.2, -3),
    )


def _settings(flow: _Flow, others: Mapping[str, str], leads: Sequence[str], *, keeps_binary: bool = False) -> None:
    values = {"base_url": _BASE_URL, "platforms": "spotify", "genre": "other", "ai_service": "other"}
    assignments = [
        {"id": name, "name": name, "value": value, "type": "string"}
        for name, value in (values | {"tier": "standard"} | dict(others)).items()
    ]
    flow.add(
        "settings",
        "set",
        3.4,
        {
            "assignments": {"assignments": assignments},
            "includeOtherFields": True,
            "options": {"stripBinary": False} if keeps_binary else {},
        },
        (1, 0),
        [leads],
    )


def _each(flow: _Flow, leads: str) -> None:
    """One after the other: all waits of an execution have one URL, so only one job may be waited for at a time."""
    flow.add("each", "splitInBatches", 3, {"batchSize": 1, "options": {}}, (2, 0), [[], [leads]])


def _request(flow: _Flow, method: str, path: str, **others: Any) -> Json:
    base = f"{{{{ {flow.setting('base_url')} }}}}"
    return {
        "method": method,
        "url": f"={base}/api/v1/{path}",
        "authentication": "genericCredentialType",
        "genericAuthType": _API,
        "options": {},
    } | others


def _submit(flow: _Flow, binary: str, source: str, leads: str, failing: str) -> None:
    """Submit what the node `source` gave. A 429 is waited for and the song, which no later node has, taken again."""
    fields = [
        {"parameterType": "formData", "name": name, "value": f"={{{{ {flow.setting(name)} }}}}"}
        for name in ("platforms", "genre", "ai_service", "tier")
    ]
    upload = {"parameterType": "formBinaryData", "name": "file", "inputDataFieldName": binary}
    callback = {"parameterType": "formData", "name": "webhook_url", "value": "={{ $execution.resumeUrl }}"}
    whole = {"response": {"response": {"fullResponse": True, "neverError": True, "responseFormat": "json"}}}
    flow.add(
        "submit",
        "httpRequest",
        4.2,
        _request(
            flow,
            "POST",
            "master",
            sendHeaders=True,
            headerParameters={"parameters": [{"name": "Accept-Language", "value": flow.say.language}]},
            sendBody=True,
            contentType="multipart-form-data",
            bodyParameters={"parameters": [*fields, callback, upload]},
            options=whole,
        ),
        (4, 0),
        [["is_accepted"], [failing]],
        credentials=_by_name(flow.say, _API),
        **_OR_ELSE,
    )
    accepted, busy = (_is_true(f"$json.statusCode === {status}") for status in (201, 429))
    flow.add("is_accepted", "if", 2.2, accepted, (5, 0), [[leads], ["is_busy"]])
    flow.add("is_busy", "if", 2.2, busy, (5, 1), [["wait_turn"], [failing]])
    flow.add("wait_turn", "wait", 1.1, {"resume": "timeInterval", "amount": 1, "unit": "minutes"}, (5, 2), [["again"]])
    song = f"return {flow.reach(source)}.all({flow.output(source)});"
    flow.add("again", "code", 2, {"jsCode": song}, (4, 1), [["submit"]])


def _await(flow: _Flow, done: str, failing: str) -> None:
    told = "($json.body ?? $json)"
    of_this_job = f"{told}.job_id === {flow.ref('submit')}.json.body.job_id"
    flow.add(
        "wait",
        "wait",
        1.1,
        {
            "resume": "webhook",
            "httpMethod": "POST",
            "limitWaitTime": True,
            "limitType": "afterTimeInterval",
            "resumeAmount": 10,
            "resumeUnit": "minutes",
            "options": {},
        },
        (7, 0),
        [["is_done"]],
    )
    flow.add(
        "is_done",
        "if",
        2.2,
        _is_true(f"{told}.status === 'done' && {of_this_job}"),
        (8, 0),
        [[done], ["is_failed"]],
    )
    flow.add(
        "is_failed",
        "if",
        2.2,
        _is_true(f"{told}.status === 'failed' && {of_this_job}"),
        (8, 1),
        [[failing], ["pause"]],
    )
    flow.add("pause", "wait", 1.1, {"resume": "timeInterval", "amount": 30, "unit": "seconds"}, (8, 2), [["ask"]])
    flow.add(
        "ask",
        "httpRequest",
        4.2,
        _request(flow, "GET", f"jobs/{{{{ {flow.ref('submit')}.json.body.job_id }}}}"),
        (7, 2),
        [["is_done"], [failing]],
        credentials=_by_name(flow.say, _API),
        **_OR_ELSE,
        **_AGAIN,
    )


def _download(flow: _Flow, leads: str, failing: str) -> None:
    flow.add(
        "download",
        "httpRequest",
        4.2,
        _request(
            flow,
            "GET",
            f"jobs/{{{{ {flow.ref('submit')}.json.body.job_id }}}}/download",
            options={"response": {"response": {"responseFormat": "file", "outputPropertyName": "master"}}},
        ),
        (9, 0),
        [[leads], [failing]],
        credentials=_by_name(flow.say, _API),
        **_OR_ELSE,
        **_AGAIN,
    )


def _update(flow: _Flow, key: str, values: Json, at: tuple[float, float], leads: str) -> None:
    row = {"id": f"={{{{ {flow.ref('each')}.json.id }}}}"}
    flow.add(
        key,
        "airtable",
        2.1,
        {
            "resource": "record",
            "operation": "update",
            "base": _chosen(f"={{{{ {flow.setting('airtable_base')} }}}}"),
            "table": _chosen(f"={{{{ {flow.setting('airtable_table')} }}}}"),
            "columns": {"mappingMode": "defineBelow", "value": row | values, "matchingColumns": ["id"], "schema": []},
            "options": {},
        },
        at,
        [[leads]],
        credentials=_by_name(flow.say, _AIRTABLE),
        **_AGAIN,
    )

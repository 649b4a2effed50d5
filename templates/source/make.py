"""The three flows as Make has them: blueprints.

None of them was ever imported into Make, which is a cloud; `tests/templates/make.py` checks what can be checked here.
Make cannot wait for a callback within a run, so each flow is two scenarios: one submits, and one is started by the
callback and delivers. What the second has to know of the first goes with the callback's URL, whose query Masterify
keeps. Connections, webhooks and the key are left out, so that the editor asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from templates.source.words import Words

Json = dict[str, Any]
_STEP = 300


def flows(say: Words) -> dict[str, Json]:
    """Return the blueprints by name; of each flow the second scenario is to be set up first."""
    return {
        "drive-to-slack-1-submit": _drive_submit(say),
        "drive-to-slack-2-deliver": _drive_deliver(say),
        "airtable-queue-1-submit": _airtable_submit(say),
        "airtable-queue-2-deliver": _airtable_deliver(say),
        "form-to-mail-1-submit": _form_submit(say),
        "form-to-mail-2-deliver": _form_deliver(say),
    }


def _drive_submit(say: Words) -> Json:
    refused = say("slack_failed", file="{{1.name}}", why="{{4.data.error.message}}")
    return _blueprint(
        say("hand_in", flow=say("drive-to-slack")),
        [
            _module(1, "google-drive:watchFilesInAFolder", 4, say("new_file"), parameters={"limit": 10}),
            _settings(2, say, "file={{encodeURL(1.name)}}", slack_channel="C0123456789"),
            _module(
                3, "google-drive:getAFile", 4, say("download_source"), mapper={"select": "value", "file": "{{1.id}}"}
            ),
            _submit(4, say, data="{{3.data}}", name="{{3.name}}"),
            _slack(5, say("tell_failure"), "{{2.slack_channel}}", refused) | _refused(say, 4),
        ],
    )


def _drive_deliver(say: Words) -> Json:
    done = f"{say('slack_done', file='{{1.file}}')}\n{_LINKS}"
    failed = say("slack_failed", file="{{1.file}}", why="{{1.error_message}}")
    return _blueprint(
        say("deliver", flow=say("drive-to-slack")),
        [
            _callback(say),
            _router(
                2,
                say,
                [_slack(3, say("deliver_to_slack"), "C0123456789", done) | _when(say, "done")],
                [_slack(4, say("tell_failure"), "C0123456789", failed) | _when(say, "failed")],
            ),
        ],
        instant=True,
    )


def _airtable_submit(say: Words) -> Json:
    status, error = say("column_status"), say("column_error")
    audio = f"1.`{say('column_audio')}`[1]"
    return _blueprint(
        say("hand_in", flow=say("airtable-queue")),
        [
            _module(
                1,
                "airtable:ActionSearchRecords",
                3,
                say("queued_row"),
                mapper=_TABLE | {"formula": f"{{{status}}}='ready_to_master'", "maxRecords": "10"},
            ),
            _settings(2, say, "record={{1.id}}"),
            _module(
                3,
                "http:ActionGetFile",
                3,
                say("download_source"),
                parameters={"handleErrors": True},
                mapper={"url": f"{{{{{audio}.url}}}}", "method": "get", "serializeUrl": False, "shareCookies": False},
            ),
            _submit(4, say, data="{{3.data}}", name=f"{{{{{audio}.filename}}}}"),
            _router(
                5,
                say,
                [_update(6, say("row_processing"), "{{1.id}}", {status: "processing", error: ""}) | _accepted(say, 4)],
                [
                    _update(7, say("row_failed"), "{{1.id}}", {status: "failed", error: "{{4.data.error.message}}"})
                    | _refused(say, 4)
                ],
            ),
        ],
    )


def _airtable_deliver(say: Words) -> Json:
    status, url, error = say("column_status"), say("column_master"), say("column_error")
    done = {status: "done", url: _LINKS, error: ""}
    failed = {status: "failed", error: "{{1.error_message}}"}
    return _blueprint(
        say("deliver", flow=say("airtable-queue")),
        [
            _callback(say),
            _router(
                2,
                say,
                [_update(3, say("row_done"), "{{1.record}}", done) | _when(say, "done")],
                [_update(4, say("row_failed"), "{{1.record}}", failed) | _when(say, "failed")],
            ),
        ],
        instant=True,
    )


def _form_submit(say: Words) -> Json:
    refused = say("mail_failed", client="{{1.mail}}", why="{{3.data.error.message}}")
    return _blueprint(
        say("hand_in", flow=say("form-to-mail")),
        [
            _module(1, "gateway:CustomWebHook", 1, say("form"), parameters={"maxResults": 1}),
            _settings(2, say, "mail={{encodeURL(1.mail)}}", studio_mail="studio@example.com"),
            _submit(3, say, data="{{1.audio.data}}", name="{{1.audio.name}}"),
            _mail(4, say("mail_failure"), "{{2.studio_mail}}", say("mail_failed_subject"), refused) | _refused(say, 3),
        ],
        instant=True,
    )


def _form_deliver(say: Words) -> Json:
    done = say("mail_done", links=_LINKS)
    failed = say("mail_failed", client="{{1.mail}}", why="{{1.error_message}}")
    studio = "studio@example.com"
    return _blueprint(
        say("deliver", flow=say("form-to-mail")),
        [
            _callback(say),
            _router(
                2,
                say,
                [_mail(3, say("mail_client"), "{{1.mail}}", say("mail_done_subject"), done) | _when(say, "done")],
                [_mail(4, say("mail_failure"), studio, say("mail_failed_subject"), failed) | _when(say, "failed")],
            ),
        ],
        instant=True,
    )


_LINKS = '{{join(map(1.results; "download_url"); newline)}}'
"""Of the callback: the links of all masters, a line each."""
_TABLE: Json = {"base": "appXXXXXXXXXXXXXX", "table": "tblXXXXXXXXXXXXXX", "useColumnId": False}


def _blueprint(name: str, modules: Sequence[Json], *, instant: bool = False) -> Json:
    for column, module in enumerate(modules):
        module["metadata"]["designer"] |= {"x": column * _STEP, "y": 0}
        for lane, route in enumerate(module.get("routes", ())):
            for further, inner in enumerate(route["flow"], 1):
                inner["metadata"]["designer"] |= {"x": (column + further) * _STEP, "y": lane * _STEP - _STEP // 2}
    scenario = {
        "roundtrips": 1,
        "maxErrors": 3,
        "autoCommit": True,
        "autoCommitTriggerLast": True,
        "sequential": False,
        "confidential": False,
        "dataloss": False,
        "dlq": False,
    }
    metadata = {"instant": instant, "version": 1, "scenario": scenario, "designer": {"orphans": []}}
    return {"name": name, "flow": list(modules), "metadata": metadata}


def _module(
    number: int, kind: str, version: int, name: str, *, parameters: Json | None = None, mapper: Json | None = None
) -> Json:
    return {
        "id": number,
        "module": kind,
        "version": version,
        "parameters": parameters or {},
        "mapper": mapper or {},
        "metadata": {"designer": {"name": name}},
    }


def _callback(say: Words) -> Json:
    return _module(1, "gateway:CustomWebHook", 1, say("callback"), parameters={"maxResults": 1})


def _router(number: int, say: Words, *routes: Sequence[Json]) -> Json:
    return {
        "id": number,
        "module": "builtin:BasicRouter",
        "version": 1,
        "mapper": None,
        "metadata": {"designer": {"name": say("route")}},
        "routes": [{"flow": list(route)} for route in routes],
    }


def _settings(number: int, say: Words, carried: str, **others: str) -> Json:
    """The one module that names the server. `carried` is what the callback brings back."""
    values = {
        "base_url": "https://soundrack.example.com/masterify",
        "callback_url": f"https://hook.eu1.make.com/YOUR_CALLBACK?{carried}",
        "platforms": "spotify",
        "genre": "other",
        "ai_service": "other",
        "tier": "standard",
    }
    variables = [{"name": name, "value": value} for name, value in (values | others).items()]
    return _module(
        number, "util:SetVariables", 1, say("settings"), mapper={"scope": "roundtrip", "variables": variables}
    )


def _submit(number: int, say: Words, *, data: str, name: str) -> Json:
    """The request; its key is kept in Make's keychain. A refusal is an answer here and not an error of the scenario."""
    texts = {key: f"{{{{2.{key}}}}}" for key in ("platforms", "genre", "ai_service", "tier")}
    texts["webhook_url"] = "{{2.callback_url}}"
    fields = [{"key": key, "fieldType": "text", "value": value} for key, value in texts.items()]
    return _module(
        number,
        "http:ActionSendDataAPIKeyAuth",
        3,
        say("submit"),
        parameters={"handleErrors": False},
        mapper={
            "url": "{{2.base_url}}/api/v1/master",
            "serializeUrl": False,
            "method": "post",
            "headers": [{"name": "Accept-Language", "value": say.language}],
            "qs": [],
            "bodyType": "multipart_form_data",
            "formDataFields": [*fields, {"key": "file", "fieldType": "file", "data": data, "fileName": name}],
            "parseResponse": True,
            "timeout": "300",
            "shareCookies": False,
            "ca": "",
            "rejectUnauthorized": True,
            "followRedirect": False,
            "useQuerystring": False,
            "gzip": True,
            "useMtls": False,
        },
    )


def _slack(number: int, name: str, channel: str, text: str) -> Json:
    mapper = {"channelWType": "manualy", "channel": channel, "text": text, "parse": False, "mrkdwn": True}
    return _module(number, "slack:CreateMessage", 4, name, mapper=mapper)


def _update(number: int, name: str, row: str, record: Json) -> Json:
    mapper = _TABLE | {"id": row, "record": record, "typecast": True}
    return _module(number, "airtable:ActionUpdateRecords", 3, name, mapper=mapper)


def _mail(number: int, name: str, to: str, subject: str, text: str) -> Json:
    content = "<p>" + text.strip().replace("\n", "<br>") + "</p>"
    mapper = {"to": [to], "subject": subject, "bodyType": "rawHtml", "content": content}
    return _module(number, "google-email:sendAnEmail", 4, name, mapper=mapper)


def _filter(name: str, value: str, operator: str, wanted: str) -> Json:
    return {"filter": {"name": name, "conditions": [[{"a": value, "o": operator, "b": wanted}]]}}


def _when(say: Words, status: str) -> Json:
    return _filter(say(status), "{{1.status}}", "text:equal", status)


def _accepted(say: Words, number: int) -> Json:
    return _filter(say("accepted"), f"{{{{{number}.statusCode}}}}", "text:equal", "201")


def _refused(say: Words, number: int) -> Json:
    return _filter(say("refused"), f"{{{{{number}.statusCode}}}}", "text:notequal", "201")

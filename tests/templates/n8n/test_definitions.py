"""An installed n8n knows every node of the workflows as they use it, and our table is no larger than what it knows."""

from __future__ import annotations

import copy
import json

import pytest
from templates.source.files import files

from tests.templates import workflows
from tests.templates.n8n import installation
from tests.templates.n8n.definitions import Definitions

pytestmark = [
    pytest.mark.n8n,
    pytest.mark.skipif(not installation.installed(), reason="`make n8n` installs n8n"),
]

FLOWS = {name: json.loads(text) for name, text in files().items() if name.startswith("n8n-")}


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return Definitions.read(installation.DEFINITIONS)


@pytest.mark.parametrize("name", FLOWS)
def test_n8n_takes_every_node(definitions: Definitions, name: str):
    assert list(definitions.problems(FLOWS[name])) == []


@pytest.mark.parametrize("kind", workflows.KINDS)
def test_our_table_agrees_with_n8n(definitions: Definitions, kind: str):
    ours = workflows.KINDS[kind]
    theirs = definitions.nodes[kind.removeprefix("n8n-nodes-base."), ours.version]

    assert ours.parameters <= {about["name"] for about in theirs["properties"]}
    assert ours.is_trigger == ("trigger" in theirs["group"])


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("method", "FETCH", "none of"),
        ("adress", "x", "is unknown"),
        ("amount", 3, "is unknown"),
        ("url", "", "is required"),
        ("jsonBody", "{}", "not shown for these settings"),
    ],
)
def test_a_broken_request_is_refused(definitions: Definitions, key: str, value: object, wanted: str):
    broken = copy.deepcopy(FLOWS["n8n-form-to-mail.en.json"])
    workflows.nodes(broken)["Ask for the job"]["parameters"][key] = value

    assert any(wanted in problem for problem in definitions.problems(broken))


def test_an_unknown_version_is_refused(definitions: Definitions):
    broken = copy.deepcopy(FLOWS["n8n-form-to-mail.en.json"])
    workflows.nodes(broken)["Pause"]["typeVersion"] = 9

    assert list(definitions.problems(broken)) == ["Pause is of an unknown type or version."]

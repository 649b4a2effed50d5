"""A page of its own that sends a song to SignalKey and follows it with `fetch`, as a browser's own code would."""

from __future__ import annotations

import base64

import pytest

from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.rack import Rack
from soundrack.service import Service
from tests.browser import chromium
from tests.browser.conftest import NewPage
from tests.follower import SignalKey, song
from tests.live import Live

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.PROGRAM is None, reason=chromium.MISSING),
]

WITHIN_MS = 120_000.0
PAGE = """<!doctype html><meta charset="utf-8"><title>Follow</title><link rel="icon" href="data:,">
<p id="stage"></p><progress id="bar" max="1" value="0"></progress><pre id="result"></pre>
<script type="module">
const encoded = "{{SONG}}", headers = { Authorization: "Bearer {{TOKEN}}" };
const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
const form = new FormData();
form.append("file", new Blob([bytes], { type: "audio/wav" }), "a.wav");
const submitted = await (await fetch("{{BASE}}/api/v1/analyze", { method: "POST", headers, body: form })).json();

const response = await fetch("{{BASE}}" + submitted.stream_url, { headers });
const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
window.chunks = 0; window.stages = []; window.heights = []; window.ids = [];
let text = "";
for (;;) {
  const { done, value } = await reader.read();
  if (done) break;
  window.chunks += 1;
  const blocks = (text += value).split("\\n\\n");
  text = blocks.pop();
  for (const block of blocks) {
    const event = Object.fromEntries(block.split("\\n").map((line) => line.split(/: (.*)/s)));
    if (!event.event) continue;
    window.ids.push(Number(event.id));
    const data = JSON.parse(event.data);
    if (event.event === "progress") {
      document.getElementById("stage").textContent = data.stage;
      document.getElementById("bar").value = data.progress;
      window.stages.push(data.stage); window.heights.push(data.progress);
    } else if (event.event === "result") {
      document.getElementById("result").textContent = JSON.stringify(data);
      window.result = data;
    } else {
      window.last = { name: event.event, data };
    }
  }
}
window.ended = true;
</script>"""


def test_a_page_follows_a_job_to_its_end_by_fetch_and_the_authorization_header(
    live: Live, rack: Rack, anna: Account, new_page: NewPage
):
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, anna.id, Service.SIGNALKEY, "studio")
    client = SignalKey(live)
    page = new_page()
    words = {"SONG": base64.b64encode(song(10)).decode(), "TOKEN": client.token, "BASE": client.url}
    content = PAGE
    for word, value in words.items():
        content = content.replace("{{" + word + "}}", value)
    # of the server's own origin, since the document speaks of no other
    address = f"{live.settings.public_url}/follow.html"
    page.route(address, lambda route: route.fulfill(content_type="text/html", body=content))

    page.goto(address)
    page.wait_for_function("window.ended", timeout=WITHIN_MS)

    assert page.evaluate("window.last") == {"name": "done", "data": {"ok": True}}
    assert {"tempo", "key", "structure"} <= page.evaluate("window.result").keys()
    heights, ids = page.evaluate("window.heights"), page.evaluate("window.ids")
    assert heights == sorted(heights)
    assert heights[-1] == 1
    assert ids == sorted(set(ids))
    assert page.evaluate("window.stages")[-1] == "release"
    assert page.evaluate("window.chunks") >= 3  # it came bit by bit, and not all at the end
    assert page.locator("#stage").text_content() == "release"

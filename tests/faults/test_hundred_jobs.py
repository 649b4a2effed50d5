"""A hundred jobs of ten accounts at once, of every kind, while workers and their children are killed.

``make chaos`` runs it.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import immich_memories_music
import numpy as np
import psutil
import pytest
import soundfile
from numpy.typing import NDArray

from soundrack.accounts import keys, people
from soundrack.billing import credits, subscriptions
from soundrack.outbound.webhooks import secrets
from soundrack.rack import open_rack
from soundrack.service import Service
from tests.live import Live, until, wav
from tests.mastering.meters import integrated, strict_peak_db
from tests.postgresql import Postgresql
from tests.receiver import Delivery, Receiver
from tests.web import Web, serving

JOBS = 100
CLIENTS = 10
GRANTED = 50
KILL_EVERY_S = 2.0
KILLS = 3 * ("child", "worker", "child", "warm process", "child", "courier")
IN_QUEUE = {
    "sqlite": "SELECT count(*) FROM workflow_status WHERE status IN ('ENQUEUED', 'DELAYED', 'PENDING')",
    "postgresql": "SELECT count(*) FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'DELAYED', 'PENDING')",
}
ENDED = "SELECT count(*) FROM jobs WHERE status IN ('completed', 'failed')"

PRESETS = {"balanced": -14.0, "warm": -14.0, "bright": -14.0, "loud": -9.0}
REFERENCE_LUFS = -11.0
SUBTYPES = {"wav": "PCM_24", "flac": "PCM_24", "mp3": "MPEG_LAYER_III"}
RATES = (None, 44_100, 48_000, 96_000)
SOURCE_RATE = 48_000
TOLERANCE_LU = 0.3
CEILING_DB = -1.0


def excerpt(seconds: float, which: int) -> NDArray[np.float32]:
    """Return some seconds from the middle of a song."""
    songs = sorted(Path(immich_memories_music.tracks_dir()).rglob("energetic_*.opus"))
    samples, rate_hz = soundfile.read(songs[which % len(songs)], dtype="float32", always_2d=True, start=10 * 48_000)
    assert rate_hz == SOURCE_RATE
    found: NDArray[np.float32] = samples[: int(seconds * rate_hz)]
    return found


SONGS = [
    ("audio/wav", wav(excerpt(5.0, 0), SOURCE_RATE)),
    ("audio/flac", wav(excerpt(6.5, 1), SOURCE_RATE, form="FLAC")),
    ("audio/aiff", wav(excerpt(8.0, 2), SOURCE_RATE, form="AIFF")),
    ("audio/mpeg", wav(excerpt(10.0, 3), SOURCE_RATE, form="MP3", subtype="MPEG_LAYER_III")),
]


def reference() -> bytes:
    samples = excerpt(7.0, 4)
    loudness = integrated(samples, SOURCE_RATE)
    return wav(samples * 10 ** ((REFERENCE_LUFS - loudness) / 20), SOURCE_RATE, "FLOAT")


@dataclass(frozen=True)
class Wish:
    """What one job is asked for."""

    number: int

    @property
    def song(self) -> tuple[str, bytes]:
        return SONGS[self.number % len(SONGS)]

    @property
    def song_by_url(self) -> bool:
        return self.number % 3 == 1

    @property
    def reference(self) -> str:
        """How it is given: not at all, as an upload, or as a URL."""
        return ("", "", "upload", "", "url")[self.number % 5]

    @property
    def preset(self) -> str:
        return list(PRESETS)[self.number // 4 % 4]

    @property
    def form(self) -> str:
        return list(SUBTYPES)[self.number // 2 % 3]

    @property
    def rate_hz(self) -> int | None:
        rate = RATES[self.number // 3 % 4]
        return 48_000 if self.form == "mp3" and rate == 96_000 else rate

    @property
    def loudness(self) -> float:
        return REFERENCE_LUFS if self.reference else PRESETS[self.preset]


class Client:
    """One customer with an account of their own, who submits a tenth of the jobs and waits for them."""

    def __init__(self, live: Live, token: str, web: Web, receiver: Receiver) -> None:
        self._http = httpx2.Client(
            base_url=f"{live.settings.public_url}/blacklab/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        self._web = web
        self._receiver = receiver

    def run(self, wishes: list[Wish]) -> dict[str, Wish]:
        """Submit all, each under a key of its own and some of them twice; return them by their jobs' ids."""
        with self._http:
            return {self._submit(wish): wish for wish in wishes}

    def _submit(self, wish: Wish) -> str:
        song = self._web.url(f"/song{wish.number % len(SONGS)}") if wish.song_by_url else self._upload(*wish.song)
        body: dict[str, Any] = {"input_url": song, "preset": wish.preset, "format": wish.form}
        body |= {"webhook_url": self._receiver.url}
        if wish.rate_hz is not None:
            body["sample_rate"] = wish.rate_hz
        if wish.reference:
            by_url = wish.reference == "url"
            body["reference_url"] = self._web.url("/reference") if by_url else self._upload("audio/wav", REFERENCE)
        key = {"Idempotency-Key": f"wish {wish.number}"}
        answers = [
            self._http.post("/mastering/jobs", json=body, headers=key) for _ in range(2 if wish.number % 4 == 0 else 1)
        ]
        assert {answer.status_code for answer in answers} == {201}, answers[-1].text
        assert len({answer.content for answer in answers}) == 1
        job_id: str = answers[0].json()["id"]
        return job_id

    def _upload(self, content_type: str, content: bytes) -> str:
        asked = {"filename": "song", "content_type": content_type, "size_bytes": len(content)}
        answer = self._http.post("/assets/upload-url", json=asked).raise_for_status().json()
        headers = {"Content-Type": content_type}
        self._http.put(answer["upload_url"], content=content, headers=headers).raise_for_status()
        asset_url: str = answer["asset_url"]
        return asset_url


REFERENCE = reference()


class Killer:
    """Kills one process after another, of each kind in turn."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._left = list(reversed(KILLS))
        self._at = time.monotonic() + KILL_EVERY_S
        self.kills = Counter[str]()

    def strike(self) -> None:
        """Kill what is next, if it is time and there is such a process now."""
        if not self._left or time.monotonic() < self._at:
            return
        kind = self._left[-1]
        found = list(self._victims(kind))
        if not found:
            return
        try:
            random.choice(found).kill()
        except psutil.NoSuchProcess:
            return
        self.kills[self._left.pop()] += 1
        self._at = time.monotonic() + random.uniform(0.5, 1.5) * KILL_EVERY_S

    def _victims(self, kind: str) -> Iterator[psutil.Process]:
        try:
            for started in psutil.Process(self._live.processes[0].pid).children():
                if kind in started.cmdline():
                    yield started
                elif "worker" in started.cmdline():
                    for warm in started.children():
                        yield from {"warm process": [warm], "child": warm.children()}.get(kind, [])
        except psutil.NoSuchProcess:
            return


@pytest.fixture(params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    server: Postgresql | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
    with server.database() if server else nullcontext("") as url:
        installation = Live(
            tmp_path / "data",
            workers=2,
            job_lease_s=2.0,
            outbound_allow="127.0.0.1",
            outbound_webhook_s=3.0,
            database_url=url,
        )
        yield installation
        installation.kill_everything()


def customers(live: Live) -> dict[str, str]:
    """Make ten accounts, each with credits and a key; return the keys by the accounts' ids."""
    tokens = {}
    with open_rack(live.settings) as rack, rack.database.write() as connection:
        for number in range(CLIENTS):
            account = people.create(connection, f"client{number}@example.com")
            subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "enterprise")
            credits.grant(connection, account.id, GRANTED, "for tests")
            tokens[account.id] = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "").token
    return tokens


def signing_secrets(live: Live, account_ids: list[str]) -> dict[str, str]:
    with open_rack(live.settings) as rack, rack.database.read() as connection:
        found = {one: secrets.of(connection, rack.vault, one, Service.BLACKLAB) for one in account_ids}
    return {account_id: signing.secret for account_id, (signing,) in found.items()}


@pytest.mark.chaos
def test_a_hundred_jobs_of_ten_clients_all_end_once_while_workers_and_children_are_killed(live: Live):
    random.seed(11)
    files = {f"song{number}": content for number, (_, content) in enumerate(SONGS)} | {"reference": REFERENCE}
    live.serve()
    tokens = customers(live)
    began = time.monotonic()
    killer = Killer(live)
    with serving(**files) as web, Receiver() as receiver, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [Client(live, token, web, receiver) for token in tokens.values()]
        running: list[Future[dict[str, Wish]]] = [
            pool.submit(client.run, [Wish(number) for number in range(place, JOBS, CLIENTS)])
            for place, client in enumerate(clients)
        ]

        def all_ended() -> bool:
            killer.strike()
            return all(one.done() for one in running) and live.query(ENDED) == [(JOBS,)]

        until(all_ended, 540)
        wishes = {job_id: wish for one in running for job_id, wish in one.result().items()}
        took_s = time.monotonic() - began
        until(lambda: live.query("SELECT count(*) FROM webhook_deliveries WHERE status <> 'delivered'") == [(0,)], 120)
    statuses = dict(live.query("SELECT id, status FROM jobs"))
    attempts, losses = live.query("SELECT sum(attempt), sum(losses) FROM jobs")[0]
    print(
        f"\n{JOBS} jobs of {CLIENTS} clients in {took_s:.0f} s: {dict(Counter(statuses.values()))}, kills "
        f"{dict(killer.kills)}, {attempts} attempts, {losses} losses, {receiver.again} webhooks sent again"
    )

    assert statuses.keys() == wishes.keys()
    assert killer.kills == Counter(KILLS)
    assert_only_killed_jobs_failed(live, killer.kills["child"])
    assert_the_ledger_is_right(live, tokens.keys())
    assert_each_job_was_told_once(receiver, statuses, signing_secrets(live, list(tokens)))
    for job_id in (one for one, status in statuses.items() if status == "completed"):
        assert_it_is_what_was_asked_for(live, tokens, job_id, wishes[job_id])
    assert_nothing_is_left_behind(live)


def assert_only_killed_jobs_failed(live: Live, children: int) -> None:
    """Those whose own process was killed, and those over which as many workers were lost as may be."""
    failed = live.query("SELECT error_kind, losses, error_message FROM jobs WHERE status = 'failed'")
    given_up = [one for one in failed if one[:2] == ("internal", live.settings.job_max_losses)]
    killed = [one for one in failed if one[0] == "resources_exhausted"]
    assert len(given_up) + len(killed) == len(failed), failed
    assert len(killed) <= children


def assert_the_ledger_is_right(live: Live, account_ids: Any) -> None:
    """Each job charged once, exactly the failed ones refunded once, and every balance the sum of its entries."""
    entries = live.query(
        "SELECT jobs.status, credit_entries.kind, count(*), sum(amount) FROM jobs JOIN credit_entries "
        "ON credit_entries.job_id = jobs.id AND credit_entries.account_id = jobs.account_id "
        "GROUP BY jobs.status, credit_entries.kind"
    )
    counts = dict(live.query("SELECT status, count(*) FROM jobs GROUP BY status"))
    expected = {(status, "charge", count, -count) for status, count in counts.items()}
    if failed := counts.get("failed"):
        expected.add(("failed", "refund", failed, failed))
    assert set(entries) == expected
    balances = dict(live.query("SELECT id, credit_balance FROM accounts"))
    sums = dict(live.query("SELECT account_id, sum(amount) FROM credit_entries GROUP BY account_id"))
    assert {one: balances[one] for one in account_ids} == {one: sums[one] for one in account_ids}
    granted = dict(live.query("SELECT account_id, sum(amount) FROM credit_entries WHERE kind = 'grant' GROUP BY 1"))
    spent = dict(live.query("SELECT account_id, count(*) FROM jobs WHERE status = 'completed' GROUP BY account_id"))
    assert {one: balances[one] for one in account_ids} == {one: granted[one] - spent.get(one, 0) for one in account_ids}


def assert_each_job_was_told_once(receiver: Receiver, statuses: dict[str, str], signing: dict[str, str]) -> None:
    told = [(one.body["data"]["id"], one.body["event"]) for one in receiver.kept.values()]
    assert sorted(told) == sorted(
        (job_id, "job.done" if status == "completed" else "job.failed") for job_id, status in statuses.items()
    )

    def is_signed(delivery: Delivery) -> bool:
        by = (hmac.new(secret.encode(), delivery.content, hashlib.sha256).hexdigest() for secret in signing.values())
        return delivery.signature in {f"sha256={digest}" for digest in by}

    assert all(map(is_signed, receiver.kept.values()))


def assert_it_is_what_was_asked_for(live: Live, tokens: dict[str, str], job_id: str, wish: Wish) -> None:
    ((account_id,),) = live.query("SELECT account_id FROM jobs WHERE id = ?", job_id)
    job = httpx2.get(
        f"{live.settings.public_url}/blacklab/v1/mastering/jobs/{job_id}",
        headers={"Authorization": f"Bearer {tokens[account_id]}"},
    ).json()
    content = httpx2.get(job["output_url"]).raise_for_status().content
    info = soundfile.info(io.BytesIO(content))
    samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)

    asked = (wish.preset, wish.form, wish.rate_hz or SOURCE_RATE)
    assert (job["preset"], job["format"], job["sample_rate"]) == asked, wish
    assert (info.format, info.subtype, rate_hz) == (wish.form.upper(), SUBTYPES[wish.form], asked[2]), wish
    source = soundfile.info(io.BytesIO(wish.song[1]))
    assert len(samples) / rate_hz == pytest.approx(source.frames / SOURCE_RATE, abs=0.1), wish
    assert integrated(samples, rate_hz) == pytest.approx(wish.loudness, abs=TOLERANCE_LU), wish
    assert strict_peak_db(samples) <= CEILING_DB, wish


def assert_nothing_is_left_behind(live: Live) -> None:
    """After the server was stopped, and hours later started again: what waits for its time has had it."""
    live.stop()
    live.change("UPDATE output_folders SET begun_at = '2025-01-15 10:30:00.000000+00'")
    live.change("UPDATE workers SET seen_at = '2025-01-15 10:30:00.000000+00'")
    live.serve()

    def results() -> set[str]:
        rows = live.query("SELECT id, attempt FROM jobs WHERE status = 'completed'")
        return {f"objects/output/{job_id}/{attempt}" for job_id, attempt in rows}

    until(lambda: {file.rpartition("/")[0] for file in live.files()} == results())
    assert len(live.files()) == len(results())
    left = {
        "uploads with bytes": "SELECT count(*) FROM assets WHERE object_key IS NOT NULL",
        "URLs of callers": "SELECT count(*) FROM job_inputs WHERE url IS NOT NULL",
        "leases": "SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL",
        "events untold": "SELECT count(*) FROM events WHERE expanded_at IS NULL",
        "deliveries held": "SELECT count(*) FROM webhook_deliveries WHERE claimed_by IS NOT NULL",
        "folders": "SELECT count(*) FROM output_folders LEFT JOIN jobs ON jobs.id = output_folders.job_id "
        "AND jobs.attempt = output_folders.attempt AND jobs.status = 'completed' WHERE jobs.id IS NULL",
        "entries of the queue": IN_QUEUE["postgresql" if "postgresql" in live.settings.database_url else "sqlite"],
    }
    for what, sql in left.items():
        until(lambda sql=sql: live.query(sql) == [(0,)])  # type: ignore[misc]  # a default binds the loop's value
        assert live.query(sql) == [(0,)], what
    live.stop()

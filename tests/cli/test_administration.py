"""Administration by command line: each command, what it changes, and what it says."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from typer.main import get_command

from soundrack import clock
from soundrack.accounts import audit, credentials, formats, keys, people, sessions
from soundrack.accounts.audit import Entry
from soundrack.accounts.people import Account
from soundrack.accounts.sessions import Browser
from soundrack.billing import credits, subscriptions
from soundrack.cli import command
from soundrack.database.tables import accounts, credit_entries, job_inputs, jobs
from soundrack.database.tables import subscriptions as subscriptions_table
from soundrack.errors import NotAuthenticated
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service

PAGE = Path(__file__).parents[2] / "docs/administration.md"
Soundrack = Callable[..., str]
Asked = Callable[..., Any]


@pytest.fixture
def soundrack(rack: Rack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Soundrack:
    """Runs a command in this process on the rack's data, and returns what it printed."""
    for name, value in rack.settings.environment().items():
        monkeypatch.setenv(name, value)

    def run(*words: object, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["soundrack", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            command.main()
        told = capsys.readouterr()
        assert ended.value.code == code, told.err
        return told.out if code == 0 else told.err

    return run


@pytest.fixture
def asked(soundrack: Soundrack) -> Asked:
    """Runs a command for a program, and returns what it said."""
    return lambda *words: json.loads(soundrack(*words, "--json"))


@pytest.fixture
def job_id(rack: Rack, account: Account) -> str:
    """A job that waits, charged."""
    with rack.database.write() as connection:
        connection.execute(
            insert(jobs).values(
                id="job_waiting00000",
                account_id=account.id,
                service=Service.BLACKLAB,
                kind="master",
                status=Status.QUEUED,
                parameters={"preset": "warm"},
                work_s=10.0,
                credits_charged=1,
                request_id="req_1",
                created_at=clock.now(),
            )
        )
        url = "https://example.com/song.wav?signature=open-sesame"
        connection.execute(insert(job_inputs).values(job_id="job_waiting00000", name="song", url=url))
        credits.charge(connection, account.id, 1, "job_waiting00000", service=Service.BLACKLAB)
    return "job_waiting00000"


def events_of(rack: Rack, account_id: str) -> list[str]:
    with rack.database.read() as connection:
        return [entry.event for entry in audit.entries(connection, account_id)]


def test_the_first_account_made_owns_the_machine_and_the_second_does_not(asked: Asked, rack: Rack):
    asked("accounts", "create", "owner@example.com", "--name", "Olga")
    asked("accounts", "create", "guest@example.com")

    first, second = (asked("accounts", "show", email) for email in ("owner@example.com", "guest@example.com"))
    assert (first["name"], first["admin"], first["credits"]) == ("Olga", True, credits.FIRST_GRANT)
    assert (second["admin"], second["credits"]) == (False, 0)
    for service in Service:
        assert first["plans"][service] == rack.plans.highest(service).name
        assert second["plans"][service] == rack.plans.default(service).name
    assert [row["email"] for row in asked("accounts", "list")] == ["owner@example.com", "guest@example.com"]


def test_an_account_that_exists_is_not_made_again(soundrack: Soundrack, account: Account):
    assert "already" in soundrack("accounts", "create", account.email, code=1)


def test_suspending_stops_keys_and_sessions_at_once_and_restoring_lets_keys_work_again(
    asked: Asked, rack: Rack, account: Account
):
    with rack.database.write() as connection:
        token = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "").token
        session = sessions.begin(connection, rack.secret, account.id, Browser(), timedelta(days=1))

    def caller() -> str:
        found = credentials.authenticate(rack.lookups, rack.secret, Service.BLACKLAB, token)
        return asyncio.run(found).account_id

    assert caller() == account.id
    assert asked("accounts", "suspend", account.email, "--yes")["suspended_at"] is not None

    with pytest.raises(NotAuthenticated, match="suspended"):
        caller()
    with rack.database.read() as connection:
        assert sessions.find(connection, rack.secret, session) is None
    assert asked("accounts", "restore", account.email)["suspended_at"] is None
    assert caller() == account.id
    assert events_of(rack, account.id)[:2] == [Entry.ACCOUNT_RESTORED, Entry.ACCOUNT_SUSPENDED]


@pytest.mark.parametrize(
    "words",
    [
        ("accounts", "suspend", "someone@example.com"),
        ("keys", "revoke", "key_000000000000"),
        ("keys", "rotate-secret", "blacklab"),
        ("jobs", "cancel", "job_waiting00000"),
        ("webhooks", "remove", "whe_000000000000"),
        ("networks", "remove", "net_000000000000"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_taken_back_asks_first(
    words: tuple[str, ...], soundrack: Soundrack, rack: Rack, job_id: str, account: Account
):
    before = events_of(rack, account.id)

    assert "[y/N]" in soundrack(*words, code=1)  # nobody answers

    assert events_of(rack, account.id) == before
    with rack.database.read() as connection:
        assert connection.execute(select(jobs.c.status)).scalar_one() == Status.QUEUED
        assert people.get(connection, account.id).suspended_at is None


def test_a_plan_is_given_by_name_and_entered(asked: Asked, soundrack: Soundrack, rack: Rack, account: Account):
    assert asked("accounts", "plan", account.email, "blacklab", "pro")["plan"] == "pro"

    with rack.database.read() as connection:
        assert subscriptions.plan_of(connection, rack.plans, account.id, Service.BLACKLAB).name == "pro"
    assert events_of(rack, account.id)[0] == Entry.PLAN_CHANGED
    assert "it has: free, pro, enterprise" in soundrack("accounts", "plan", account.email, "blacklab", "gold", code=1)
    assert "no account" in soundrack("accounts", "plan", "nobody@example.com", "blacklab", "pro", code=1)


def test_an_invitation_is_a_link_where_sign_up_allows_one(
    asked: Asked, soundrack: Soundrack, rack: Rack, monkeypatch: pytest.MonkeyPatch
):
    assert "closed" in soundrack("accounts", "invite", code=1)
    monkeypatch.setenv("SOUNDRACK_SIGN_UP", "invite")

    made = asked("accounts", "invite", "guest@example.com")

    assert made["url"].startswith(f"{rack.settings.public_url}/invitation?ticket=")
    assert made["email"] == "guest@example.com"


def test_keys_are_listed_without_their_secret_and_revoked(asked: Asked, rack: Rack, account: Account):
    made = asked("keys", "create", "blacklab", "--label", "laptop", "--expires-days", 30)

    assert made["key"].startswith("sk_live_")
    assert made["expires_at"] > clock.iso_seconds(clock.now())
    (listed,) = asked("keys", "list")
    assert (listed["id"], listed["state"], listed["label"]) == (made["id"], "active", "laptop")
    assert made["key"] not in json.dumps(listed)
    revoked = asked("keys", "revoke", made["id"], "--yes")
    assert (revoked["state"], revoked["revoked_because"]) == ("revoked", "by the operator")
    assert asked("keys", "list", "--service", "soundpiece") == []
    assert events_of(rack, account.id)[:2] == [Entry.KEY_REVOKED, Entry.KEY_CREATED]


def test_a_key_of_the_sandbox_is_made_where_there_is_one(soundrack: Soundrack, asked: Asked, account: Account):
    made = asked("keys", "create", "blacklab", "--sandbox")

    assert formats.identify(made["key"]) is formats.BLACKLAB_SANDBOX
    (listed,) = asked("keys", "list", "--service", "blacklab")
    assert listed["key"].startswith("sk_test_")
    assert "masterify has no sandbox." in soundrack("keys", "create", "masterify", "--sandbox", code=1)


def test_a_signing_secret_is_shown_when_it_is_made_and_replaced(asked: Asked, account: Account):
    key = asked("keys", "create", "soundpiece")

    rotated = asked("keys", "rotate-secret", "soundpiece", "--key", key["id"], "--yes")

    assert key["signing_secret"].startswith("whsec_")
    assert rotated["signing_secret"].startswith("whsec_")
    assert rotated["signing_secret"] != key["signing_secret"]


def test_plans_are_shown_and_a_file_of_them_is_checked(
    asked: Asked, soundrack: Soundrack, rack: Rack, account: Account, tmp_path: Path
):
    assert [row["name"] for row in asked("plans", "show", "blacklab")] == ["free", "pro", "enterprise"]
    file = tmp_path / "plans.toml"
    file.write_text(soundrack("plans", "show", "--toml"))
    assert asked("plans", "check", file) == []

    file.write_text(file.read_text().replace("[blacklab.pro]", "[blacklab.professional]"))
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "pro")

    soundrack("plans", "check", file, "--json", code=1)
    file.write_text("[blacklab]\nx = 1")
    assert "plans.toml" in soundrack("plans", "check", file, code=1)
    assert soundrack("plans", "check", tmp_path / "none.toml", code=1).count("\n") == 1


def test_credits_are_granted_entered_and_checked(asked: Asked, soundrack: Soundrack, rack: Rack, account: Account):
    assert asked("credits", "grant", account.email, 7, "--note", "for the fair")["balance"] == 107
    assert asked("credits", "balance") == {"email": account.email, "balance": 107}
    newest, oldest = asked("credits", "entries")
    assert (newest["amount"], newest["note"], oldest["amount"]) == (7, "for the fair", 100)
    assert [row["id"] for row in asked("credits", "entries", "--before", newest["id"])] == [oldest["id"]]
    assert asked("credits", "check") == []
    assert events_of(rack, account.id)[0] == Entry.CREDITS_GRANTED

    with rack.database.write() as connection:
        connection.execute(update(accounts).values(credit_balance=1_000_000))

    soundrack("credits", "check", code=1)


def test_a_grant_that_cannot_be_made_leaves_nothing_behind(soundrack: Soundrack, rack: Rack, account: Account):
    soundrack("credits", "grant", account.email, 2**40, code=1)

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100
        assert len(connection.execute(select(credit_entries)).all()) == 1
    assert Entry.CREDITS_GRANTED not in events_of(rack, account.id)


def test_a_job_is_shown_without_signed_addresses_and_cancelled_with_a_refund(
    asked: Asked, soundrack: Soundrack, rack: Rack, account: Account, job_id: str
):
    shown = soundrack("jobs", "show", job_id, "--json")
    assert "open-sesame" not in shown
    assert (json.loads(shown)["inputs"], json.loads(shown)["outputs"]) == ({"song": "fetched from a URL"}, {})
    assert [row["id"] for row in asked("jobs", "list", "--status", "queued", "--account", account.email)] == [job_id]
    assert asked("jobs", "list", "--status", "failed") == []

    assert asked("jobs", "cancel", job_id, "--yes")["status"] == "cancelled"

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100
    assert events_of(rack, account.id)[0] == Entry.JOB_CANCELLED
    assert "ended" in soundrack("jobs", "cancel", job_id, "--yes", code=1)
    assert "No such job" in soundrack("jobs", "show", "job_none", code=1)
    assert "there is: queued" in soundrack("jobs", "list", "--status", "lost", code=1)


def test_a_webhook_is_added_tried_and_removed(asked: Asked, soundrack: Soundrack, rack: Rack, account: Account):
    made = asked("webhooks", "add", "blacklab", "https://93.184.216.34/hook", "--event", "job.done", "--label", "ours")

    assert made["signing_secret"].startswith("whsec_")
    (listed,) = asked("webhooks", "list")
    assert listed.items() <= made.items()
    sent = asked("webhooks", "test", made["id"])
    assert (sent["event"], sent["is_test"], sent["status"]) == ("job.done", True, "pending")
    assert asked("webhooks", "show", sent["id"])["made"] == []
    assert asked("webhooks", "resend", sent["id"])["id"] == sent["id"]
    assert [row["id"] for row in asked("webhooks", "deliveries", "--webhook", made["id"])] == [sent["id"]]
    assert asked("webhooks", "enable", made["id"])["disabled_at"] is None
    assert asked("webhooks", "remove", made["id"], "--yes")["removed"] is True
    assert asked("webhooks", "list") == []
    assert {Entry.WEBHOOK_ADDED, Entry.WEBHOOK_REMOVED} <= set(events_of(rack, account.id))


def test_a_webhook_to_a_forbidden_address_or_of_a_service_without_webhooks_is_refused(
    soundrack: Soundrack, account: Account
):
    soundrack("webhooks", "add", "blacklab", "http://169.254.169.254/latest", code=1)
    assert "no events" in soundrack("webhooks", "add", "audiolib", "https://93.184.216.34/hook", code=1)


def test_networks_are_added_and_removed(asked: Asked, rack: Rack, account: Account):
    allowing = next(service for service in Service for plan in rack.plans.of_service(service) if plan.allow_list)
    asked("accounts", "plan", account.email, allowing, rack.plans.highest(allowing).name)

    made = asked("networks", "add", allowing, "198.51.100.9/24", "--note", "studio")

    assert made["network"] == "198.51.100.0/24"
    assert [row["id"] for row in asked("networks", "list")] == [made["id"]]
    assert asked("networks", "remove", made["id"], "--yes")["left"] == 0


def test_the_audit_log_is_read_from_its_end_page_by_page(asked: Asked, account: Account):
    for amount in (1, 2, 3):
        asked("credits", "grant", account.email, amount)

    newest, next_ = asked("audit", "--limit", 2)

    assert [entry["details"]["amount"] for entry in (newest, next_)] == [3, 2]
    assert newest["actor"] == "command line"
    (older, *_) = asked("audit", "--before", next_["id"], "--account", account.email)
    assert older["details"]["amount"] == 1


def test_what_others_wrote_moves_no_cursor(soundrack: Soundrack, rack: Rack, account: Account):
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(name="\x1b[2J[red]gone"))

    told = soundrack("accounts", "show", account.email)

    assert "\x1b" not in told
    assert "[red]gone" in told


def test_a_plan_that_the_file_lost_is_told(asked: Asked, soundrack: Soundrack, rack: Rack, account: Account):
    with rack.database.write() as connection:
        connection.execute(
            insert(subscriptions_table).values(
                account_id=account.id, service=Service.BLACKLAB, plan="gone", since=clock.now()
            )
        )

    soundrack("plans", "check", code=1)


def _commands() -> list[str]:
    """Every command of the groups that administer, as it is typed."""
    found = []
    for name, group in get_command(command.app).commands.items():  # type: ignore[attr-defined]
        if hasattr(group, "commands") and name not in ("library", "models"):
            found += [f"{name} {word}" for word in group.commands]
    return [*found, "audit"]


def test_every_command_has_its_line_on_the_page_and_the_page_names_no_other():
    lines = re.findall(r"^\| `soundrack ([a-z -]+?)(?: \[?[A-Z-][^`]*)?` \|", PAGE.read_text(), re.MULTILINE)

    assert sorted(lines) == sorted(_commands())


def test_the_options_that_the_page_shows_exist():
    for line in re.findall(r"^\| `soundrack ([^`]+)` \|", PAGE.read_text(), re.MULTILINE):
        found, words = get_command(command.app), line.split()
        while words and hasattr(found, "commands") and words[0] in found.commands:
            found = found.commands[words.pop(0)]
        options = {name for parameter in found.params for name in parameter.opts}
        shown = {word.strip("[]") for word in words if word.strip("[]").startswith("--")}
        assert shown <= options, line

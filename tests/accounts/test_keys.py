"""API keys: made, listed, renamed, revoked. Whom they let in is tested with the credentials."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from soundrack import clock
from soundrack.accounts import formats, keys, people
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.keys import NewKey, Reason, State
from soundrack.accounts.people import Account
from soundrack.billing.plans import Plan
from soundrack.database.tables import accounts, api_keys, audit_entries, signing_secrets
from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound
from soundrack.outbound.webhooks import secrets
from soundrack.rack import Rack
from soundrack.service import Service

ME = Origin("acc_me", "203.0.113.9", "req_1")
STUDIO = Plan(Service.SIGNALKEY, "studio", "Studio", 60, keys=5)


def create(rack: Rack, account: Account, service: Service = Service.BLACKLAB, label: str = "", **rest: Any) -> NewKey:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, service, label, **rest)


def listed(rack: Rack, account: Account, service: Service | None = None) -> list[keys.Key]:
    with rack.database.read() as connection:
        return keys.of(connection, account.id, service)


def audited(rack: Rack, event: Entry) -> list[Any]:
    with rack.database.read() as connection:
        return list(connection.execute(select(audit_entries).where(audit_entries.c.event == event)))


@pytest.mark.parametrize("service", Service)
def test_a_key_is_made_in_its_services_form_and_listed_by_its_beginning(rack: Rack, account: Account, service: Service):
    new = create(rack, account, service, " for the mixer ")

    assert formats.plausible(service, new.token)
    key = listed(rack, account, service)[0]
    assert (key.id, key.service, key.label, key.state) == (new.id, service, "for the mixer", State.ACTIVE)
    assert new.token.startswith(key.shown_prefix)
    assert key.last_used_at is None


def test_the_database_holds_neither_the_key_nor_anything_that_gives_it_away(rack: Rack, account: Account):
    new = create(rack, account, Service.SIGNALKEY)
    assert new.signing is not None
    with rack.database.read() as connection:
        rows = [connection.execute(select(table)).all() for table in (api_keys, signing_secrets, audit_entries)]

    kept = repr(rows)
    assert new.token not in kept
    assert new.token[13:] not in kept
    assert new.signing.secret.removeprefix("whsec_") not in kept


def test_a_new_key_does_not_show_its_secrets_when_printed(rack: Rack, account: Account):
    new = create(rack, account, Service.SIGNALKEY)
    assert new.signing is not None

    assert new.token not in repr(new)
    assert new.signing.secret not in repr(new)


@pytest.mark.parametrize("service", Service)
def test_a_signing_secret_comes_with_the_key_where_the_document_pairs_them(
    rack: Rack, account: Account, service: Service
):
    new = create(rack, account, service)

    if service not in {Service.SIGNALKEY, Service.SOUNDPIECE}:
        assert new.signing is None
        return
    assert new.signing is not None
    with rack.database.read() as connection:
        stored = secrets.of(connection, rack.vault, account.id, service, new.id)
    assert [one.secret for one in stored] == [new.signing.secret]


def test_a_key_of_the_sandbox_is_one_of_blacklabs(rack: Rack, account: Account):
    assert create(rack, account, sandbox=True).token.startswith("sk_test_")


@pytest.mark.parametrize("label", ["x" * 201, "two\nlines", "nul\0", "\x1b[31m", "\ud800", "a\u2028b"])
def test_a_label_is_one_line_of_at_most_200_characters(rack: Rack, account: Account, label: str):
    new = create(rack, account, label="ж" * 200)
    with pytest.raises(Invalid) as refused:
        create(rack, account, label=label)
    assert refused.value.field == "label"
    with rack.database.write() as connection, pytest.raises(Invalid):
        keys.rename(connection, account.id, new.id, label)

    assert [key.label for key in listed(rack, account)] == ["ж" * 200]


def test_an_expiry_lies_in_the_future(rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    with pytest.raises(Invalid, match="future"):
        create(rack, account, expires_at=now)
    create(rack, account, expires_at=now + timedelta(seconds=1))

    assert listed(rack, account)[0].state is State.ACTIVE
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=1))
    assert listed(rack, account)[0].state is State.EXPIRED


def test_a_plan_allows_so_many_active_keys(rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    made = [create(rack, account, Service.SIGNALKEY, plan=STUDIO) for _ in range(4)]
    create(rack, account, Service.SIGNALKEY, plan=STUDIO, expires_at=now + timedelta(minutes=1))
    create(rack, account, Service.AUDIOLIB)
    with pytest.raises(Conflict, match="Studio allows 5 active keys"):
        create(rack, account, Service.SIGNALKEY, plan=STUDIO)

    with rack.database.write() as connection:
        keys.revoke(connection, account.id, made[0].id)
    create(rack, account, Service.SIGNALKEY, plan=STUDIO)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=1))
    create(rack, account, Service.SIGNALKEY, plan=STUDIO)
    with pytest.raises(Conflict):
        create(rack, account, Service.SIGNALKEY, plan=STUDIO)


def test_parallel_creations_never_exceed_the_plan(rack: Rack, account: Account):
    outcomes: list[str] = []
    together = threading.Barrier(12)

    def creating() -> None:
        together.wait()
        try:
            create(rack, account, Service.SIGNALKEY, plan=STUDIO)
            outcomes.append("made")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=creating) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] * 5 + ["refused"] * 7
    assert len(listed(rack, account)) == 5


def test_a_plan_without_the_api_gives_no_keys_and_leaves_the_old_ones(rack: Rack, account: Account):
    create(rack, account, Service.SIGNALKEY, plan=STUDIO)
    with pytest.raises(NotAllowed, match="Free does not include the API"):
        create(rack, account, Service.SIGNALKEY, plan=Plan(Service.SIGNALKEY, "free", "Free", 60, api_access=False))

    assert [key.state for key in listed(rack, account)] == [State.ACTIVE]


def test_a_suspended_account_gets_no_key(rack: Rack, account: Account):
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(suspended_at=clock.now()))

    with pytest.raises(NotAllowed, match="suspended"):
        create(rack, account)


def test_an_account_that_does_not_exist_gets_no_key(rack: Rack):
    with rack.database.write() as connection, pytest.raises(NotFound):
        keys.create(connection, rack.secret, "acc_000000000000", Service.BLACKLAB, "")


def test_keys_are_listed_newest_first_and_by_service(rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch):
    start = clock.now()
    for number, service in enumerate((Service.BLACKLAB, Service.AUDIOLIB, Service.BLACKLAB)):
        monkeypatch.setattr(clock, "now", lambda number=number: start + timedelta(seconds=number))
        create(rack, account, service, str(number))

    assert [key.label for key in listed(rack, account)] == ["2", "1", "0"]
    assert [key.label for key in listed(rack, account, Service.BLACKLAB)] == ["2", "0"]


def test_a_key_is_renamed_and_the_renaming_audited(rack: Rack, account: Account):
    new = create(rack, account, label="old")
    with rack.database.write() as connection:
        keys.rename(connection, account.id, new.id, "new", origin=ME)

    assert listed(rack, account)[0].label == "new"
    assert audited(rack, Entry.KEY_RENAMED)[0].actor == "acc_me"


def test_revoking_is_at_once_once_and_keeps_the_first_reason(rack: Rack, account: Account):
    new = create(rack, account)
    with rack.database.write() as connection:
        assert keys.revoke(connection, account.id, new.id, because=Reason.LEAKED, origin=ME)
        assert not keys.revoke(connection, account.id, new.id)

    key = listed(rack, account)[0]
    assert (key.state, key.revoked_because) == (State.REVOKED, Reason.LEAKED)
    assert [row.details["because"] for row in audited(rack, Entry.KEY_REVOKED)] == [Reason.LEAKED]


@pytest.mark.parametrize("key_id", ["", "key_000000000000", "\0", "key_" + "a" * 100_000, "key_ABCDEFGHIJKL"])
def test_unknown_malformed_and_other_peoples_keys_answer_alike(rack: Rack, account: Account, key_id: str):
    new = create(rack, account)
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        said = set()
        for owner, wanted in ((account.id, key_id), (other.id, new.id)):
            with pytest.raises(NotFound) as got:
                keys.get(connection, owner, wanted)
            with pytest.raises(NotFound) as revoked:
                keys.revoke(connection, owner, wanted)
            with pytest.raises(NotFound) as renamed:
                keys.rename(connection, owner, wanted, "mine")
            said |= {str(refused.value) for refused in (got, revoked, renamed)}

    assert said == {"No such key."}
    assert listed(rack, account)[0].state is State.ACTIVE


def test_a_creation_is_audited_with_its_origin(rack: Rack, account: Account):
    new = create(rack, account, label="mixer", origin=ME)

    (entry,) = audited(rack, Entry.KEY_CREATED)
    assert (entry.account_id, entry.actor, entry.address, entry.request_id) == (
        account.id,
        "acc_me",
        "203.0.113.9",
        "req_1",
    )
    assert entry.details == {"key": new.id, "service": "blacklab", "label": "mixer"}


def test_a_digest_says_nothing_without_the_root_secret(rack: Rack, account: Account):
    new = create(rack, account)
    with rack.database.read() as connection:
        digest = connection.execute(select(api_keys.c.digest)).scalar_one()
        found = keys.by_digest(connection, [keys.digest(rack.secret, new.token), "0" * 64])

    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert [key.id for key in found.values()] == [new.id]


def test_a_keys_signing_secret_is_rotated_and_shown_once(rack: Rack, account: Account):
    new = create(rack, account, Service.SIGNALKEY)
    assert new.signing is not None
    with rack.database.write() as connection:
        rotated = keys.rotate_signing_secret(
            connection, rack.vault, account.id, Service.SIGNALKEY, new.id, overlap=timedelta(hours=1), origin=ME
        )
        signing = secrets.of(connection, rack.vault, account.id, Service.SIGNALKEY, new.id)

    assert [one.secret for one in signing] == [rotated.secret, new.signing.secret]
    assert audited(rack, Entry.SIGNING_SECRET_ROTATED)[0].details == {
        "service": "signalkey",
        "key": new.id,
        "overlap_s": 3600,
    }


def test_an_accounts_signing_secret_is_rotated_where_none_is_paired(rack: Rack, account: Account):
    with rack.database.write() as connection:
        rotated = keys.rotate_signing_secret(connection, rack.vault, account.id, Service.BLACKLAB)

        assert secrets.of(connection, rack.vault, account.id, Service.BLACKLAB) == [rotated]


def test_the_secret_of_a_wrong_key_is_not_rotated(rack: Rack, account: Account):
    new = create(rack, account, Service.SIGNALKEY)
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")

        def rotate(owner: str, service: Service, key_id: str | None) -> None:
            keys.rotate_signing_secret(connection, rack.vault, owner, service, key_id)

        with pytest.raises(Invalid, match="belong to a key"):
            rotate(account.id, Service.SIGNALKEY, None)
        with pytest.raises(Invalid, match="sends no webhooks"):
            rotate(account.id, Service.AUDIOLIB, None)
        with pytest.raises(Invalid, match="belong to the account"):
            rotate(account.id, Service.BLACKLAB, new.id)
        with pytest.raises(NotFound):
            rotate(account.id, Service.SOUNDPIECE, new.id)
        with pytest.raises(NotFound):
            rotate(other.id, Service.SIGNALKEY, new.id)
        keys.revoke(connection, account.id, new.id)
        with pytest.raises(Conflict, match="revoked"):
            rotate(account.id, Service.SIGNALKEY, new.id)
        assert connection.execute(select(func.count()).select_from(signing_secrets)).scalar_one() == 1


def test_two_rows_can_never_hold_the_same_key(rack: Rack, account: Account):
    create(rack, account)
    with rack.database.write() as connection:
        row = connection.execute(select(api_keys)).one()._asdict()
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(api_keys).values(row | {"id": "key_other"}))

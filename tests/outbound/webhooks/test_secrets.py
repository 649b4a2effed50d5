"""Secrets that sign webhooks."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.database.tables import signing_secrets
from soundrack.errors import Internal, Invalid, NotFound
from soundrack.outbound.webhooks import secrets
from soundrack.outbound.webhooks.secrets import Signing
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.vault import Vault


def current(rack: Rack, account: Account) -> list[Signing]:
    with rack.database.read() as connection:
        return secrets.of(connection, rack.vault, account.id, Service.BLACKLAB)


def rotate(rack: Rack, account: Account, **rest: Any) -> Signing:
    with rack.database.write() as connection:
        return secrets.rotate(connection, rack.vault, account.id, Service.BLACKLAB, **rest)


def test_the_first_is_made_when_it_is_needed_and_shown_then_only(rack: Rack, account: Account):
    assert current(rack, account) == []
    with rack.database.write() as connection:
        made, is_new = secrets.ensure(connection, rack.vault, account.id, Service.BLACKLAB)
        again, is_newer = secrets.ensure(connection, rack.vault, account.id, Service.BLACKLAB)

    assert (is_new, is_newer) == (True, False)
    assert again == made
    assert current(rack, account) == [made]


def test_of_many_who_need_the_first_one_makes_it(rack: Rack, account: Account):
    got: list[tuple[Signing, bool]] = []
    together = threading.Barrier(8)

    def ensuring() -> None:
        together.wait()
        with rack.database.write() as connection:
            got.append(secrets.ensure(connection, rack.vault, account.id, Service.BLACKLAB))

    threads = [threading.Thread(target=ensuring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({signing.secret for signing, _ in got}) == 1
    assert sum(is_new for _, is_new in got) == 1
    assert len(current(rack, account)) == 1


def test_nobody_elses_secrets_sign(rack: Rack, account: Account):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        key = keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "")
        for owner, service in ((account, Service.BLACKLAB), (account, Service.MASTERIFY), (other, Service.BLACKLAB)):
            secrets.ensure(connection, rack.vault, owner.id, service)

        of_key = secrets.of(connection, rack.vault, account.id, Service.SIGNALKEY, key.id)
        assert of_key == [key.signing]
        assert secrets.of(connection, rack.vault, account.id, Service.SIGNALKEY) == []
        assert secrets.of(connection, rack.vault, other.id, Service.SIGNALKEY, key.id) == []
        assert len(secrets.of(connection, rack.vault, account.id, Service.BLACKLAB)) == 1


def test_a_sealed_secret_opens_in_its_own_row_alone(rack: Rack, account: Account):
    rotate(rack, account)
    rotate(rack, account)
    with rack.database.write() as connection:
        one, other = connection.execute(select(signing_secrets.c.id, signing_secrets.c.sealed)).all()
        connection.execute(update(signing_secrets).where(signing_secrets.c.id == one.id).values(sealed=other.sealed))

    with pytest.raises(Internal):
        current(rack, account)


@given(
    steps=st.lists(st.tuples(st.integers(0, 48), st.none() | st.integers(0, 48)), max_size=8), then_h=st.integers(0, 80)
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
def test_there_is_one_current_secret_and_the_previous_one_until_its_overlap_ends(
    rack: Rack, steps: list[tuple[int, int | None]], then_h: int
):
    """Whatever is rotated and swept at whatever moments, held against a model of two slots."""
    start = clock.now()
    with mock.patch.object(clock, "now", return_value=start) as now, rack.database.write() as connection:
        owner = people.create(connection, f"{uuid4()}@example.com").id

        def signing() -> list[str]:
            found = secrets.of(connection, rack.vault, owner, Service.BLACKLAB)
            headers = secrets.for_one_header(found)
            assert headers.documented == found[-1]
            assert headers.upcoming == (found[0] if len(found) == 2 else None)
            return [one.secret for one in found]

        newest = secrets.ensure(connection, rack.vault, owner, Service.BLACKLAB)[0].secret
        previous, ends = None, start
        for after_h, overlap_h in steps:
            now.return_value += timedelta(hours=after_h)
            if overlap_h is None:
                secrets.sweep(connection)
            else:
                overlap = timedelta(hours=overlap_h)
                new = secrets.rotate(connection, rack.vault, owner, Service.BLACKLAB, overlap=overlap)
                previous, newest, ends = newest, new.secret, now.return_value + overlap
            expected = [newest, previous] if previous and now.return_value < ends else [newest]
            assert signing() == expected
        now.return_value += timedelta(hours=then_h)
        assert signing() == ([newest, previous] if previous and now.return_value < ends else [newest])
        secrets.sweep(connection)
        kept = connection.execute(select(signing_secrets.c.id).where(signing_secrets.c.account_id == owner)).all()
        assert len(kept) == len(signing())


def test_the_overlap_ends_to_the_moment(rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    old = rotate(rack, account)
    new = rotate(rack, account)

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, microseconds=-1))
    assert [one.id for one in current(rack, account)] == [new.id, old.id]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24))
    assert [one.id for one in current(rack, account)] == [new.id]


def test_without_an_overlap_the_old_secret_is_gone_at_once(rack: Rack, account: Account):
    rotate(rack, account)
    new = rotate(rack, account, overlap=timedelta(0))

    assert current(rack, account) == [new]
    with rack.database.read() as connection:
        assert len(connection.execute(select(signing_secrets)).all()) == 1


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=30, seconds=1)])
def test_an_overlap_that_makes_no_sense_is_refused(rack: Rack, account: Account, overlap: timedelta):
    with pytest.raises(Invalid, match="between 0 and 30 days"):
        rotate(rack, account, overlap=overlap)


def test_parallel_rotations_leave_two_secrets(rack: Rack, account: Account):
    together = threading.Barrier(6)

    def rotating() -> None:
        together.wait()
        rotate(rack, account)

    threads = [threading.Thread(target=rotating) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(current(rack, account)) == 2
    assert [one.retires_at is None for one in current(rack, account)] == [True, False]


def test_sweeping_deletes_what_has_retired_and_nothing_else(
    rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch
):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    rotate(rack, account)
    new = rotate(rack, account)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, microseconds=-1))
    with rack.database.write() as connection:
        assert secrets.sweep(connection) == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24))
    with rack.database.write() as connection:
        assert secrets.sweep(connection) == 1

    assert current(rack, account) == [new]


def test_an_account_that_does_not_exist_has_no_secret(rack: Rack):
    with rack.database.write() as connection:
        for act in (secrets.ensure, secrets.rotate):
            with pytest.raises(NotFound):
                act(connection, rack.vault, "acc_000000000000", Service.BLACKLAB)


def test_texts_that_sign_now_are_told_from_others(rack: Rack, account: Account):
    signing = rotate(rack, account)
    with rack.database.read() as connection:
        assert secrets.among(connection, rack.vault, [signing.secret, "whsec_other"]) == {signing.secret}
        assert secrets.among(connection, rack.vault, []) == set()


def test_a_secret_is_not_shown_when_printed_and_needs_the_same_vault(rack: Rack, account: Account):
    signing = rotate(rack, account)

    assert signing.secret not in repr(signing)
    with rack.database.read() as connection, pytest.raises(Internal):
        secrets.of(connection, Vault(type(rack.secret)(b"another root secret")), account.id, Service.BLACKLAB)

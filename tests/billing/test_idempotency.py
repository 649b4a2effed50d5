"""Idempotency keys: a request is carried out once, whoever sends it how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from soundrack import clock
from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits, idempotency
from soundrack.billing.idempotency import Claim, Request, Response
from soundrack.database import Database
from soundrack.database.tables import credit_entries, idempotency_records
from soundrack.errors import AlreadyRunning, Invalid, KeyReused
from soundrack.rack import Rack
from soundrack.service import Service

LEASE = timedelta(seconds=60)
LIFE = timedelta(hours=24)
START = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
DONE = Response(201, (("content-type", "application/json"), ("x-twice", "1"), ("x-twice", "2")), b'{"id":"\xc3\xa9"}')


@dataclass
class Held:
    """A clock that stands still until it is moved."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    watch = Held()
    monkeypatch.setattr(clock, "now", watch)
    return watch


@pytest.fixture
def asked(account: Account) -> Request:
    return idempotency.request(account.id, "blacklab POST /v1/mastering/jobs", "a key", b"{}")


def claim(rack: Rack, asked: Request, claim_id: str = "first", life: timedelta | None = LIFE) -> Claim | Response:
    with rack.database.write() as connection:
        return idempotency.claim(connection, asked, claim_id, lease=LEASE, life=life)


def claimed(rack: Rack, asked: Request, claim_id: str = "first", life: timedelta | None = LIFE) -> Claim:
    found = claim(rack, asked, claim_id, life)
    assert isinstance(found, Claim)
    return found


def settle(rack: Rack, mine: Claim, response: Response = DONE) -> None:
    with rack.database.write() as connection:
        idempotency.settle(connection, mine, response)


def release(rack: Rack, mine: Claim) -> None:
    with rack.database.write() as connection:
        idempotency.release(connection, mine)


def stored(rack: Rack) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(idempotency_records)).scalar_one()
        return found


def test_a_settled_request_is_answered_byte_for_byte_as_the_first_time(rack: Rack, asked: Request):
    settle(rack, claimed(rack, asked))

    assert claim(rack, asked, "second") == DONE


def test_a_request_that_is_being_carried_out_is_not_carried_out_beside_it(rack: Rack, asked: Request):
    claimed(rack, asked)

    with pytest.raises(AlreadyRunning):
        claim(rack, asked, "second")


@pytest.mark.parametrize("settled", [False, True])
def test_a_key_stands_for_one_content_alone(rack: Rack, account: Account, asked: Request, settled: bool):
    mine = claimed(rack, asked)
    if settled:
        settle(rack, mine)
    other = idempotency.request(account.id, asked.operation, asked.key, b"{ }")

    with pytest.raises(KeyReused) as refused:
        claim(rack, other, "second")

    assert refused.value.field == "Idempotency-Key"


def test_a_key_is_unique_within_its_account_and_operation_alone(rack: Rack, asked: Request):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com").id
    settle(rack, claimed(rack, asked))

    for account_id, operation in ((other, asked.operation), (asked.account_id, "blacklab POST /v1/assets/upload-url")):
        request = idempotency.request(account_id, operation, asked.key, b"{}")
        settle(rack, claimed(rack, request, "theirs"))


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_empty_or_too_long_is_named(key: str):
    with pytest.raises(Invalid) as refused:
        idempotency.request("acc", "operation", key, b"")

    assert refused.value.field == "Idempotency-Key"


def test_a_key_of_255_characters_of_any_script_is_taken(rack: Rack, account: Account):
    long = idempotency.request(account.id, "blacklab POST /" + "x" * 500, "é" * 255, b"{}")
    settle(rack, claimed(rack, long))

    assert claim(rack, long, "second") == DONE


def test_content_and_operation_cannot_be_shifted_into_each_other(account: Account):
    one = idempotency.request(account.id, "a", "k", b"b")
    other = idempotency.request(account.id, "ab", "k", b"")

    assert one.fingerprint != other.fingerprint


def test_after_our_own_failure_the_request_can_be_tried_again(rack: Rack, asked: Request):
    release(rack, claimed(rack, asked))

    settle(rack, claimed(rack, asked, "second"))


def test_a_claim_whose_process_died_is_taken_over_after_its_lease_and_not_before(
    rack: Rack, asked: Request, held: Held
):
    dead = claimed(rack, asked)
    held.moment += LEASE - timedelta(milliseconds=1)
    with pytest.raises(AlreadyRunning):
        claim(rack, asked, "second")
    held.moment += timedelta(milliseconds=1)

    second = claimed(rack, asked, "second")
    settle(rack, second)

    assert claim(rack, asked, "third") == DONE
    with pytest.raises(AlreadyRunning):
        settle(rack, dead, Response(500, (), b"late"))
    release(rack, dead)
    assert claim(rack, asked, "fourth") == DONE


def test_one_that_was_taken_over_rolls_its_work_back(rack: Rack, account: Account, asked: Request, held: Held):
    slow = claimed(rack, asked)
    held.moment += LEASE
    claimed(rack, asked, "second")

    def work() -> None:
        with rack.database.write() as connection:
            credits.charge(connection, account.id, 1, "job_slow", service=Service.BLACKLAB)
            idempotency.settle(connection, slow, DONE)

    with pytest.raises(AlreadyRunning):
        work()

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_a_key_is_remembered_for_a_day_from_the_first_request_and_no_longer(rack: Rack, asked: Request, held: Held):
    settle(rack, claimed(rack, asked))
    held.moment += LIFE - timedelta(milliseconds=1)
    assert claim(rack, asked, "second") == DONE
    held.moment += timedelta(milliseconds=1)

    again = claimed(rack, asked, "third")

    settle(rack, again, Response(201, (), b"anew"))
    assert claim(rack, asked, "fourth") == Response(201, (), b"anew")


def test_a_key_without_a_life_is_remembered_for_ever(rack: Rack, asked: Request, held: Held):
    settle(rack, claimed(rack, asked, life=None))
    held.moment += timedelta(days=3650)
    with rack.database.write() as connection:
        idempotency.sweep(connection)

    assert claim(rack, asked, "second", None) == DONE


def test_the_sweep_takes_what_has_had_its_time_and_nothing_else(rack: Rack, account: Account, held: Held):
    for number in range(3):
        settle(rack, claimed(rack, idempotency.request(account.id, "operation", f"key {number}", b"")))
        held.moment += timedelta(hours=1)
    held.moment = START + LIFE + timedelta(hours=1)

    with rack.database.write() as connection:
        idempotency.sweep(connection)

    assert stored(rack) == 1


def test_of_fifty_at_once_one_does_the_work_and_nobody_does_it_twice(rack: Rack, account: Account, asked: Request):
    outcomes: list[str] = []
    together = threading.Barrier(50)

    def send(number: int) -> None:
        together.wait()
        try:
            found = claim(rack, asked, f"sender {number}")
            if isinstance(found, Response):
                outcomes.append("replay")
                return
            with rack.database.write() as connection:
                credits.charge(connection, account.id, 1, f"job_{number}", service=Service.BLACKLAB)
                idempotency.settle(connection, found, DONE)
            outcomes.append("done")
        except AlreadyRunning:
            outcomes.append("running")

    threads = [threading.Thread(target=send, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 50
    assert outcomes.count("done") == 1
    with rack.database.read() as connection:
        charged = select(func.count()).where(credit_entries.c.kind == "charge")
        assert connection.execute(charged).scalar_one() == 1
    assert claim(rack, asked, "afterwards") == DONE


def test_of_many_that_take_over_at_once_one_does(rack: Rack, asked: Request, held: Held):
    claimed(rack, asked)
    held.moment += LEASE
    outcomes: list[bool] = []
    together = threading.Barrier(16)

    def take_over(number: int) -> None:
        together.wait()
        try:
            claim(rack, asked, f"heir {number}")
            outcomes.append(True)
        except AlreadyRunning:
            outcomes.append(False)

    threads = [threading.Thread(target=take_over, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False] * 15 + [True]


@dataclass
class Known:
    """What the model knows of one key."""

    body: bytes
    claim: str
    claimed_until: datetime
    expires_at: datetime
    response: Response | None = None

    def counts(self, now: datetime) -> bool:
        return now < self.expires_at and (self.response is not None or now < self.claimed_until)


class Keys(RuleBasedStateMachine):
    """Any order of sendings, ends, deaths and hours."""

    database: Database
    held: Held
    senders = 0

    def __init__(self) -> None:
        super().__init__()
        self.held.moment = START
        Keys.senders += 1
        with self.database.write() as connection:
            self.account = people.create(connection, f"sender{Keys.senders}@example.com").id
        self.known: dict[str, Known] = {}
        self.claims: list[Claim] = []
        self.sent = 0

    def asked(self, key: str, body: bytes) -> Request:
        return idempotency.request(self.account, "operation", key, body)

    @rule(key=st.sampled_from("xy"), body=st.sampled_from([b"1", b"2"]))
    def send(self, key: str, body: bytes) -> None:
        self.sent += 1
        now, known = self.held.moment, self.known.get(key)
        with self.database.write() as connection:
            try:
                found: object = idempotency.claim(
                    connection, self.asked(key, body), f"claim {self.sent}", lease=LEASE, life=LIFE
                )
            except (AlreadyRunning, KeyReused) as error:
                found = type(error)
        if known is None or not known.counts(now):
            assert isinstance(found, Claim)
            self.claims.append(found)
            self.known[key] = Known(body, found.id, now + LEASE, now + LIFE)
        elif known.body != body:
            assert found is KeyReused
        elif known.response is None:
            assert found is AlreadyRunning
        else:
            assert found == known.response

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), status=st.sampled_from([201, 404]))
    def settle(self, data: st.DataObject, status: int) -> None:
        mine = data.draw(st.sampled_from(self.claims))
        known = self.known.get(mine.request.key)
        response = Response(status, (), mine.id.encode())
        current = known is not None and known.claim == mine.id and known.response is None
        with self.database.write() as connection:
            if current:
                idempotency.settle(connection, mine, response)
            else:
                with pytest.raises(AlreadyRunning):
                    idempotency.settle(connection, mine, response)
        if known is not None and current:
            known.response = response

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        mine = data.draw(st.sampled_from(self.claims))
        known = self.known.get(mine.request.key)
        with self.database.write() as connection:
            idempotency.release(connection, mine)
        if known is not None and known.claim == mine.id and known.response is None:
            del self.known[mine.request.key]

    @rule(by=st.sampled_from([LEASE / 2, LEASE, timedelta(hours=12), LIFE]))
    def wait(self, by: timedelta) -> None:
        self.held.moment += by

    @rule()
    def sweep(self) -> None:
        with self.database.write() as connection:
            idempotency.sweep(connection)
        self.known = {key: known for key, known in self.known.items() if self.held.moment < known.expires_at}

    @invariant()
    def each_key_is_stored_once_and_none_is_made_up(self) -> None:
        with self.database.read() as connection:
            keys = connection.execute(
                select(idempotency_records.c.key).where(idempotency_records.c.account_id == self.account)
            ).scalars()
            assert sorted(keys) == sorted(self.known)


def test_any_order_of_sendings_ends_deaths_and_hours_keeps_the_rules(rack: Rack, held: Held):
    machine = type("KeysOn", (Keys,), {"database": rack.database, "held": held})

    run_state_machine_as_test(
        machine, settings=hypothesis_settings(max_examples=25, stateful_step_count=20, deadline=None, database=None)
    )

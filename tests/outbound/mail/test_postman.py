"""Mail, claimed by several postmen, some of whom die."""

from __future__ import annotations

import threading
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Row, select

from soundrack.database.tables import mails
from soundrack.outbound.mail import postman
from soundrack.outbound.mail.carriers import NotSent
from soundrack.outbound.mail.outbox import Mail
from soundrack.outbound.mail.postman import Postman
from soundrack.rack import Rack
from tests.outbound.mail.conftest import put
from tests.standing_clock import StandingClock


def row(rack: Rack) -> Row[Any]:
    with rack.database.read() as connection:
        return connection.execute(select(mails)).one()


class Bag:
    """A carrier that keeps what it is given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.messages: list[EmailMessage] = []
        self.error = error
        self._lock = threading.Lock()

    def carry(self, message: EmailMessage) -> None:
        with self._lock:
            self.messages.append(message)
        if self.error is not None:
            raise self.error


def test_of_several_postmen_one_sends_each_mail(rack: Rack):
    for number in range(20):
        put(rack, Mail(f"anna{number}@example.com", "Hello", "x"))
    bag, sent = Bag(), []

    def work() -> None:
        sent.append(Postman(rack.settings, rack.database, bag).round())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(sent) == 20
    assert len({message["To"] for message in bag.messages}) == len(bag.messages) == 20


def test_what_a_postman_held_when_he_died_goes_out_once_his_claim_has_run_out(
    rack: Rack, standing_clock: StandingClock
):
    put(rack)
    dying, bag = Bag(KeyboardInterrupt()), Bag()  # type: ignore[arg-type]  # what no except clause of his catches
    with pytest.raises(KeyboardInterrupt):
        Postman(rack.settings, rack.database, dying).round()
    another = Postman(rack.settings, rack.database, bag)

    assert another.round() == 0
    standing_clock.moment += postman.LEASE
    assert another.round() == 1

    assert [message["Message-ID"] for message in bag.messages] == [message["Message-ID"] for message in dying.messages]


def test_a_mail_that_kills_every_postman_is_given_up(rack: Rack, standing_clock: StandingClock):
    put(rack)
    dying = Bag(KeyboardInterrupt())  # type: ignore[arg-type]
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            Postman(rack.settings, rack.database, dying).round()
        standing_clock.moment += postman.LEASE

    assert Postman(rack.settings, rack.database, dying).round() == 0

    assert (row(rack).due_at, row(rack).text, row(rack).error) == (None, "", "broken off each time")


def test_a_postman_who_was_too_slow_has_no_say_any_more(rack: Rack, standing_clock: StandingClock):
    put(rack)

    class Slow:
        def carry(self, _message: EmailMessage) -> None:
            standing_clock.moment += postman.LEASE
            assert Postman(rack.settings, rack.database, Bag()).round() == 1
            raise NotSent("too slow")

    Postman(rack.settings, rack.database, Slow()).round()

    assert row(rack).sent_at is not None
    assert row(rack).error == ""


def test_what_was_sent_long_ago_is_cleared_away(rack: Rack, standing_clock: StandingClock):
    put(rack)
    Postman(rack.settings, rack.database, Bag()).round()
    standing_clock.moment += postman.RETENTION
    standing_clock.go_on(seconds=1)
    put(rack, Mail("ben@example.com", "Hello", "x"))

    Postman(rack.settings, rack.database, Bag()).round()

    assert row(rack).recipient == "ben@example.com"

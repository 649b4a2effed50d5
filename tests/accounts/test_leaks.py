"""Leaked keys: what is reported and what their owner is told."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from soundrack import ids
from soundrack.accounts import formats, keys, leaks, people
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.keys import NewKey, Reason, State
from soundrack.accounts.leaks import Match, Report
from soundrack.accounts.people import Account
from soundrack.database.tables import audit_entries, leak_reports, mails
from soundrack.errors import NotFound
from soundrack.rack import Rack
from soundrack.service import Service
from tests.accounts.oauth.provider import Provider

URL = "https://code.example/octo/hello/blob/main/foo.txt"
FINDER = Origin("leak alert", "203.0.113.9", "req_1")


@pytest.fixture
def key(rack: Rack, account: Account) -> NewKey:
    return made(rack, account)


def made(rack: Rack, account: Account, service: Service = Service.SOUNDPIECE, label: str = "mixer") -> NewKey:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, service, label)


def report(rack: Rack, *matches: Match, revoke: bool = False) -> list[bool]:
    with rack.database.write() as connection:
        return leaks.report(
            connection, rack.secret, matches, origin=FINDER, revoke=revoke, public_url="https://rack.example"
        )


def unseen(rack: Rack, account: Account) -> list[Report]:
    with rack.database.read() as connection:
        return leaks.unseen(connection, account.id)


def sent(rack: Rack) -> list[Any]:
    with rack.database.read() as connection:
        return list(connection.execute(select(mails)))


def state(rack: Rack, account: Account, key: NewKey) -> State:
    with rack.database.read() as connection:
        return keys.get(connection, account.id, key.id).state


def test_a_found_key_is_written_down_audited_and_told_to_its_owner(rack: Rack, account: Account, key: NewKey):
    assert report(rack, Match(key.token, "soundrack_soundpiece_key", URL, "content")) == [True]

    (told,) = unseen(rack, account)
    assert (told.key_id, told.label, told.service, told.url, told.source) == (
        key.id,
        "mixer",
        Service.SOUNDPIECE,
        URL,
        "content",
    )
    assert not told.is_revoked
    (mail,) = sent(rack)
    assert mail.recipient == "someone@example.com"
    for said in ("mixer", told.shown_prefix, URL, "still works", "https://rack.example"):
        assert said in mail.text
    with rack.database.read() as connection:
        entry = connection.execute(select(audit_entries).where(audit_entries.c.event == Entry.KEY_LEAKED)).one()
    assert (entry.account_id, entry.actor, entry.details["key"]) == (account.id, "leak alert", key.id)
    assert state(rack, account, key) is State.ACTIVE


def test_neither_mail_nor_audit_nor_report_holds_the_key(rack: Rack, account: Account, key: NewKey):
    report(rack, Match(key.token, "t", URL))
    with rack.database.read() as connection:
        kept = repr([connection.execute(select(table)).all() for table in (mails, audit_entries, leak_reports)])

    assert key.token[9:] not in kept
    assert key.token not in repr(Match(key.token))


def test_it_is_revoked_at_once_if_the_operator_wishes(rack: Rack, account: Account, key: NewKey):
    report(rack, Match(key.token, "t", URL), revoke=True)

    assert state(rack, account, key) is State.REVOKED
    assert unseen(rack, account)[0].is_revoked
    assert "has been revoked" in sent(rack)[0].text


def test_the_same_alert_again_changes_nothing(rack: Rack, account: Account, key: NewKey):
    for _ in range(3):
        assert report(rack, Match(key.token, "t", URL), Match(key.token, "t", URL)) == [True, True]

    assert len(unseen(rack, account)) == len(sent(rack)) == 1


def test_the_same_alert_twice_at_once_is_told_once(rack: Rack, account: Account, key: NewKey):
    other = made(rack, account, Service.AUDIOLIB)
    matches = [Match(key.token, "t", URL), Match(other.token, "t", URL)]
    threads = [
        threading.Thread(target=report, args=(rack, *order)) for order in (matches, matches[::-1]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(unseen(rack, account)) == len(sent(rack)) == 2


def test_a_new_place_is_told_again_even_after_a_dismissal(rack: Rack, account: Account, key: NewKey):
    report(rack, Match(key.token, "t", URL))
    with rack.database.write() as connection:
        leaks.dismiss(connection, account.id, leaks.unseen(connection, account.id)[0].id)
    assert unseen(rack, account) == []

    report(rack, Match(key.token, "t", URL))
    assert unseen(rack, account) == []
    report(rack, Match(key.token, "t", URL + "2"))
    assert [told.url for told in unseen(rack, account)] == [URL + "2"]
    assert len(sent(rack)) == 2


def test_many_places_are_one_mail_and_a_bounded_number_of_reports(rack: Rack, account: Account, key: NewKey):
    report(rack, *(Match(key.token, "t", f"{URL}?{number}") for number in range(1000)))
    report(rack, Match(key.token, "t", f"{URL}?more"))

    assert len(unseen(rack, account)) == leaks.MOST_PLACES
    (mail,) = sent(rack)
    assert "and 90 more" in mail.text
    assert mail.text.count(URL) == 10


def test_a_key_that_opens_nothing_any_more_is_recognised_and_left_alone(rack: Rack, account: Account, key: NewKey):
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, key.id)

    assert report(rack, Match(key.token, "t", URL), revoke=True) == [True]
    assert (unseen(rack, account), sent(rack)) == ([], [])
    with rack.database.read() as connection:
        assert keys.get(connection, account.id, key.id).revoked_because == Reason.OWNER


@pytest.mark.parametrize(
    "text",
    ["", "\0", "\ud800", "é" * 100, "spk_", "spk_" + "a" * 32, "x" * 1_000_000],
    ids=["empty", "zero", "surrogate", "accents", "prefix", "checksum", "huge"],
)
def test_a_text_that_is_no_key_is_a_false_positive(rack: Rack, account: Account, key: NewKey, text: str):
    made_elsewhere = formats.mint(Service.SOUNDPIECE)

    matches = [Match(text, "t", URL), Match(made_elsewhere, "t", URL), Match(key.token, "t", URL)]
    assert report(rack, *matches) == [False, False, True]
    assert len(sent(rack)) == 1


def test_a_key_is_found_whatever_its_service(rack: Rack, account: Account):
    every = [made(rack, account, service, service) for service in Service]

    assert all(report(rack, *(Match(one.token, "t", URL) for one in every)))
    assert sorted(told.label for told in unseen(rack, account)) == sorted(Service)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("javascript:alert(1)", ""),
        ("", ""),
        ("https://a.example/\r\nBcc: x", "https://a.example/Bcc:x"),
        ("https://a.example/\0\u202e", "https://a.example/"),
        ("https://a.example/" + "x" * 10_000, "https://a.example/" + "x" * 1982),
    ],
    ids=["script", "none", "lines", "controls", "long"],
)
def test_a_place_is_a_url_of_the_web_or_nothing(rack: Rack, account: Account, key: NewKey, url: str, kept: str):
    report(rack, Match(key.token, "t", url, "a source\0" * 20))

    (told,) = unseen(rack, account)
    assert told.url == kept
    assert "\0" not in told.source
    assert "\r" not in sent(rack)[0].text


def test_a_report_is_over_when_the_owner_revokes_the_key(rack: Rack, account: Account, key: NewKey):
    report(rack, Match(key.token, "t", URL))
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, key.id)

    assert unseen(rack, account) == []


def test_nobody_sees_or_dismisses_other_peoples_reports(rack: Rack, account: Account, key: NewKey):
    report(rack, Match(key.token, "t", URL))
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        assert leaks.unseen(connection, other.id) == []
        report_id = leaks.unseen(connection, account.id)[0].id
        for owner, wanted in ((other.id, report_id), (account.id, "leak_000000000000"), (account.id, "\0")):
            with pytest.raises(NotFound):
                leaks.dismiss(connection, owner, wanted)

    assert len(unseen(rack, account)) == 1


def test_the_states_of_keys_and_signing_secrets_are_told(rack: Rack, account: Account):
    live, gone = made(rack, account, Service.SIGNALKEY), made(rack, account)
    assert live.signing is not None
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, gone.id)
        told = leaks.states(
            connection,
            rack.secret,
            {live.token, gone.token, live.signing.secret, ids.signing_secret(), formats.mint(Service.AUDIOLIB)},
        )

    assert told == {live.token: State.ACTIVE, gone.token: State.REVOKED, live.signing.secret: State.ACTIVE}


def test_the_states_of_what_oauth_gives_out_are_told(rack: Rack, account: Account):
    provider = Provider(rack, account)
    client = provider.register()
    answer = provider.exchange(client, provider.code(client)).body
    assert client.client_secret is not None

    def told() -> list[State | None]:
        texts = [client.client_secret, answer["access_token"], answer["refresh_token"], formats.OAUTH[0].mint()]
        with rack.database.read() as connection:
            states = leaks.states(connection, rack.secret, texts)
        return [states.get(text) for text in texts]

    assert told() == [State.ACTIVE, State.ACTIVE, State.ACTIVE, None]
    provider.revoke(client, token=answer["refresh_token"])
    assert told()[2] is not State.ACTIVE

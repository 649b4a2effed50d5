"""Mail, sent by a real server on loopback."""

from __future__ import annotations

import email
import socket
import ssl
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from soundrack.database.tables import mails
from soundrack.outbound.mail.outbox import Mail
from soundrack.outbound.mail.postman import Postman
from soundrack.rack import Rack
from tests.outbound.mail.conftest import MAIL, PASSWORD, USER, Inbox, Serve, put, to
from tests.standing_clock import StandingClock

pytestmark = pytest.mark.one_database


def row(rack: Rack) -> Row[Any]:
    with rack.database.read() as connection:
        return connection.execute(select(mails)).one()


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


# By a mail server


def test_a_mail_is_handed_to_the_server_whole(rack: Rack, serve: Serve, inbox: Inbox):
    put(rack)

    assert Postman(to(rack.settings, serve()), rack.database).round() == 1

    message = read(inbox.letters[0])
    assert (message["From"], message["To"]) == ("Soundrack <soundrack@localhost>", MAIL.recipient)
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == f"<{row(rack).id}@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    assert b"https://audio.example/reset/choose?ticket=abcdefgh" in inbox.letters[0]
    assert inbox.recipients == [MAIL.recipient]


def test_a_mail_is_sent_once_and_its_text_is_not_kept(rack: Rack, serve: Serve, inbox: Inbox):
    put(rack)
    settings = to(rack.settings, serve())

    assert Postman(settings, rack.database).round() == 1
    assert Postman(settings, rack.database).round() == 0

    assert len(inbox.letters) == 1
    kept = row(rack)
    assert kept.sent_at is not None
    assert (kept.text, kept.error, kept.due_at, kept.claimed_by) == ("", "", None, None)


def test_words_beyond_ascii_and_long_links_arrive(rack: Rack, serve: Serve, inbox: Inbox):
    mail = Mail("anna@example.com", "Ü" * 150, f"Grüße — {'ä' * 2000}\n\nhttps://audio.example/{'x' * 300}\n")
    put(rack, mail)

    Postman(to(rack.settings, serve()), rack.database).round()

    message = read(inbox.letters[0])
    assert message["Subject"] == mail.subject
    assert message.get_content().replace("\r\n", "\n") == mail.text


def test_starttls_and_login(rack: Rack, serve: Serve, inbox: Inbox, tls: ssl.SSLContext, trusted: None):
    put(rack)
    port = serve(tls_context=tls, require_starttls=True, authenticator=inbox.authenticate, auth_required=True)
    settings = to(rack.settings, port, smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD)

    assert Postman(settings, rack.database).round() == 1

    assert inbox.encrypted == [True]
    assert inbox.logins


def test_tls_from_the_first_byte(rack: Rack, serve: Serve, inbox: Inbox, tls: ssl.SSLContext, trusted: None):
    put(rack)

    settings = to(rack.settings, serve(ssl_context=tls), smtp_security="tls")

    assert Postman(settings, rack.database).round() == 1
    assert len(inbox.letters) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_whose_certificate_nobody_vouches_for_is_given_nothing(
    rack: Rack, serve: Serve, inbox: Inbox, tls: ssl.SSLContext, security: str
):
    put(rack)
    port = serve(tls_context=tls) if security == "starttls" else serve(ssl_context=tls)
    settings = to(rack.settings, port, smtp_security=security, smtp_user=USER, smtp_password=PASSWORD)

    assert Postman(settings, rack.database).round() == 0

    assert (inbox.letters, inbox.logins) == ([], [])
    assert "CERTIFICATE_VERIFY_FAILED" in row(rack).error


def test_a_server_that_does_not_offer_starttls_is_given_nothing(rack: Rack, serve: Serve, inbox: Inbox):
    put(rack)
    settings = to(rack.settings, serve(), smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD)

    assert Postman(settings, rack.database).round() == 0

    assert (inbox.letters, inbox.logins) == ([], [])


def test_a_wrong_password_is_tried_again_later_and_not_told(
    rack: Rack, serve: Serve, inbox: Inbox, tls: ssl.SSLContext, trusted: None, log: list[Any]
):
    put(rack)
    port = serve(tls_context=tls, authenticator=inbox.authenticate, auth_required=True)
    secret = "a wrong secret"
    settings = to(rack.settings, port, smtp_security="starttls", smtp_user=USER, smtp_password=secret)

    assert Postman(settings, rack.database).round() == 0

    kept = row(rack)
    assert kept.error == "the mail server did not take name and password (535)"
    assert kept.due_at is not None
    assert secret not in f"{kept.error} {log}"


def test_a_password_is_not_sent_in_the_clear_beyond_this_machine(rack: Rack):
    put(rack)
    settings = to(rack.settings, 25, smtp_host="mail.example", smtp_user=USER, smtp_password=PASSWORD)

    # the connection itself would be refused by the guard of these tests
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("smtplib.SMTP.connect", lambda *_: (220, b"hello"))
        patched.setattr("smtplib.SMTP.login", lambda *_: pytest.fail("a password was sent"))
        assert Postman(settings, rack.database).round() == 0

    assert row(rack).error == "a password is not sent to a mail server without encryption"


@pytest.mark.parametrize(
    ("answer", "for_good"), [("550 no such user", True), ("554 5.7.1 refused", True), ("450 try again later", False)]
)
def test_a_refused_recipient_is_final_only_if_the_server_says_so(
    rack: Rack, serve: Serve, inbox: Inbox, answer: str, for_good: bool
):
    inbox.answer_recipient = answer
    put(rack)

    assert Postman(to(rack.settings, serve()), rack.database).round() == 0

    kept = row(rack)
    assert kept.error == f"recipient refused: {answer}"
    assert (kept.due_at is None) == for_good
    assert (kept.text == "") == for_good


@pytest.mark.parametrize(("answer", "for_good"), [("552 too large", True), ("451 broken", False)])
def test_a_refused_message_is_final_only_if_the_server_says_so(
    rack: Rack, serve: Serve, inbox: Inbox, answer: str, for_good: bool
):
    inbox.answer_data = answer
    put(rack)

    assert Postman(to(rack.settings, serve()), rack.database).round() == 0

    assert (row(rack).due_at is None) == for_good


def test_a_connection_that_drops_after_the_message_has_it_sent_again_with_the_same_id(
    rack: Rack, serve: Serve, inbox: Inbox, standing_clock: StandingClock
):
    inbox.drop_before_answer = True
    put(rack)
    settings = to(rack.settings, serve())
    assert Postman(settings, rack.database).round() == 0
    inbox.drop_before_answer = False
    standing_clock.go_on(minutes=2)

    assert Postman(settings, rack.database).round() == 1

    first, second = (read(content)["Message-ID"] for content in inbox.letters)
    assert first == second


def test_a_server_that_is_not_there_is_tried_five_times_over_some_hours(
    rack: Rack, standing_clock: StandingClock, log: list[Any]
):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = to(rack.settings, nobody.getsockname()[1])
    put(rack)
    postman, waited_h = Postman(settings, rack.database), []
    begun = standing_clock.moment

    for _ in range(5):
        assert postman.round() == 0
        assert postman.round() == 0  # not due yet
        waited_h.append((standing_clock.moment - begun).total_seconds() / 3600)
        due_at = row(rack).due_at
        if due_at is not None:
            standing_clock.moment = due_at

    kept = row(rack)
    assert (kept.attempts, kept.due_at, kept.text) == (5, None, "")
    assert kept.error == "no connection to the mail server: ConnectionRefusedError"
    assert 3 < waited_h[-1] < 6
    assert [entry["event"] for entry in log] == ["mail not sent"] * 4 + ["mail given up"]
    standing_clock.go_on(days=2)
    assert postman.round() == 0


def test_one_mail_that_cannot_be_sent_does_not_hold_others_up(rack: Rack, serve: Serve, inbox: Inbox):
    put(rack, Mail("no address at all", "x", "x"))
    put(rack)

    assert Postman(to(rack.settings, serve()), rack.database).round() == 1

    assert inbox.recipients == [MAIL.recipient]


@pytest.mark.parametrize(
    "mail",
    [
        Mail("anna@example.com", "Hello\r\nBcc: all@example.com", "x"),
        Mail("anna@example.com", "Hello\nX: y", "x"),
        Mail("anna@example.com\r\nBcc: all@example.com", "Hello", "x"),
        Mail("anna@example.com, all@example.com", "Hello", "x"),
        Mail("anna@example.com>\r\nRCPT TO:<all@example.com", "Hello", "x"),
        Mail("", "Hello", "x"),
    ],
)
def test_nobody_smuggles_a_header_or_a_recipient_in(rack: Rack, serve: Serve, inbox: Inbox, mail: Mail):
    put(rack, mail)

    assert Postman(to(rack.settings, serve()), rack.database).round() == 0

    assert inbox.letters == []
    assert row(rack).due_at is None
    assert row(rack).error == "The mail has an address or a subject that cannot be one."


def test_a_text_cannot_end_the_message(rack: Rack, serve: Serve, inbox: Inbox):
    put(rack, Mail("anna@example.com", "Hello", "a\r\n.\r\nMAIL FROM:<x@example.com>\n.\nz\n"))

    Postman(to(rack.settings, serve()), rack.database).round()

    assert len(inbox.letters) == 1
    assert read(inbox.letters[0]).get_content().replace("\r\n", "\n") == "a\n.\nMAIL FROM:<x@example.com>\n.\nz\n"


# Without a mail server


def test_without_a_server_mail_goes_to_a_folder_that_is_ours_alone_and_the_log_says_so(rack: Rack, log: list[Any]):
    put(rack)

    assert Postman(rack.settings, rack.database).round() == 1

    (path,) = rack.settings.mail.iterdir()
    assert path.name == f"{row(rack).id}.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert rack.settings.mail.stat().st_mode & 0o777 == 0o700
    message = read(path.read_bytes())
    assert (message["To"], message["Subject"]) == (MAIL.recipient, MAIL.subject)
    assert "ticket=abcdefgh" in message.get_content()
    (entry,) = log
    assert entry["log_level"] == "warning"
    assert entry["folder"] == str(rack.settings.mail)
    assert MAIL.recipient not in str(log)
    assert "abcdefgh" not in str(log)


def test_a_mail_that_is_written_again_is_one_file(rack: Rack):
    put(rack)
    Postman(rack.settings, rack.database).round()
    with rack.database.write() as connection:
        connection.execute(update(mails).values(sent_at=None, due_at=mails.c.created_at, text=MAIL.text))

    assert Postman(rack.settings, rack.database).round() == 1

    assert len(list(rack.settings.mail.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_tried_again(rack: Rack, tmp_path: Path):
    rack.settings.mail.write_text("a file where the folder should be")
    put(rack)

    assert Postman(rack.settings, rack.database).round() == 0

    assert row(rack).error.startswith("the mail folder cannot be written")
    assert row(rack).due_at is not None

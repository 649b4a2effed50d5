"""Endpoints that an account registers."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from soundrack.accounts import people, webhooks
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.database.tables import audit_entries, webhook_deliveries
from soundrack.errors import Conflict, ForbiddenAddress, Invalid, NotFound
from soundrack.outbound.webhooks import deliveries, endpoints
from soundrack.outbound.webhooks.endpoints import Endpoint
from soundrack.service import Service
from tests.outbound.webhooks.conftest import NAMES, Post

URL = "https://hooks.example/in?token=1"


def test_an_endpoint_is_kept_as_it_was_given(post: Post):
    made = post.endpoint(URL, events=["job.done", "job.done"], label="studio")

    with post.rack.database.read() as connection:
        assert endpoints.listed(connection, post.account.id) == [made]
        assert endpoints.listed(connection, post.account.id, Service.MASTERIFY) == []
    assert (made.url, made.events, made.label) == (URL, ("job.done",), "studio")
    assert (made.wants("job.done"), made.wants("job.failed")) == (True, False)
    assert made.origin == "https://hooks.example:443"


def test_no_events_mean_all(post: Post):
    assert post.endpoint(URL).wants("anything")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://hooks.example/" + "x" * 2048, Invalid),
        ("ftp://hooks.example/", Invalid),
        ("https://user:password@hooks.example/", Invalid),
        ("http://169.254.169.254/", ForbiddenAddress),
        ("http://192.168.0.1/", ForbiddenAddress),
        ("https://hooks.example:22/", ForbiddenAddress),
    ],
)
def test_a_url_that_will_not_do_is_refused(post: Post, url: str, error: type[Exception]):
    with pytest.raises(error) as caught:
        post.endpoint(url)

    assert "password" not in str(caught.value)


@pytest.mark.parametrize("given", [{"events": ["job.done", "job.lost"]}, {"label": "x" * 201}, {"label": "a\nb"}])
def test_unknown_events_and_long_or_broken_labels_are_refused(post: Post, given: dict[str, Any]):
    with pytest.raises(Invalid):
        post.endpoint(URL, **given)


def test_the_plan_limits_the_number_also_when_many_ask_at_once(post: Post):
    refused: list[Exception] = []

    def add(number: int) -> None:
        try:
            post.endpoint(f"https://hooks.example/{number}", most=3)
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with post.rack.database.read() as connection:
        assert len(endpoints.listed(connection, post.account.id)) == 3
    assert len(refused) == 5
    assert "3 webhooks" in str(refused[0])


def test_a_url_can_be_registered_once(post: Post):
    post.endpoint(URL)

    with pytest.raises(Conflict):
        post.endpoint(URL)


def test_another_account_s_endpoint_looks_like_none(post: Post):
    made = post.endpoint(URL)
    with post.rack.database.write() as connection:
        other = people.create(connection, "other@example.com").id
        for act in (
            lambda: endpoints.get(connection, made.id, account_id=other),
            lambda: endpoints.remove(connection, made.id, account_id=other),
            lambda: endpoints.enable(connection, made.id, account_id=other),
            lambda: endpoints.change(
                connection, post.rack.outbound, made.id, account_id=other, documented=[], label="x"
            ),
            lambda: deliveries.send_test(connection, post.voice, made.id, account_id=other),
        ):
            with pytest.raises(NotFound):
                act()


def change(post: Post, made: Endpoint, **given: Any) -> Endpoint:
    with post.rack.database.write() as connection:
        return endpoints.change(
            connection,
            post.rack.outbound,
            made.id,
            account_id=post.account.id,
            documented=list(NAMES.values()),
            **given,
        )


def test_what_is_changed_changes_and_the_rest_stays(post: Post):
    made = post.endpoint(URL, label="studio")

    assert change(post, made, events=["job.failed"]).events == ("job.failed",)
    assert change(post, made, label="").label == ""
    assert change(post, made).events == ("job.failed",)
    with pytest.raises(ForbiddenAddress):
        change(post, made, url="http://10.0.0.1/")


def test_what_waits_goes_to_the_new_url(post: Post):
    made = post.endpoint(URL)
    with post.rack.database.write() as connection:
        sent = deliveries.send_test(connection, post.voice, made.id, account_id=post.account.id)

    change(post, made, url="https://other.example/")

    (row,) = post.deliveries()
    assert (row.id, row.url, row.receiver) == (sent.id, "https://other.example/", "https://other.example:443")


def test_switching_off_ends_what_waits_and_switching_on_forgets_the_failures(post: Post):
    made = post.endpoint(URL)
    with post.rack.database.write() as connection:
        deliveries.send_test(connection, post.voice, made.id, account_id=post.account.id)
        off = endpoints.disable(connection, made.id, endpoints.GONE)
        assert endpoints.disable(connection, made.id, endpoints.GONE) is None
    assert off is not None
    assert off.disabled_because == endpoints.GONE
    assert [row.status for row in post.deliveries()] == ["failed"]
    with post.rack.database.write() as connection:
        connection.execute(update(webhook_deliveries).values(is_test=False))
        with pytest.raises(Conflict, match="switched off"):
            deliveries.resend(connection, post.deliveries()[0].id, account_id=post.account.id)
        on = endpoints.enable(connection, made.id, account_id=post.account.id)
        deliveries.resend(connection, post.deliveries()[0].id, account_id=post.account.id)
    assert (on.disabled_at, on.failing_since) == (None, None)


def test_each_change_is_entered_in_the_audit_log_without_the_url_s_path(post: Post):
    with post.rack.database.write() as connection:
        made = webhooks.add(
            connection,
            post.rack.outbound,
            COMMAND_LINE,
            post.account.id,
            Service.BLACKLAB,
            URL,
            documented=["job.done"],
        )
        webhooks.change(
            connection, post.rack.outbound, COMMAND_LINE, post.account.id, made.id, documented=["job.done"], label="x"
        )
        webhooks.enable(connection, COMMAND_LINE, post.account.id, made.id)
        webhooks.remove(connection, COMMAND_LINE, post.account.id, made.id)
        entries = connection.execute(select(audit_entries).where(audit_entries.c.actor == "command line")).all()

    assert [one.event.split(".")[1] for one in entries] == ["added", "changed", "enabled", "removed"]
    assert "token" not in str(entries)

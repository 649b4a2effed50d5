"""The file of plans."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from soundrack.billing.plans import Plan, Plans
from soundrack.errors import Invalid, NotConfigured
from soundrack.service import Service
from soundrack.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "plans.md").read_text()
DOCUMENTED = Plans.documented()
EVERY_PLAN = [plan for service in Service for plan in DOCUMENTED.of_service(service)]
MINIMAL = "\n".join(f'[{service}.only]\ntitle = "Only"\nrequests_per_minute = 1\n' for service in Service)

titles = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60).filter(
    lambda title: title == title.strip() and title.isprintable()
)
whole = st.none() | st.integers(0, 2**31 - 1)
positive = st.none() | st.integers(1, 2**31 - 1)


def a_plan(service: Service) -> st.SearchStrategy[Plan]:
    return st.builds(
        Plan,
        st.just(service),
        st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True),
        titles,
        requests_per_minute=st.integers(1, 2**31 - 1),
        burst=positive,
        requests_per_month=whole,
        jobs_at_once=positive,
        keys=whole,
        webhooks=whole,
        file_bytes=positive,
        file_seconds=positive,
        api_access=st.booleans(),
        allow_list=st.booleans(),
        credits_per_month=st.integers(0, 2**31 - 1),
    )


every_file = st.fixed_dictionaries(
    {
        service: st.lists(a_plan(service), min_size=1, max_size=4, unique_by=lambda plan: plan.name).map(
            lambda plans: {plan.name: plan for plan in plans}
        )
        for service in Service
    }
)


@given(every_file)
@hypothesis_settings(max_examples=100, deadline=None)
def test_any_plans_are_read_back_from_the_file_that_they_write(plans: dict[Service, dict[str, Plan]]):
    written = Plans(plans)

    read = Plans.parse(written.to_toml(), "copy.toml")

    assert read == written
    for service in Service:
        assert read.of_service(service) == tuple(plans[service].values())  # in the order of rank
        assert (read.default(service), read.highest(service)) == (
            read.of_service(service)[0],
            read.of_service(service)[-1],
        )


def test_a_file_without_the_optional_fields_limits_nothing():
    plan = Plans.parse(MINIMAL, "plans.toml").default(Service.SOUNDPIECE)

    assert plan == Plan(Service.SOUNDPIECE, "only", "Only", 1)


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        ("[blacklab.only", "mine.toml is not TOML: "),
        (MINIMAL + "[blacklab.only]\n", "mine.toml is not TOML: "),
        (
            MINIMAL.replace("masterify", "masterfy"),
            "mine.toml: there is no service 'masterfy'; there is: blacklab, masterify, signalkey, audiolib, soundpiece",
        ),
        (
            MINIMAL[: MINIMAL.index("[soundpiece")],
            "mine.toml: soundpiece has no plan; each service needs at least one, such as [soundpiece.standard].",
        ),
        ("signalkey = 5\n" + MINIMAL.replace("signalkey.", "blacklab.two_"), "mine.toml: signalkey has no plan; "),
        (
            MINIMAL[: MINIMAL.index("[soundpiece")] + "[soundpiece]\n",
            "mine.toml: soundpiece has no plan; each service needs at least one, such as [soundpiece.standard].",
        ),
        (
            MINIMAL[: MINIMAL.index("[soundpiece")] + "[soundpiece]\nfree = 1\n",
            "mine.toml: [soundpiece.free] is not a table of fields.",
        ),
        (
            MINIMAL + '[blacklab.Pro]\ntitle = "Pro"\nrequests_per_minute = 1\n',
            "mine.toml: [blacklab.Pro]: a plan's name is 1 to 40 of a-z, 0-9 and _, beginning with a letter.",
        ),
        (
            MINIMAL + "request_per_minute = 5\n",
            "mine.toml: [soundpiece.only] has an unknown field 'request_per_minute'",
        ),
        (
            MINIMAL + '[blacklab.pro]\ntitle = "Pro"\n',
            "mine.toml: [blacklab.pro] lacks the field 'requests_per_minute'.",
        ),
        (MINIMAL + "[blacklab.pro]\nrequests_per_minute = 1\n", "mine.toml: [blacklab.pro] lacks the field 'title'."),
        (MINIMAL + "api_access = 1\n", "mine.toml: [soundpiece.only]: api_access must be true or false."),
        (MINIMAL + 'keys = "unlimited"\n', "mine.toml: [soundpiece.only]: keys must be a whole number from 0 to "),
        (
            MINIMAL + "credits_per_month = -1\n",
            "mine.toml: [soundpiece.only]: credits_per_month must be a whole number from 0 to 2147483647.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_name_plan_and_field(tmp_path: Path, spoilt: str, sentence: str):
    path = tmp_path / "mine.toml"
    path.write_text(spoilt)

    with pytest.raises(NotConfigured) as refused:
        Plans.load(Settings(data=tmp_path, plans=path))

    assert str(refused.value).removeprefix(f"{tmp_path}/").startswith(sentence)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("field", [field.name for field in fields(Plan)[3:]])
@pytest.mark.parametrize("value", ["-1", "1.5", '"5"', "[]", "{}", "2147483648", "nan", "2026-11-23"])
def test_no_field_takes_a_number_that_it_cannot_mean(field: str, value: str):
    spoilt = MINIMAL.replace("requests_per_minute = 1\n", "") + f"{field} = {value}\n"
    if field != "requests_per_minute":
        spoilt += "requests_per_minute = 1\n"
    spoilt = spoilt.replace('title = "Only"\n', 'title = "Only"\nrequests_per_minute = 1\n', 4)

    with pytest.raises(NotConfigured, match=rf"^p: \[soundpiece\.only\]: {field} must be "):
        Plans.parse(spoilt, "p")


@pytest.mark.parametrize("field", ["requests_per_minute", "burst", "jobs_at_once", "file_bytes", "file_seconds"])
def test_no_limit_that_would_let_nothing_through_is_zero(field: str):
    with pytest.raises(NotConfigured, match=f"{field} must be a whole number from 1"):
        Plans.parse(
            MINIMAL.replace("requests_per_minute = 1", f"requests_per_minute = 1\n{field} = 0")
            if field != "requests_per_minute"
            else MINIMAL.replace("= 1", "= 0"),
            "p",
        )


@pytest.mark.parametrize("title", ["", " ", " x", "x ", "a\\nb", "a\\u007fb", "x" * 61])
def test_a_title_that_cannot_be_shown_is_refused(title: str):
    with pytest.raises(NotConfigured, match="title must be 1 to 60 printable characters in quotes"):
        Plans.parse(MINIMAL.replace("Only", title), "p")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "latin1.toml").write_bytes("# Gerät\n".encode("latin-1"))

    for path, why in (
        (tmp_path / "none.toml", "No such file"),
        (tmp_path, "Is a directory"),
        (tmp_path / "latin1.toml", "not UTF-8"),
    ):
        with pytest.raises(NotConfigured, match=why) as refused:
            Plans.load(Settings(data=tmp_path, plans=path))
        assert str(path) in str(refused.value)


def test_the_operators_file_replaces_every_default(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(MINIMAL)

    plans = Plans.load(Settings(data=tmp_path, plans=tmp_path / "mine.toml"))

    assert [len(plans.of_service(service)) for service in Service] == [1] * 5


def test_without_a_file_the_documented_plans_are_in_force(tmp_path: Path):
    assert Plans.load(Settings(data=tmp_path)) == DOCUMENTED


def test_a_plan_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(Invalid, match=r"^blacklab has no plan 'gold'; it has: free, pro, enterprise\.$"):
        DOCUMENTED.of(Service.BLACKLAB, "gold")


@pytest.mark.parametrize(
    ("service", "name", "limits"),
    [
        # the services' own documents
        (Service.BLACKLAB, "free", {"requests_per_minute": 60, "burst": 10}),
        (Service.BLACKLAB, "pro", {"requests_per_minute": 300, "burst": 50}),
        (Service.BLACKLAB, "enterprise", {"requests_per_minute": 1000, "burst": 200}),
        (Service.MASTERIFY, "free", {"requests_per_minute": 5, "keys": 1, "webhooks": 1, "jobs_at_once": 1}),
        (Service.MASTERIFY, "starter", {"requests_per_minute": 30, "keys": 3, "webhooks": 5, "jobs_at_once": 2}),
        (Service.MASTERIFY, "pro", {"requests_per_minute": 60, "keys": 5, "webhooks": 10, "jobs_at_once": 5}),
        (Service.MASTERIFY, "studio", {"requests_per_minute": 120, "keys": 10, "webhooks": None, "jobs_at_once": 10}),
        (Service.SIGNALKEY, "free", {"api_access": False}),
        (Service.SIGNALKEY, "studio", {"requests_per_minute": 30, "requests_per_month": 1000, "keys": 5}),
        (Service.SIGNALKEY, "studio_plus", {"requests_per_minute": 120, "requests_per_month": 10_000, "keys": 5}),
        (Service.AUDIOLIB, "free", {"requests_per_minute": 60, "requests_per_month": 300}),
        (Service.AUDIOLIB, "paid", {"requests_per_month": None}),
        (Service.SOUNDPIECE, "standard", {"requests_per_minute": 60, "allow_list": False}),
        (Service.SOUNDPIECE, "enterprise", {"allow_list": True}),
    ],
)
def test_the_defaults_are_the_documented_numbers(service: Service, name: str, limits: dict[str, object]):
    plan = DOCUMENTED.of(service, name)

    assert {field: getattr(plan, field) for field in limits} == limits


def test_plans_are_ranked_from_the_lowest_to_the_highest():
    for service in Service:
        plans = DOCUMENTED.of_service(service)
        for lower, higher in pairwise(plans):
            assert lower.requests_per_minute <= higher.requests_per_minute
            assert lower.api_access <= higher.api_access
            assert lower.credits_per_month <= higher.credits_per_month


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading of the page."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else f"{value:,}"


def test_the_page_shows_every_plan_with_every_limit():
    head, _, *body = rows("The plans")
    columns = [
        "requests_per_minute",
        "burst",
        "requests_per_month",
        "jobs_at_once",
        "keys",
        "webhooks",
        "file_bytes",
        "file_seconds",
        "api_access",
        "allow_list",
        "credits_per_month",
    ]

    assert head == ["plan", *(f"`{column}`" for column in columns)]
    assert [[part.replace("*", "") for part in row] for row in body] == [
        [f"`{plan.service}.{plan.name}`", *(cell(getattr(plan, column)) for column in columns)] for plan in EVERY_PLAN
    ]


def test_the_page_explains_every_field():
    explained = [row[0] for row in rows("The file")[2:]]

    assert explained == [f"`{field.name}`" for field in fields(Plan) if field.name not in {"service", "name"}]


def test_the_example_on_the_page_is_a_plan():
    example = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]

    plan = Plans.parse(MINIMAL + example, "example").highest(Service.MASTERIFY)

    assert (plan.title, plan.requests_per_minute, plan.keys) == ("House", 600, 20)

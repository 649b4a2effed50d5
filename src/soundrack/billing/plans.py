"""What an account may do at a service: one file of plans, whose defaults are the documented numbers.

The file is TOML, one table a plan: ``[service.name]``. `docs/plans.md` explains its fields. Within a service the order
of the tables is the order of rank, the lowest first.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from soundrack.errors import Invalid, NotConfigured
from soundrack.service import Service
from soundrack.settings import Settings

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST_TITLE = 60
_LARGEST = 2**31 - 1
_FROM_THE_TABLE = ("service", "name")


@dataclass(frozen=True)
class Plan:
    """The limits of one plan at one service. None: no limit.

    Parameters
    ----------
    requests_per_minute : int
        Requests in any 60 s, at least 1.
    burst : int, optional
        Requests in any one second, at least 1.
    requests_per_month : int, optional
        Requests of the kind that the service counts, in a calendar month of UTC.
    jobs_at_once : int, optional
        Jobs that may be queued or under way.
    keys, webhooks : int, optional
        API keys and webhook endpoints that may exist at once.
    file_bytes, file_seconds : int, optional
        Size and length of an input.
    api_access : bool
        Whether keys of this plan open anything.
    allow_list : bool
        Whether the account may say from which networks its keys are accepted.
    credits_per_month : int
        Credits granted in each calendar month of UTC.
    """

    service: Service
    name: str
    title: str
    requests_per_minute: int
    burst: int | None = None
    requests_per_month: int | None = None
    jobs_at_once: int | None = None
    keys: int | None = None
    webhooks: int | None = None
    file_bytes: int | None = None
    file_seconds: int | None = None
    api_access: bool = True
    allow_list: bool = False
    credits_per_month: int = 0


_FIELDS = {field.name: field for field in fields(Plan) if field.name not in _FROM_THE_TABLE}
_AT_LEAST_ONE = {"requests_per_minute", "burst", "jobs_at_once", "file_bytes", "file_seconds"}


class Plans:
    """Every plan of every service; each service has at least one."""

    def __init__(self, plans: Mapping[Service, Mapping[str, Plan]]) -> None:
        self._plans = {service: dict(plans[service]) for service in Service}

    @classmethod
    def load(cls, settings: Settings) -> Plans:
        """Read the operator's file, or the documented plans where there is none.

        Raises
        ------
        NotConfigured
            If the file cannot be read or used; the sentence names the file, the plan and the field.
        """
        if settings.plans is None:
            return cls.documented()
        try:
            text = settings.plans.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise NotConfigured(f"The plans in {settings.plans} cannot be read: {why}.", field="plans") from None
        return cls.parse(text, str(settings.plans))

    @classmethod
    @cache
    def documented(cls) -> Plans:
        """Return the plans that the services document."""
        source = resources.files("soundrack.billing") / "plans.toml"
        return cls.parse(source.read_text(encoding="utf-8"), "plans.toml")

    @classmethod
    def parse(cls, text: str, source: str) -> Plans:
        """Read plans from TOML; `source` is what errors call the file.

        Raises
        ------
        NotConfigured
            As `load`.
        """
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise NotConfigured(f"{source} is not TOML: {error}.", field="plans") from None
        try:
            return cls(_read(tables))
        except Invalid as error:
            raise NotConfigured(f"{source}: {error}", field="plans") from None

    def of(self, service: Service, name: str) -> Plan:
        """Return a plan by name.

        Raises
        ------
        Invalid
            If the service has no such plan.
        """
        try:
            return self._plans[service][name]
        except KeyError:
            known = ", ".join(self._plans[service])
            raise Invalid(f"{service} has no plan {name!r}; it has: {known}.", field="plan") from None

    def of_service(self, service: Service) -> tuple[Plan, ...]:
        """Return a service's plans, the lowest first."""
        return tuple(self._plans[service].values())

    def default(self, service: Service) -> Plan:
        """Return the lowest plan: that of an account which was given none."""
        return self.of_service(service)[0]

    def highest(self, service: Service) -> Plan:
        """Return the plan of the highest rank."""
        return self.of_service(service)[-1]

    def to_toml(self) -> str:
        """Return a file that reads as these plans."""
        return "\n".join(_table(plan) for service in Service for plan in self.of_service(service))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plans):
            return NotImplemented
        return all(self.of_service(service) == other.of_service(service) for service in Service)

    __hash__ = None  # type: ignore[assignment]  # compared in tests, a key nowhere


def _read(tables: Mapping[str, Any]) -> dict[Service, dict[str, Plan]]:
    unknown = [name for name in tables if name not in set(Service)]
    if unknown:
        raise Invalid(f"there is no service {unknown[0]!r}; there is: {', '.join(Service)}.")
    plans: dict[Service, dict[str, Plan]] = {}
    for service in Service:
        of_service = tables.get(service)
        if not isinstance(of_service, dict) or not of_service:
            raise Invalid(f"{service} has no plan; each service needs at least one, such as [{service}.standard].")
        plans[service] = {name: _plan(service, name, values) for name, values in of_service.items()}
    return plans


def _plan(service: Service, name: str, values: Any) -> Plan:
    where = f"[{service}.{name}]"
    if not _NAME.fullmatch(name):
        raise Invalid(f"{where}: a plan's name is 1 to 40 of a-z, 0-9 and _, beginning with a letter.")
    if not isinstance(values, dict):
        raise Invalid(f"{where} is not a table of fields.")
    for field in values:
        if field not in _FIELDS:
            raise Invalid(f"{where} has an unknown field {field!r}; the fields are: {', '.join(_FIELDS)}.")
    for field, known in _FIELDS.items():
        if field not in values and known.default is MISSING:
            raise Invalid(f"{where} lacks the field {field!r}.")
    for field, value in values.items():
        problem = _problem(field, value)
        if problem:
            raise Invalid(f"{where}: {field} {problem}.")
    return Plan(service, name, **values)


def _problem(field: str, value: Any) -> str | None:
    """Return what is wrong with a value, as the rest of a sentence."""
    if field == "title":
        good = isinstance(value, str) and value.strip() == value and value.isprintable()
        if not good or not 1 <= len(value) <= _LONGEST_TITLE:
            return f"must be 1 to {_LONGEST_TITLE} printable characters in quotes"
        return None
    if isinstance(_FIELDS[field].default, bool):
        return None if isinstance(value, bool) else "must be true or false"
    least = 1 if field in _AT_LEAST_ONE else 0
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LARGEST:
        hint = "" if _FIELDS[field].default is not None else "; for no limit, leave it out"
        return f"must be a whole number from {least} to {_LARGEST}{hint}"
    return None


def _table(plan: Plan) -> str:
    lines = [f"[{plan.service}.{plan.name}]"]
    for name, field in _FIELDS.items():
        value = getattr(plan, name)
        if field.default is MISSING or value != field.default:
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"

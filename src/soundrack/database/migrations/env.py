"""Alembic's entry: runs on the connection that `migrate` holds."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from soundrack.database.tables import Moment, metadata


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Moment):
        autogen.imports.add("from soundrack.database.tables import Moment")
        return "Moment()"
    return False


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Leave the job engine's tables, which share the database on SQLite, alone."""
    return kind != "table" or name in metadata.tables


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=_render,
    include_object=_ours,
    render_as_batch=context.config.attributes.get("batch", False),
)
context.run_migrations()

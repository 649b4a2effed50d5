"""Steps of jobs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from soundrack.database.tables import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("followed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "job_steps",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("is_end", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_steps_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_job_steps")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_job_steps_job_id_number"), "job_steps", ["job_id", "number"], unique=True)
    op.create_index(
        "ix_job_steps_passed",
        "job_steps",
        ["at"],
        sqlite_where=sa.text("NOT is_end"),
        postgresql_where=sa.text("NOT is_end"),
    )


def downgrade() -> None:
    op.drop_table("job_steps")
    op.drop_column("jobs", "followed")

"""Sheets say which others they left together with, so that two files never differ by a few."""

import sqlalchemy as sa
from alembic import op

revision = "0040_release_groups"
down_revision = "0039_kept_attempts"

SHEET = sa.table(
    "survey_response",
    *map(sa.column, ("survey_id", "unit_id", "release_group")),
)
RELEASE = sa.table("dataset_release", *map(sa.column, ("survey_id", "unit_id")))


def upgrade() -> None:
    op.add_column(
        "survey_response",
        sa.Column("release_group", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
    )
    # Which sheets a file held that left before is not known any more: those that are there.
    left = sa.exists().where(
        RELEASE.c.survey_id == SHEET.c.survey_id, RELEASE.c.unit_id == SHEET.c.unit_id
    )
    op.execute(sa.update(SHEET).where(left).values(release_group=1))


def downgrade() -> None:
    op.drop_column("survey_response", "release_group")

"""The block of a unit, where an administrator chose it."""

import sqlalchemy as sa
from alembic import op

revision = "0026_unit_blocks"
down_revision = "0025_second_step"


def upgrade() -> None:
    op.add_column(
        "administrative_unit",
        sa.Column("block", sa.String(length=30), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_column("administrative_unit", "block")

"""Since which hour a device has stood, enrolled, at its place."""

import sqlalchemy as sa
from alembic import op

revision = "0017_placed_hour"
down_revision = "0016_slip_lists"


def upgrade() -> None:
    op.add_column("device", sa.Column("placed_hour", sa.DateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("device", "placed_hour")

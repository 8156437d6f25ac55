"""Accounts: since when they are stopped, and when their names were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0028_erased_accounts"
down_revision = "0027_survey_events"

ACCOUNT = sa.table(
    "account", sa.column("is_active", sa.Boolean), sa.column("inactive_since", sa.Date)
)


def upgrade() -> None:
    op.add_column("account", sa.Column("inactive_since", sa.Date(), nullable=True))
    op.add_column("account", sa.Column("erased_on", sa.Date(), nullable=True))
    # Since when they have been stopped is not known: their time runs from today.
    stopped = sa.update(ACCOUNT).where(ACCOUNT.c.is_active.is_(False))
    op.execute(stopped.values(inactive_since=sa.func.current_date()))


def downgrade() -> None:
    op.drop_column("account", "erased_on")
    op.drop_column("account", "inactive_since")

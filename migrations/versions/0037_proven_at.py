"""When who signed in last showed who they are: a provider may let a browser in without asking."""

import sqlalchemy as sa
from alembic import op

revision = "0037_proven_at"
down_revision = "0036_provider_logout"


def upgrade() -> None:
    op.add_column("sign_in", sa.Column("proven_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE sign_in SET proven_at = created_at WHERE NOT is_by_provider")


def downgrade() -> None:
    op.drop_column("sign_in", "proven_at")

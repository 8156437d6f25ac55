"""Passwords that were given by somebody else: until when they are good, and that they must go."""

import sqlalchemy as sa
from alembic import op

revision = "0038_given_passwords"
down_revision = "0037_proven_at"


def upgrade() -> None:
    op.add_column("account", sa.Column("password_given_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "password_given_at")

"""What the provider's word that a session has ended is checked by, and what it ends."""

import sqlalchemy as sa
from alembic import op

revision = "0036_provider_logout"
down_revision = "0035_moves_called_off"


def upgrade() -> None:
    op.create_table(
        "spent_logout",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spent_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_logout"),
    )
    op.add_column("account_identity", sa.Column("left_at", sa.DateTime(), nullable=True))
    op.add_column("sign_in", sa.Column("provider_session", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_in", "provider_session")
    op.drop_column("account_identity", "left_at")
    op.drop_table("spent_logout")

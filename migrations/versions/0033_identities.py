"""Whom a provider of another house knows: identities of accounts, and those that wait for one."""

import sqlalchemy as sa
from alembic import op

revision = "0033_identities"
down_revision = "0032_survey_plans"

TOLD = ("issuer", 255), ("subject", 255), ("told_name", 120), ("told_username", 120)


def told() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in TOLD]


def upgrade() -> None:
    op.create_table(
        "account_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        *told(),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_account_identity_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_identity_issuer_subject"),
        sa.UniqueConstraint("account_id", "issuer", name="uq_account_identity_account_id_issuer"),
    )
    op.create_table(
        "waiting_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        *told(),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_waiting_identity_issuer_subject"),
        sa.UniqueConstraint("reference", name="uq_waiting_identity_reference"),
    )
    op.add_column(
        "sign_in",
        sa.Column("is_by_provider", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("sign_in", "is_by_provider")
    op.drop_table("waiting_identity")
    op.drop_table("account_identity")

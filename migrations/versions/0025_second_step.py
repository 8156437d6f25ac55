"""A second step of signing in, recovery codes, who needs one; which browser signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0025_second_step"
down_revision = "0024_public_services"

ROLES = "role IN ('administrator', 'survey_manager', 'officer', 'clerk', 'leader', 'auditor')"


def upgrade() -> None:
    op.create_table(
        "second_step",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_second_step_account_id_account"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_step"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_recovery_code_account_id_account"
        ),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"])
    op.create_table(
        "required_second_step",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.CheckConstraint(ROLES, name="ck_required_second_step_known_role"),
        sa.PrimaryKeyConstraint("role", name="pk_required_second_step"),
    )
    op.add_column(
        "sign_in", sa.Column("browser", sa.String(length=60), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("sign_in", "browser")
    op.drop_table("required_second_step")
    op.drop_table("recovery_code")
    op.drop_table("second_step")

"""What somebody typed into a draft while others saved it, kept until it is decided on."""

import sqlalchemy as sa
from alembic import op

revision = "0039_kept_attempts"
down_revision = "0038_given_passwords"


def upgrade() -> None:
    op.create_table(
        "questionnaire_draft_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=f"fk_questionnaire_draft_attempt_{column}",  # PostgreSQL takes 63 characters
            )
            for column, table in (("draft_id", "questionnaire_draft"), ("account_id", "account"))
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire_draft_attempt"),
    )
    op.create_index(
        "ix_questionnaire_draft_attempt_draft_id_account_id",
        "questionnaire_draft_attempt",
        ["draft_id", "account_id"],
    )


def downgrade() -> None:
    op.drop_table("questionnaire_draft_attempt")

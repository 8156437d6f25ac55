"""Keyed forms that are keyed a second time, and what a survey wants of it."""

import sqlalchemy as sa
from alembic import op

revision = "0015_second_keying"
down_revision = "0014_recordings"


def upgrade() -> None:
    op.add_column(
        "survey",
        sa.Column(
            "second_keying_share",
            sa.Double(),
            sa.CheckConstraint(
                "second_keying_share >= 0 AND second_keying_share <= 1",
                name="ck_survey_second_keying_share_is_proportion",
            ),
            nullable=False,
            server_default="0.1",
        ),
    )
    op.add_column(
        "survey",
        sa.Column("same_clerk_may_repeat", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "second_keying",
        sa.Column("form_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("collection_point_id", sa.Integer(), nullable=False),
        sa.Column("form_number", sa.String(length=20), nullable=True),
        sa.Column("first_account_id", sa.Integer(), nullable=True),
        sa.Column("second_account_id", sa.Integer(), nullable=True),
        sa.Column("second_on", sa.Date(), nullable=True),
        sa.Column("decided_account_id", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("outcomes", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_second_keying_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["collection_point_id"],
            ["collection_point.id"],
            name="fk_second_keying_collection_point_id_collection_point",
        ),
        sa.ForeignKeyConstraint(
            ["first_account_id"],
            ["account.id"],
            name="fk_second_keying_first_account_id_account",
        ),
        sa.ForeignKeyConstraint(
            ["second_account_id"],
            ["account.id"],
            name="fk_second_keying_second_account_id_account",
        ),
        sa.ForeignKeyConstraint(
            ["decided_account_id"],
            ["account.id"],
            name="fk_second_keying_decided_account_id_account",
        ),
        sa.PrimaryKeyConstraint("form_key", name="pk_second_keying"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_second_keying_survey_id", "second_keying", ["survey_id"])


def downgrade() -> None:
    op.drop_table("second_keying")
    op.drop_column("survey", "same_clerk_may_repeat")
    op.drop_column("survey", "second_keying_share")

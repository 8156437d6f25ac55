"""Drafts of questionnaires and the states they can be taken back to."""

import sqlalchemy as sa
from alembic import op

revision = "0018_questionnaire_drafts"
down_revision = "0017_placed_hour"


def upgrade() -> None:
    op.create_table(
        "questionnaire_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("base_version_id", sa.Integer(), nullable=True),
        sa.Column("published_version_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state_number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_questionnaire_draft_revision_from_one"),
        sa.CheckConstraint("state_number >= 1", name="ck_questionnaire_draft_state_from_one"),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=f"fk_questionnaire_draft_{column}",  # PostgreSQL takes 63 characters
            )
            for column, table in (
                ("base_version_id", "questionnaire_version"),
                ("published_version_id", "questionnaire_version"),
                ("owner_id", "account"),
                ("changed_by", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire_draft"),
    )
    op.create_index("ix_questionnaire_draft_code", "questionnaire_draft", ["code"])
    op.create_table(
        "questionnaire_draft_state",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["questionnaire_draft.id"],
            name="fk_questionnaire_draft_state_draft_id_questionnaire_draft",
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["account.id"], name="fk_questionnaire_draft_state_saved_by_account"
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name="pk_questionnaire_draft_state"),
    )


def downgrade() -> None:
    op.drop_table("questionnaire_draft_state")
    op.drop_table("questionnaire_draft")

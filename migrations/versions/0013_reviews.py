"""Flags on answer sheets, and the decisions on flagged ones."""

import sqlalchemy as sa
from alembic import op

revision = "0013_reviews"
down_revision = "0012_api_keys"

FLAGGED = sa.text("flags <> 0")


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("verdict IN ('accepted', 'excluded')", name="ck_review_known_verdict"),
        sa.CheckConstraint("sheets >= 5", name="ck_review_is_about_several_sheets"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_review_survey_id_survey"),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["administrative_unit.id"], name="fk_review_unit_id_administrative_unit"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["review.id"], name="fk_review_replaces_id_review"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_review_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
    )
    op.create_index("ix_review_survey_id", "review", ["survey_id"])
    op.add_column(
        "survey_response",
        sa.Column("flags", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
    )
    # In one statement, which SQLite can do without making the table again.
    op.execute(
        "ALTER TABLE survey_response ADD COLUMN review_id INTEGER "
        "CONSTRAINT fk_survey_response_review_id_review REFERENCES review (id)"
    )
    op.create_index(
        "ix_survey_response_flagged",
        "survey_response",
        ["survey_id", "unit_id"],
        sqlite_where=FLAGGED,
        postgresql_where=FLAGGED,
    )


def downgrade() -> None:
    op.drop_index("ix_survey_response_flagged", "survey_response")
    op.execute("ALTER TABLE survey_response DROP COLUMN review_id")
    op.execute("ALTER TABLE survey_response DROP COLUMN flags")
    op.drop_table("review")

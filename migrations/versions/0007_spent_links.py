"""One-time links used a moment ago, and sheets found by their key alone."""

import sqlalchemy as sa
from alembic import op

revision = "0007_spent_links"
down_revision = "0006_report_jobs"


def upgrade() -> None:
    op.create_table(
        "spent_link",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_hash"],
            ["one_time_link.token_hash"],
            name="fk_spent_link_token_hash_one_time_link",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_spent_link"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_response_response_key", "survey_response", ["response_key"])


def downgrade() -> None:
    op.drop_index("ix_survey_response_response_key", "survey_response")
    op.drop_table("spent_link")

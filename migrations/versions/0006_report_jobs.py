"""Background jobs that make many reports."""

import sqlalchemy as sa
from alembic import op

revision = "0006_report_jobs"
down_revision = "0005_responses"


def upgrade() -> None:
    op.create_table(
        "report_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("unit_codes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("beat_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')",
            name="ck_report_job_known_state",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_report_job_account_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_report_job_survey_id_survey"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_job"),
    )
    op.create_index("ix_report_job_account_id", "report_job", ["account_id"])
    op.create_index("ix_report_job_state", "report_job", ["state"])


def downgrade() -> None:
    op.drop_table("report_job")

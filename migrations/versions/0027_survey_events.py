"""Surveys may pause; the turns of a survey are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0027_survey_events"
down_revision = "0026_unit_blocks"


def upgrade() -> None:
    op.create_table(
        "survey_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('status', 'period')", name="ck_survey_event_known_kind"),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_survey_event_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_survey_event_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey_event"),
    )
    op.create_index("ix_survey_event_survey_id", "survey_event", ["survey_id"])
    # In one statement, which SQLite can do without making the table again.
    op.execute(
        f"ALTER TABLE survey ADD COLUMN paused_at {_moment()} "
        "CONSTRAINT ck_survey_only_an_open_one_pauses "
        "CHECK (paused_at IS NULL OR status = 'open')"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE survey DROP COLUMN paused_at")
    op.drop_table("survey_event")


def _moment() -> str:
    return str(sa.DateTime().compile(dialect=op.get_bind().dialect))

"""A move to a later version may be called off while it waits; the turns of the survey say so."""

import sqlalchemy as sa
from alembic import op

revision = "0035_moves_called_off"
down_revision = "0034_versions_stay"

CHECK = "ck_survey_event_known_kind"
#: What PostgreSQL calls it since 0027: the convention of names was put before the whole name.
MADE_AS = f"ck_survey_event_{CHECK}"


def _table() -> sa.Table:
    """The table as SQLite makes it anew, without the check."""
    return sa.Table(
        "survey_event",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_survey_event_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_survey_event_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey_event"),
        sa.Index("ix_survey_event_survey_id", "survey_id"),
    )


def upgrade() -> None:
    _allow("'status', 'period', 'called_off'")


def downgrade() -> None:
    op.execute("DELETE FROM survey_event WHERE kind = 'called_off'")
    _allow("'status', 'period'")


def _allow(kinds: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in (CHECK, MADE_AS):
            op.execute(f"ALTER TABLE survey_event DROP CONSTRAINT IF EXISTS {name}")
    with op.batch_alter_table("survey_event", copy_from=_table()) as event:
        event.create_check_constraint(op.f(CHECK), f"kind IN ({kinds})")

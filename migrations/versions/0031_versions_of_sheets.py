"""Every sheet says by which version it was answered; surveys may move to a later version."""

import sqlalchemy as sa
from alembic import op

revision = "0031_versions_of_sheets"
down_revision = "0030_dataset_releases"

#: 0 is no version: a row that does not say which is read by nobody.
UNSAID = sa.text("0")
TABLES = ("survey_response", "second_keying")


def upgrade() -> None:
    op.create_table(
        "survey_move",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("former_number", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("number > former_number", name="ck_survey_move_moves_forward"),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_survey_move_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_survey_move_account_id_account"
        ),
        sa.PrimaryKeyConstraint("survey_id", "number", name="pk_survey_move"),
    )
    for table in TABLES:
        op.add_column(
            table,
            sa.Column("version_number", sa.SmallInteger(), nullable=False, server_default=UNSAID),
        )
        _fill_in(table)


def _fill_in(table: str) -> None:
    """Until now a survey had one version from its first sheet to its last."""
    rows = sa.table(table, sa.column("survey_id"), sa.column("version_number"))
    survey = sa.table("survey", sa.column("id"), sa.column("version_id"))
    version = sa.table("questionnaire_version", sa.column("id"), sa.column("number"))
    number = (
        sa.select(version.c.number)
        .join(survey, survey.c.version_id == version.c.id)
        .where(survey.c.id == rows.c.survey_id)
        .scalar_subquery()
    )
    op.execute(sa.update(rows).values(version_number=number))


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN version_number")
    op.drop_table("survey_move")

"""Every sheet says by which version it was answered; surveys may move to a later version.

The sheets of before are filled in. PostgreSQL keeps a default of the moment for the rows that are
there without writing them: the number that most sheets have is that default, only the others are
written, then the default is what it shall be (a million sheets, one in fifteen of another number:
4 s instead of 65, a quarter of the log). SQLite looks the default up whenever it reads such a row,
so it has to write them all; one statement over the whole table is the fastest of what was measured
(1.7 s a million; by groups of surveys 3.5, the table made anew 3.9). In batches would not be whole:
an upgrade that breaks off must leave nothing behind.
"""

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
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        usual = _usual_number(table) if is_postgresql else None
        default = UNSAID if usual is None else sa.text(str(usual))
        op.add_column(
            table,
            sa.Column("version_number", sa.SmallInteger(), nullable=False, server_default=default),
        )
        _fill_in(table, usual)
        if usual is not None:
            op.alter_column(table, "version_number", server_default=UNSAID)


SURVEY = sa.table("survey", sa.column("id"), sa.column("version_id"))
VERSION = sa.table("questionnaire_version", sa.column("id"), sa.column("number"))
OF_ITS_VERSION = SURVEY.c.version_id == VERSION.c.id


def _usual_number(table: str) -> int | None:
    """The number of the version that most rows are of; None where there are none."""
    rows = sa.table(table, sa.column("survey_id"))
    found = op.get_bind().execute(
        sa.select(VERSION.c.number)
        .join(SURVEY, OF_ITS_VERSION)
        .join(rows, rows.c.survey_id == SURVEY.c.id)
        .group_by(VERSION.c.number)
        .order_by(sa.func.count().desc(), VERSION.c.number)
        .limit(1)
    )
    number: int | None = found.scalar()
    return number


def _fill_in(table: str, usual: int | None) -> None:
    """Until now a survey had one version from its first sheet to its last. Rows that have the
    ``usual`` number already are not written."""
    rows = sa.table(table, sa.column("survey_id"), sa.column("version_number"))
    number = sa.select(VERSION.c.number).join(SURVEY, OF_ITS_VERSION)
    own = number.where(SURVEY.c.id == rows.c.survey_id).scalar_subquery()
    filling = sa.update(rows).values(version_number=own)
    if usual is not None:
        others = sa.select(SURVEY.c.id).join(VERSION, OF_ITS_VERSION)
        filling = filling.where(rows.c.survey_id.in_(others.where(VERSION.c.number != usual)))
    op.execute(filling)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN version_number")
    op.drop_table("survey_move")

"""The plan of a survey: its ways and languages, targets of single units, and its revision."""

import sqlalchemy as sa
from alembic import op

revision = "0032_survey_plans"
down_revision = "0031_versions_of_sheets"


def upgrade() -> None:
    op.add_column("survey", sa.Column("ways", sa.String(length=40), nullable=True))
    op.add_column("survey", sa.Column("languages", sa.String(length=200), nullable=True))
    op.add_column("survey", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    # In one statement, which SQLite can do without making the table again.
    op.execute(
        "ALTER TABLE survey_unit ADD COLUMN target INTEGER "
        "CONSTRAINT ck_survey_unit_target_positive CHECK (target IS NULL OR target > 0)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE survey_unit DROP COLUMN target")
    for column in ("revision", "languages", "ways"):
        op.drop_column("survey", column)

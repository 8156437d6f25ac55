"""That slips were made for a list of dossiers, not for which ones."""

import sqlalchemy as sa
from alembic import op

revision = "0016_slip_lists"
down_revision = "0015_second_keying"


def upgrade() -> None:
    op.create_table(
        "slip_list",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_slip_list_survey_id_survey"),
        sa.PrimaryKeyConstraint("digest", name="pk_slip_list"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_slip_list_survey_id", "slip_list", ["survey_id"])


def downgrade() -> None:
    op.drop_table("slip_list")

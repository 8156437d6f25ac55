"""How many sheets a unit had when its rows last left as data."""

import sqlalchemy as sa
from alembic import op

revision = "0030_dataset_releases"
down_revision = "0029_contact_requests"


def upgrade() -> None:
    op.create_table(
        "dataset_release",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.CheckConstraint("sheets >= 5", name="ck_dataset_release_never_few"),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_dataset_release_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_dataset_release_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("survey_id", "unit_id", name="pk_dataset_release"),
    )


def downgrade() -> None:
    op.drop_table("dataset_release")

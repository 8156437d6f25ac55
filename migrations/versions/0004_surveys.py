"""Surveys, their units, collection points and links."""

import sqlalchemy as sa
from alembic import op

revision = "0004_surveys"
down_revision = "0003_questionnaires"


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed')", name="ck_survey_known_status"),
        sa.CheckConstraint("ends_on >= starts_on", name="ck_survey_period_in_order"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name="fk_survey_version_id_questionnaire_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint("code", name="uq_survey_code"),
    )
    op.create_table(
        "survey_unit",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "population IS NULL OR population > 0", name="ck_survey_unit_population_positive"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_survey_unit_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_survey_unit_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("survey_id", "unit_id", name="pk_survey_unit"),
    )
    op.create_index("ix_survey_unit_unit_id", "survey_unit", ["unit_id"], unique=False)
    op.create_table(
        "collection_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("token", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_collection_point_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_collection_point_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_collection_point"),
        sa.UniqueConstraint("token", name="uq_collection_point_token"),
    )
    op.create_index(
        "ix_collection_point_survey_id", "collection_point", ["survey_id"], unique=False
    )
    op.create_index("ix_collection_point_unit_id", "collection_point", ["unit_id"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("collection_point_id", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_point_id"],
            ["collection_point.id"],
            name="fk_one_time_link_collection_point_id_collection_point",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_link"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_one_time_link_collection_point_id",
        "one_time_link",
        ["collection_point_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("one_time_link")
    op.drop_table("collection_point")
    op.drop_table("survey_unit")
    op.drop_table("survey")

"""Answer sheets and free texts."""

import sqlalchemy as sa
from alembic import op

revision = "0005_responses"
down_revision = "0004_surveys"


def upgrade() -> None:
    op.create_table(
        "survey_response",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("response_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("collection_point_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("received_hour", sa.DateTime(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('kiosk', 'phone', 'paper', 'interview', 'api')",
            name="ck_survey_response_known_mode",
        ),
        sa.ForeignKeyConstraint(
            ["collection_point_id"],
            ["collection_point.id"],
            name="fk_survey_response_collection_point_id_collection_point",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_survey_response_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_survey_response_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("unit_id", "response_key", name="pk_survey_response"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_survey_response_survey_id_unit_id",
        "survey_response",
        ["survey_id", "unit_id"],
        unique=False,
    )
    op.create_table(
        "free_text",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("response_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("question_code", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id", "response_key"],
            ["survey_response.unit_id", "survey_response.response_key"],
            name="fk_free_text_unit_id_response_key_survey_response",
        ),
        sa.PrimaryKeyConstraint("unit_id", "response_key", "question_code", name="pk_free_text"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("free_text")
    op.drop_table("survey_response")

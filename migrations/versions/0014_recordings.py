"""Spoken questions: one audio file for a question of a published version in a language."""

import sqlalchemy as sa
from alembic import op

revision = "0014_recordings"
down_revision = "0013_reviews"


def upgrade() -> None:
    op.create_table(
        "recording",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("question_code", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name="fk_recording_version_id_questionnaire_version",
        ),
        sa.PrimaryKeyConstraint("version_id", "question_code", "language", name="pk_recording"),
    )
    op.create_index("ix_recording_digest", "recording", ["digest"])


def downgrade() -> None:
    op.drop_table("recording")

"""Results of files that an account chose to keep."""

import sqlalchemy as sa
from alembic import op

revision = "0009_kept_analyses"
down_revision = "0008_samples"


def upgrade() -> None:
    op.create_table(
        "kept_analysis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('answers', 'ranks')", name="ck_kept_analysis_known_kind"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_kept_analysis_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_kept_analysis"),
    )
    op.create_index("ix_kept_analysis_account_id", "kept_analysis", ["account_id"])


def downgrade() -> None:
    op.drop_table("kept_analysis")

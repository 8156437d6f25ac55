"""Proposals to publish, whether a second person must approve them, and versions that are closed."""

import sqlalchemy as sa
from alembic import op

revision = "0021_publication_proposals"
down_revision = "0020_declarations"

LIVING = sa.text("state IN ('waiting', 'approved')")
STATES = "state IN ('waiting', 'returned', 'approved', 'published', 'withdrawn')"


def _proposals() -> None:
    op.create_table(
        "publication_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("declared", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(STATES, name="ck_publication_proposal_known_state"),
        sa.CheckConstraint(
            "reviewer_id IS NULL OR reviewer_id <> author_id",
            name="ck_publication_proposal_reviewed_by_another",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name="fk_publication_proposal_author_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["account.id"], name="fk_publication_proposal_reviewer_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name="fk_publication_proposal_version_id_questionnaire_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication_proposal"),
    )
    op.create_index(
        "ix_publication_proposal_living",
        "publication_proposal",
        ["code"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )


def upgrade() -> None:
    _proposals()
    op.create_table(
        "publishing_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_publishing_rule_single_row"),
        sa.PrimaryKeyConstraint("id", name="pk_publishing_rule"),
    )
    op.create_table(
        "version_closing",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
            name="fk_version_closing_version_id_questionnaire_version",
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name="fk_version_closing_closed_by_account"
        ),
        sa.PrimaryKeyConstraint("version_id", name="pk_version_closing"),
    )


def downgrade() -> None:
    op.drop_table("version_closing")
    op.drop_table("publishing_rule")
    op.drop_table("publication_proposal")

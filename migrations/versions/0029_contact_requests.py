"""Requests for a reply, and the surveys that offer one."""

import sqlalchemy as sa
from alembic import op

revision = "0029_contact_requests"
down_revision = "0028_erased_accounts"


def upgrade() -> None:
    op.create_table(
        "contact_offer",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days >= 1 AND days <= 365", name="ck_contact_offer_days_of_a_year"),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_contact_offer_survey_id_survey"
        ),
        sa.PrimaryKeyConstraint("survey_id", name="pk_contact_offer"),
    )
    op.create_table(
        "contact_request",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("key_name", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("is_mixed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(sealed IS NULL) = (answered_on IS NOT NULL)",
            name="ck_contact_request_sealed_until_answered",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_contact_request_survey_id_survey"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_contact_request_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contact_request"),
        sqlite_with_rowid=False,
    )
    for column in ("survey_id", "unit_id"):
        op.create_index(f"ix_contact_request_{column}", "contact_request", [column])


def downgrade() -> None:
    op.drop_table("contact_request")
    op.drop_table("contact_offer")

"""Units and their lineage."""

import sqlalchemy as sa
from alembic import op

revision = "0001_units"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "administrative_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=35), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("agency_name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("sort_key", sa.LargeBinary(length=600), nullable=False),
        sa.Column("search_key", sa.String(length=250), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from",
            name="ck_administrative_unit_dates_in_order",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["administrative_unit.id"],
            name="fk_administrative_unit_parent_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_administrative_unit"),
        sa.UniqueConstraint("code", name="uq_administrative_unit_code"),
    )
    op.create_index(
        "ix_administrative_unit_parent_id", "administrative_unit", ["parent_id"], unique=False
    )
    op.create_index(
        "ix_administrative_unit_search_key", "administrative_unit", ["search_key"], unique=False
    )
    op.create_table(
        "unit_succession",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["administrative_unit.id"],
            name="fk_unit_succession_predecessor_id_administrative_unit",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["administrative_unit.id"],
            name="fk_unit_succession_successor_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name="pk_unit_succession"),
    )


def downgrade() -> None:
    op.drop_table("unit_succession")
    op.drop_table("administrative_unit")

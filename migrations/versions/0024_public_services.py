"""Public services, and dossiers by receiving and resolving unit, service and month."""

import sqlalchemy as sa
from alembic import op

revision = "0024_public_services"
down_revision = "0023_account_grants"


def upgrade() -> None:
    op.create_table(
        "public_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(length=1600), nullable=False),
        sa.Column("search_key", sa.String(length=750), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_service"),
        sa.UniqueConstraint("code", name="uq_public_service_code"),
    )
    op.create_index("ix_public_service_field", "public_service", ["field"])
    op.create_table(
        "dossier_count",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("receiving_unit_id", sa.Integer(), nullable=False),
        sa.Column("resolving_unit_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("dossiers", sa.Integer(), nullable=False),
        sa.CheckConstraint("dossiers >= 0", name="ck_dossier_count_not_negative"),
        sa.ForeignKeyConstraint(
            ["receiving_unit_id"],
            ["administrative_unit.id"],
            name="fk_dossier_count_receiving_unit_id_administrative_unit",
        ),
        sa.ForeignKeyConstraint(
            ["resolving_unit_id"],
            ["administrative_unit.id"],
            name="fk_dossier_count_resolving_unit_id_administrative_unit",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["public_service.id"],
            name="fk_dossier_count_service_id_public_service",
        ),
        sa.PrimaryKeyConstraint(
            "month",
            "receiving_unit_id",
            "resolving_unit_id",
            "service_id",
            name="pk_dossier_count",
        ),
    )
    for column in ("receiving_unit_id", "resolving_unit_id", "service_id"):
        op.create_index(f"ix_dossier_count_{column}", "dossier_count", [column])


def downgrade() -> None:
    op.drop_table("dossier_count")
    op.drop_table("public_service")

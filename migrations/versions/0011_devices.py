"""Kiosk devices, and sheets that were abandoned after the main rating."""

import sqlalchemy as sa
from alembic import op

revision = "0011_devices"
down_revision = "0010_no_replaced_versions"


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_point_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("enrolment_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("enrolment_expires_at", sa.DateTime(), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("keeps_partial", sa.Boolean(), nullable=False),
        sa.Column("pin_salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("pin_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last_seen_hour", sa.DateTime(), nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("waiting_since_hour", sa.DateTime(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "idle_seconds >= 20 AND idle_seconds <= 600", name="ck_device_idle_seconds_in_range"
        ),
        sa.CheckConstraint("waiting >= 0 AND refused >= 0", name="ck_device_counts_not_negative"),
        sa.ForeignKeyConstraint(
            ["collection_point_id"],
            ["collection_point.id"],
            name="fk_device_collection_point_id_collection_point",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("enrolment_hash", name="uq_device_enrolment_hash"),
        sa.UniqueConstraint("key_hash", name="uq_device_key_hash"),
    )
    op.create_index("ix_device_collection_point_id", "device", ["collection_point_id"])
    op.add_column(
        "survey_response",
        sa.Column("is_partial", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("survey_response", "is_partial")
    op.drop_table("device")

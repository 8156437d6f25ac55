"""Keys of other software, and its requests for one-time links."""

import sqlalchemy as sa
from alembic import op

revision = "0012_api_keys"
down_revision = "0011_devices"


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opening", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.CheckConstraint("scopes <> ''", name="ck_api_key_has_scope"),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["administrative_unit.id"],
            name="fk_api_key_unit_id_administrative_unit",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("key_hash", name="uq_api_key_key_hash"),
    )
    op.create_table(
        "invitation_request",
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name="fk_invitation_request_api_key_id_api_key"
        ),
        sa.PrimaryKeyConstraint("api_key_id", "request_hash", name="pk_invitation_request"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_invitation_request_made_on", "invitation_request", ["made_on"])


def downgrade() -> None:
    op.drop_table("invitation_request")
    op.drop_table("api_key")
